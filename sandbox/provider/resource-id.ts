/** Splits `<project or group>:<rest>` at the first colon; null when there is none. */
export function parseTwoPartId(id: string): readonly [string, string] | null {
  const colon = id.indexOf(":");
  return colon < 0 ? null : [id.slice(0, colon), id.slice(colon + 1)];
}
