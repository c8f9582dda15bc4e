import { distance } from "fastest-levenshtein";
import { isAbsent } from "../../../estate/reader";
import type { Facts } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";

/** Edits up to which another branch's name is taken for the one that was meant. */
const TYPO = 2;

/** Tells whether the branch is there, and may have that name. */
export function examineBranch({ branch, walk, target, pipeline, similarBranch }: Facts): Link[] {
  if (!target.seen || target.value.empty_repo) return [];
  const { branch: name } = walk;
  if (/^[0-9a-f]{40}$/i.test(name)) return [wrong("branch", "branch-name-sha", `${name} reads like a commit`)];
  const push = pipeline?.best?.toTarget === false ? undefined : pipeline?.best?.push;
  if (push?.deletes && push.branch === name && name === target.value.default_branch) {
    return [wrong("branch", "branch-deletion", `the job deletes ${name}, the default branch`)];
  }
  const gone = push?.deletes && push.branch === name && isAbsent(branch);
  if (gone) return [ok("branch", `${name} is gone already`)];
  if (branch.seen) return [ok("branch", `${name} exists`)];
  if (!isAbsent(branch)) return [unknown("branch", `${name} is not shown to this token`)];
  const near = nearMiss(name, similarBranch);
  const hint = similarBranch ? `; there is ${similarBranch}` : "";
  const detail = `${walk.target} has no branch ${name}${hint}`;
  if (pipeline?.best?.toBranch === true && (push?.qualified || push?.detached === false)) {
    return near
      ? [wrong("branch", "branch-missing", detail)]
      : [ok("branch", `${name} does not exist yet; the push makes it`)];
  }
  return near || walk.asked || pipeline?.best?.toBranch === true
    ? [wrong("branch", "branch-missing", detail)]
    : [unknown("branch", detail)];
}

/** `Main` for `main`, `mian` for `main`; `release/1.1` beside `release/1.0` is a new branch. */
function nearMiss(name: string, similar: string | undefined): boolean {
  if (similar === undefined) return false;
  return name.toLowerCase() === similar.toLowerCase() || (!/\d/.test(name) && distance(name, similar) <= TYPO);
}
