import type { ScriptPush } from "../../../estate/jobs/push-script";
import { ifSeen, isAbsent } from "../../../estate/reader";
import type { Facts } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";
import { isSame } from "../walk";

/** Tells whether what the job has checked out can be pushed the way it is pushed. */
export function examineCheckout(facts: Facts): Link[] {
  const best = facts.pipeline?.best;
  if (!best || best.toTarget === false) return [];
  const { push, job } = best;
  if (push.repository === "none") {
    return [
      wrong(
        "checkout",
        "no-repository",
        `job ${job.name} has GIT_STRATEGY ${job.variables.get("GIT_STRATEGY")} and clones nothing`,
      ),
    ];
  }
  if (push.strayRemote) {
    const detail = `job ${job.name} pushes to an address, and names ${push.strayRemote} after it`;
    return [wrong("checkout", "remote-after-address", detail)];
  }
  if (push.detached && push.bare && !push.deletes) {
    return [
      wrong(
        "checkout",
        "detached-head",
        `job ${job.name} pushes ${push.branch ?? "no named branch"} from the runner's detached checkout`,
      ),
    ];
  }
  const depth = depthOf(facts);
  if (shallowRefused(facts, push, depth)) {
    return [
      wrong(
        "checkout",
        "shallow-clone",
        `${depth} commits deep, and ${facts.walk.target} ${facts.walk.branch} has none of them`,
      ),
    ];
  }
  if (push.repository === "own") return [ok("checkout", "the job makes a clone of its own")];
  if (depth === undefined) return [unknown("checkout", "the depth of the clone is not shown to this token")];
  return [
    ok("checkout", depth === 0 ? "in full depth" : `${depth} commits deep, which a push on top of the branch bears`),
  ];
}

/** GIT_DEPTH of the job before the project's setting; 0 = everything, undefined = not known. */
function depthOf({ pipeline, source }: Facts): number | undefined {
  const given = pipeline?.best?.job.variables.get("GIT_DEPTH");
  if (given !== undefined) return Number.parseInt(given, 10) || 0;
  const setting = ifSeen(source)?.ci_default_git_depth;
  return setting === null ? 0 : setting;
}

/** Surely only where the target has nothing of the history: no commit at all, or no such branch of an unrelated project. */
function shallowRefused({ walk, target, branch }: Facts, push: ScriptPush, depth: number | undefined): boolean {
  if (push.repository !== "checkout" || push.complete || !depth || isSame(walk.source.path, walk.target)) return false;
  return ifSeen(target)?.empty_repo === true || (target.seen && isAbsent(branch));
}
