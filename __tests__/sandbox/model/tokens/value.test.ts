import { digestOf, newTokenValue } from "../../../../sandbox/model/tokens/value";

/** By table, where the code under test goes bit by bit; node:zlib has it only from Node 20.15 on. */
function crc32(text: string): number {
  const table = Array.from({ length: 256 }, (_, index) =>
    Array.from({ length: 8 }).reduce<number>((crc) => (crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1), index),
  );
  const crc = [...Buffer.from(text)].reduce((sum, byte) => table[(sum ^ byte) & 255]! ^ (sum >>> 8), 0xffffffff);
  return (crc ^ 0xffffffff) >>> 0;
}

test("GIVEN the reference checksum WHEN run on its standard input THEN it gives the standard value", () => {
  expect(crc32("123456789")).toBe(0xcbf43926);
});

test("GIVEN new tokens WHEN compared THEN they are routable, unique, maskable, and end in the checksum of the rest", () => {
  const values = Array.from({ length: 200 }, (_, index) => newTokenValue("glpat-", index + 1));
  expect(new Set(values).size).toBe(200);
  for (const value of values) {
    expect(value).toMatch(/^glpat-[\w-]{27,}\.01\.[0-9a-z]{9}$/);
    expect(value).toMatch(/^[a-zA-Z0-9_+=/@:.~-]{8,}$/);
    expect(crc32(value.slice(0, -7)).toString(36).padStart(7, "0")).toBe(value.slice(-7));
    expect(digestOf(value)).not.toContain(value);
  }
});
