import { type Attempt, pushedRefs } from "./attempt";
import { BEHIND } from "./behind";
import { isPush, type Surroundings } from "./believed";
import { hookWords, safely } from "./hook-words";
import type { RefusalKind } from "./kind";
import type { LoggedRefusal } from "./logged-refusal";

/** A refusal that only its form tells. */
export function formAlone(
  attempt: Attempt,
  refs: ReturnType<typeof pushedRefs>["refused"],
  told: readonly LoggedRefusal[],
  around: Surroundings,
): LoggedRefusal[] {
  const unknown = (line: number, kind: RefusalKind, words: string): LoggedRefusal => ({
    id: "unknown",
    line,
    words: safely(words),
    causes: [],
    kind,
  });
  if (refs.length > 0) {
    const left = refs.filter(({ known }) => known === undefined);
    const declined = left.find(({ git }) => /hook declined|^declined$/.test(git.why ?? ""));
    if (declined && !told.some(({ id }) => !CHATTER.has(id))) {
      const said = hookWords(attempt);
      // GitLab's own check of the branch rules is a hook like any other, and its words may be lost.
      const causes = said ? BEHIND["server-hook"] : [...BEHIND["branch-denied"], ...BEHIND["server-hook"]];
      const words = said || (declined.git.why as string);
      return [{ id: "server-hook", line: declined.number, words, causes, kind: "hook" }];
    }
    return left
      .filter(({ git }) => !/hook declined|^declined$/.test(git.why ?? "") && told.length === 0)
      .map(({ git, number }) =>
        unknown(number, git.byServer ? "server" : "git", git.why ?? "refused without a reason"),
      );
  }
  if (told.length > 0) return [];
  const push = attempt.does === "push" || isPush(attempt);
  for (const [at, { git, text, number }] of attempt.lines.entries()) {
    if (git?.kind !== "fatal" && git?.kind !== "failed") continue;
    const counts = push || (git.address !== undefined && (attempt.does === "script" || attempt.does === "unseen"));
    if (!counts) continue;
    if (/Could not read from remote repository/.test(text))
      return [unknown(number, "ssh", saidBefore(attempt, at) ?? text)];
    if (/\berror: 4\d\d\b/.test(text)) return [unknown(number, "login", hookWords(attempt) || text)];
    if (/failed to push some refs/.test(text)) return [unknown(number, "git", saidBefore(attempt, at) ?? text)];
    return [unknown(number, /unable to access|\berror: \d{3}/.test(text) ? "transport" : "git", text)];
  }
  const succeeded =
    attempt.lines.some(({ git }) => git?.kind === "up-to-date") || pushedRefs(attempt).accepted.length > 0;
  if (
    attempt.does === "write" &&
    around.fatal &&
    QUIET_COMMIT.test(attempt.command ?? "") &&
    attempt.lines.length === 0
  )
    return [
      {
        id: "nothing-to-commit",
        line: attempt.number,
        words: "git commit failed without a word",
        causes: BEHIND["nothing-to-commit"],
      },
    ];
  if (attempt.does !== "push" || succeeded || !around.fatal) return [];
  const last = attempt.lines.at(-1)?.text;
  return [unknown(attempt.number, "job", `the job failed at its git push${last ? `, after: ${last}` : ""}`)];
}

/** The words of ssh, or of a hook of the checkout, before Git gave up. */
const saidBefore = ({ lines }: Attempt, at: number): string | undefined => {
  const before = lines[at - 1];
  return before && !before.git && !/^Warning: /.test(before.text) ? before.text : undefined;
};

/** With `-q` it does not even say that nothing had changed. */
const QUIET_COMMIT = /\bgit\b[^;&|]*\bcommit\b[^;&|]*\s(?:-\w*q\w*|--quiet)\b/;

/** Said beside a hook's refusal without being its reason. */
const CHATTER: ReadonlySet<string> = new Set(["lfs-tool-missing"]);
