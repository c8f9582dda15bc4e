import { pushesIn, type ScriptPush } from "../../../estate/jobs/push-script";
import type { RefusalId } from "../../../gitlab/refusal";
import type { CauseId } from "../cause";

/** Stands for the job's own project, whose path the log need not tell. */
const OWN = "";

const JOB_TOKEN_USER = "gitlab-ci-token";

/** GitLab's answers (401) where it does not know the credential at all. */
const UNKNOWN_LOGIN: ReadonlySet<RefusalId> = new Set<RefusalId>([
  "access-denied",
  "authentication-failed",
  "unauthorized",
]);

const JOB_TOKEN: readonly CauseId[] = ["job-token-remote", "job-token-other-project"];

/**
 * The causes that are left when the commands up to the push are in the log: they are shown as they are written, so the last push tells
 * which credential it took. Of a block of several lines a runner shows the first only; then nothing is told.
 */
export function narrowed(id: RefusalId, causes: readonly CauseId[], commands: readonly string[]): readonly CauseId[] {
  if (commands.length === 0 || commands.some((command) => /# collapsed multi-line command/.test(command)))
    return causes;
  const push = pushesIn(commands.join("\n"), { project: OWN, variables: new Map(), checkout: true }).at(-1);
  if (!push) return causes;
  if (id === "no-such-ref") return missingRef(push);
  if (causes.includes("detached-head")) return some(causes, (cause) => (cause === "detached-head") === push.bare);
  const { credential } = push;
  const { kind } = credential;
  if (kind === "variable" || (kind === "other" && credential.what === "SSH"))
    return some(causes, (cause) => !JOB_TOKEN.includes(cause));
  if (kind !== "job-token") return causes;
  // GitLab knows a running job's token under this name: 401 tells of another credential, which the log does not show.
  if (UNKNOWN_LOGIN.has(id) && (credential.user ?? JOB_TOKEN_USER) === JOB_TOKEN_USER) return causes;
  // The runner's own origin is the job's own project.
  const own = push.project === OWN ? JOB_TOKEN.slice(0, 1) : JOB_TOKEN;
  return some(causes, (cause) => own.includes(cause));
}

/** The last push of the commands that a log shows. */
export function shownPush(commands: readonly string[]): ScriptPush | undefined {
  if (commands.some((command) => /# collapsed multi-line command/.test(command))) return undefined;
  return pushesIn(commands.join("\n"), { project: OWN, variables: new Map(), checkout: true }).at(-1);
}

/** A name that the checkout has not: that of a remote after an address, a branch where HEAD is detached, or just none. */
function missingRef(push: ScriptPush): readonly CauseId[] {
  if (push.strayRemote) return ["remote-after-address"];
  if (!push.detached) return ["source-ref-missing"];
  return push.bare ? ["detached-head"] : ["source-ref-missing", "detached-head"];
}

/** Those that fit; all of them when none does. */
function some(causes: readonly CauseId[], fits: (cause: CauseId) => boolean): readonly CauseId[] {
  const left = causes.filter(fits);
  return left.length > 0 ? left : causes;
}
