import { withoutTokens } from "../../../gitlab/problem";
import { libraryLine } from "./library-line";

/** The meaning of a line by Git's own form, whatever words and language stand in it. */
export type GitLine =
  /** The header of a push's result. */
  | { readonly kind: "to"; readonly address: string }
  /** The header of a fetch's, in whatever language: that of a push is never translated. */
  | { readonly kind: "from" }
  | RefusedRef
  | { readonly kind: "accepted"; readonly to: string }
  | { readonly kind: "up-to-date" }
  /** `error: failed to push some refs to …`, or an error in another language that names an address. */
  | { readonly kind: "failed"; readonly address?: string }
  | { readonly kind: "fatal"; readonly address?: string }
  | { readonly kind: "remote"; readonly words: string };

/** `! [remote rejected] HEAD -> main (pre-receive hook declined)`. */
export interface RefusedRef {
  readonly kind: "refused";
  /** The server said no; else Git did, before it sent anything. */
  readonly byServer: boolean;
  readonly to: string;
  readonly why?: string;
}

const ADDRESS = "((?:https?|ssh|git)://[^\\s'\"»”」]+|[\\w.-]+@[\\w.-]+:[^\\s'\"»”」]+)";
const HEADER = new RegExp(`^(\\S+) ${ADDRESS}$`);
const NAMED = new RegExp(`^([^\\s:：'"]{3,20})\\s?[:：]\\s?.*['"«„“]${ADDRESS}['"»”]`);

/** Reads Git's form in a line; undefined where there is none. */
export function gitLine(text: string): GitLine | undefined {
  const refused =
    /^! \[([^\]]+)\]\s+(\S+)(?:\s+->\s+(\S+))?(?:\s+\((.*)\))?$/.exec(text) ??
    // git push --porcelain
    reordered(/^!\s+(\S*:\S+)\s+\[([^\]]+)\](?:\s+\((.*)\))?$/.exec(text));
  if (refused) {
    const [, how = "", from = "", to = from, why] = refused;
    return { kind: "refused", byServer: /^remote /.test(how), to: branchOf(to), ...(why ? { why } : {}) };
  }
  const accepted =
    /^(?:[*+-]\s+)?(?:\[[^\]]+\]|[0-9a-f]{4,64}\.{2,3}[0-9a-f]{4,64})\s+\S+\s+->\s+(\S+)(?:\s+\(.*\))?$/.exec(text) ??
    /^-\s+\[[^\]]+\]\s+(\S+)$/.exec(text) ??
    /^(?:[*+-]\s+)?\S*:(\S+)\s+(?:\[[^\]]+\]|[0-9a-f]{4,64}\.{2,3}[0-9a-f]{4,64})(?:\s+\(.*\))?$/.exec(text);
  if (accepted) return { kind: "accepted", to: branchOf(accepted[1] as string) };
  if (/^Everything up-to-date$|^=\s+\S*:\S+\s+\[/.test(text)) return { kind: "up-to-date" };
  const words = /^remote: ?(.*)$/.exec(text)?.[1] ?? /^(GitLab: .*)$/.exec(text)?.[1];
  if (words !== undefined) return { kind: "remote", words: words.trim() };
  return libraryLine(text) ?? headerOrError(text);
}

function headerOrError(text: string): GitLine | undefined {
  const [, word, address] = HEADER.exec(text) ?? [];
  if (word === "To" && address) return { kind: "to", address };
  // A translated one has a word of its own; `warning: https://…` has not.
  if (word && address && /^\p{L}+$/u.test(word)) return { kind: "from" };
  const failed = /(?:^|\s)error: failed to push some refs(?: to '(.*)')?/.exec(text);
  if (failed) return { kind: "failed", ...(failed[1] ? { address: failed[1] } : {}) };
  const [, speaker = "", named] = NAMED.exec(text) ?? [];
  if (/^fatal$|^schwerwiegend$|^ödesdigert$|^致命/iu.test(speaker) || /(?:^|\s)fatal: /.test(text))
    return { kind: "fatal", ...(named ? { address: named } : {}) };
  if (named && !/^(?:hint|warning|remote|npm|Cloning|info|http|https|Submodule)$/i.test(speaker))
    return { kind: "failed", address: named };
  return undefined;
}

function reordered(match: RegExpExecArray | null): (string | undefined)[] | null {
  if (!match) return null;
  const [whole, refs = "", how, why] = match;
  const [from, to] = refs.split(":");
  return [whole, how, from, to, why];
}

/** The project of an address that a command spells out; a variable in its password hides nothing of that. */
export function projectIn(command: string | undefined): string | undefined {
  const [, given] = new RegExp(`(?:^|\\s)["']?${ADDRESS}`).exec(command ?? "") ?? [];
  const plain = given?.replace(/:\/\/[^/@]*@/, "://");
  return plain === undefined || /[$`]/.test(plain) ? undefined : projectOf(plain);
}

const branchOf = (ref: string): string => ref.replace(/^refs\/heads\//, "");

/** The full path of a project in the address of its repository. */
export function projectOf(address: string): string | undefined {
  const [, ssh] = /^[\w.-]+@[\w.-]+:(?!\/\/)(.*)$/.exec(address) ?? [];
  const path = ssh ?? (URL.canParse(address) ? new URL(address).pathname : undefined);
  const plain = path?.replace(/^\/+/, "").replace(/(\.git)?\/*$/, "");
  return plain ? withoutTokens(plain) : undefined;
}
