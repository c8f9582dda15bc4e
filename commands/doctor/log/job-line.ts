import { REFUSALS, type RefusalId, refusalOf } from "../../../gitlab/refusal";

/** The words of `templates/push.yml` about its own doing, in the lines after `push:`. */
export type JobLine =
  | { readonly kind: "pushed"; readonly branch: string }
  | { readonly kind: "nothing" }
  /** It tries again. */
  | { readonly kind: "again" }
  | { readonly kind: "script-failed"; readonly code: string }
  /** It ends here; the id is undefined where a newer job knows one that is not known here. */
  | { readonly kind: "refused"; readonly id?: RefusalId; readonly words: string };

const IDS: ReadonlySet<string> = new Set(REFUSALS.map(({ id }) => id));

/** Reads a line of the push job: by the id in brackets, or in logs of older jobs by its words. */
export function jobLine(text: string): JobLine | undefined {
  const [, said] = /^push: (.*)$/.exec(text) ?? [];
  if (said === undefined) return undefined;
  const [, branch] = /^pushed [0-9a-f]{7,64} to '(.*)' of \S+$/.exec(said) ?? [];
  if (branch !== undefined) return { kind: "pushed", branch };
  if (/^nothing to push\b/.test(said)) return { kind: "nothing" };
  if (/: try \d+ of \d+ follows$/.test(said)) return { kind: "again" };
  const [, code] = /^the script ended with exit code (\d+)/.exec(said) ?? [];
  if (code !== undefined) return { kind: "script-failed", code };
  if (/^for the whole way /.test(said)) return undefined;
  const [, given] = / \[([a-z-]+)\]$/.exec(said) ?? [];
  const words = said.replace(/ \[[a-z-]+\]$/, "").replace(/^(?:refused|gave up after \d+ tries): /, "");
  if (given !== undefined && IDS.has(given)) return { kind: "refused", id: given as RefusalId, words };
  const known = refusalOf(text);
  const ends = given !== undefined || /^(?:refused|gave up after \d+ tries): /.test(said);
  if (!ends && known?.by !== "job" && known?.id !== "no-git") return undefined;
  return { kind: "refused", ...(known ? { id: known.id } : {}), words };
}
