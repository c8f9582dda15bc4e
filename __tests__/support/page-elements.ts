/** An element of a page as a browser would read it, with what is in it. */
export interface Element {
  readonly tag: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: (Element | string)[];
}

/** Elements that have no end. */
const VOID = new Set(["meta", "input", "rect", "line"]);
/** Elements whose text is no HTML. */
const RAW = new Set(["style", "script"]);
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-zA-Z][\w-]*(?:="[^"]*")?)*)\s*\/?>/y;
const ATTRIBUTE = /([a-zA-Z][\w-]*)(?:="([^"]*)")?/g;

/** Reads a page that is written by the rules. @throws Error at the first thing in it that is not */
export function pageElements(page: string): Element {
  const root: Element = { tag: "", attributes: new Map(), children: [] };
  const open = [root];
  let at = "<!doctype html>".length;
  if (!page.startsWith("<!doctype html>")) throw new Error("no doctype");
  while (at < page.length) {
    const inside = open.at(-1)!;
    const next = page.indexOf(RAW.has(inside.tag) ? `</${inside.tag}>` : "<", at);
    const end = next < 0 ? page.length : next;
    if (end > at) inside.children.push(RAW.has(inside.tag) ? page.slice(at, end) : decoded(page.slice(at, end)));
    if (end === page.length) break;
    TAG.lastIndex = end;
    const [whole, close, tag, attributes] = TAG.exec(page) ?? [];
    if (whole === undefined) throw new Error(`no tag: ${page.slice(end, end + 60)}`);
    at = end + whole.length;
    if (close) {
      if (open.pop()?.tag !== tag) throw new Error(`</${tag}> closes <${inside.tag}>`);
      continue;
    }
    const found = [...attributes!.matchAll(ATTRIBUTE)].map(([, key, value = ""]) => [key!, decoded(value)] as const);
    const element: Element = { tag: tag!, attributes: new Map(found), children: [] };
    inside.children.push(element);
    if (!VOID.has(tag!)) open.push(element);
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.tag}> is not closed`);
  return root;
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d+)|(\w+));|&/g, (found, code: string | undefined, word: string | undefined) => {
    const character = code ? String.fromCodePoint(Number(code)) : NAMED[word ?? ""];
    if (character === undefined) throw new Error(`not escaped: ${found}`);
    return character;
  });
}

/** Every element below one, itself left out. */
export const elementsIn = (element: Element): Element[] =>
  element.children.flatMap((child) => (typeof child === "string" ? [] : [child, ...elementsIn(child)]));

export const withTag = (element: Element, tag: string): Element[] =>
  elementsIn(element).filter((each) => each.tag === tag);

/** What a reader reads of it. */
export const textOf = (element: Element): string =>
  element.children.map((child) => (typeof child === "string" ? child : textOf(child))).join("");
