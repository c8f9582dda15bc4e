import { withoutTokens } from "../../../gitlab/problem";
import type { Attempt } from "./attempt";

/** Most of a hook's words that are quoted, in characters. */
const MOST_QUOTED = 240;

/** Lines of a server about its work, whatever comes of it. */
const PROGRESS =
  /^(?:Resolving deltas|(?:Counting|Compressing|Enumerating) objects|Total \d|Processed \d|Checking connectivity)/;

/** The words of the server's hook; frames and empty lines left out. */
export function hookWords({ lines }: Attempt): string {
  const said = lines.flatMap(({ git }) => (git?.kind === "remote" ? [git.words] : []));
  const plain = said
    .map((words) => words.replace(/^GitLab:\s*/, "").trim())
    .filter((words) => /\p{L}/u.test(words) && !PROGRESS.test(words));
  return safely(plain.join(" "));
}

/** Without tokens, passwords in addresses, and more than a reader wants. */
export const safely = (text: string): string =>
  withoutTokens(text.replace(/(\w+:\/\/)[^\s/@]*@/g, "$1"))
    .slice(0, MOST_QUOTED)
    .trim();
