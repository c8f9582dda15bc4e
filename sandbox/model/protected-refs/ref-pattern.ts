const compiled = new Map<string, RegExp>();

/** Tells whether a rule's name covers a branch or tag: exact, or with `*` for any text, `/` included. Case-sensitive. */
export function refMatches(pattern: string, ref: string): boolean {
  if (!pattern.includes("*")) return pattern === ref;
  let expression = compiled.get(pattern);
  if (!expression) {
    const source = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    expression = new RegExp(`^${source.join(".*")}$`, "s");
    compiled.set(pattern, expression);
  }
  return expression.test(ref);
}
