import { createHash, randomBytes } from "node:crypto";

/**
 * A new secret in GitLab's routable shape: `<prefix><base64url payload>.<version>.<length and CRC-32, base 36>`.
 * It holds dots and is longer than the 20 characters older tokens had.
 */
export function newTokenValue(prefix: string, ownerId: number): string {
  const payload = Buffer.concat([Buffer.from(`o:1\nu:${ownerId.toString(36)}\n`), randomBytes(16)]).toString(
    "base64url",
  );
  const head = `${prefix}${payload}.01.${payload.length.toString(36).padStart(2, "0")}`;
  return head + crc32(head).toString(36).padStart(7, "0");
}

/** The digest that the store keeps instead of a secret. */
export function digestOf(value: string): string {
  return createHash("sha256").update(value).digest("base64");
}

// zlib.crc32 came with Node 20.15; we run from 20.9 on.
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
