/** How a secret may look in a log or a file: as it is, URL-encoded, and in Base64 at each of its three alignments, both alphabets. */
export function formsOf(secret: string): string[] {
  const forms = new Set([secret, encodeURIComponent(secret), percentEncoded(secret)]);
  for (const before of ["", ":", "::"]) {
    const encoded = Buffer.from(before + secret).toString("base64url");
    // What stands before and after the secret decides the characters that share bits with it.
    const own = encoded.slice(
      Math.ceil((before.length * 4) / 3),
      Math.floor(((before.length + secret.length) * 4) / 3),
    );
    forms.add(own);
    forms.add(own.replaceAll("-", "+").replaceAll("_", "/"));
  }
  return [...forms];
}

function percentEncoded(text: string): string {
  return [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}
