import { withoutTokens } from "../../gitlab/problem";
import { type Refusal, type RefusalId, refusalsIn, withoutControls } from "../../gitlab/refusal";
import type { CauseId } from "./cause";
import { pushesIn, type ScriptPush } from "./push-script";

/** What the log of a job tells of its push, without asking GitLab. */
export interface JobLog {
  readonly refusals: readonly LoggedRefusal[];
  /** The ref the pipeline ran for. */
  readonly ref?: string;
  /** Full path of the project pushed to, as Git names it. */
  readonly target?: string;
  readonly branch?: string;
}

export interface LoggedRefusal extends Refusal {
  /** What may lie behind it, the likeliest first; one where the text leaves no doubt. */
  readonly causes: readonly CauseId[];
}

const RULES: readonly CauseId[] = [
  "rule-level-above-role",
  "rule-no-one",
  "wildcard-closes",
  "rule-bot-not-listed",
  "rule-inherited",
];

/** GitLab answers an empty, a dead, an unknown and a foreign credential alike. */
const DENIED: readonly CauseId[] = [
  "variable-protected-ref-unprotected",
  "token-expired",
  "token-revoked",
  "variable-missing",
  "variable-empty",
  "variable-environment",
  "merge-request-pipeline",
  "variable-other-key",
  "variable-shadowed",
  "variable-file",
  "variable-unmaskable",
  "token-missing",
  "token-unknown",
  "token-wrong-project",
  "push-other-project",
  // With another user name than gitlab-ci-token, or after the job has ended.
  "job-token-remote",
];

const BEHIND: Readonly<Record<RefusalId, readonly CauseId[]>> = {
  "empty-unprotected": ["variable-protected-ref-unprotected"],
  "empty-merge-request": ["merge-request-pipeline"],
  "empty-environment": ["variable-environment"],
  empty: [
    "variable-protected-ref-unprotected",
    "variable-missing",
    "variable-environment",
    "merge-request-pipeline",
    "variable-empty",
    "variable-other-key",
  ],
  "holds-path": ["variable-file"],
  "holds-job-token": ["job-token-remote"],
  "holds-blanks": ["variable-unmaskable", "token-unknown"],
  "job-token-not-allowed": ["job-token-other-project"],
  "job-token-no-permission": ["job-token-other-project"],
  "access-denied": DENIED,
  "authentication-failed": DENIED,
  "no-credential": ["no-credential"],
  // Before GitLab 17.2 the job token was answered like this.
  "upload-denied": ["token-scope", "job-token-remote"],
  "download-denied": ["token-scope", "token-role"],
  "push-denied": ["job-token-remote", "job-token-other-project", "token-role", "token-wrong-project"],
  "project-not-found": ["project-missing"],
  "repository-missing": ["repository-missing"],
  archived: ["project-archived"],
  "repository-read-only": ["repository-read-only"],
  "instance-read-only": ["instance-read-only"],
  "http-disabled": ["http-disabled"],
  "login-ban": ["login-ban"],
  "force-denied": ["rule-force-push"],
  "branch-denied": RULES,
  "create-denied": RULES,
  "delete-denied": ["branch-deletion"],
  "sha-name": ["branch-name-sha"],
  "no-default-branch": ["repository-empty"],
  "code-owners": ["rule-code-owner"],
  "push-rule": ["push-rule"],
  "tag-denied": ["tag-protected"],
  "hidden-ref": ["ref-hidden"],
  gitaly: ["gitaly-unavailable"],
  "timed-out": ["push-timed-out"],
  "no-such-ref": ["detached-head"],
  "not-on-a-branch": ["detached-head"],
  "no-full-refname": ["branch-missing", "push-other-branch", "detached-head"],
  "no-remote-ref": ["branch-missing"],
  "no-repository": ["no-repository"],
  shallow: ["shallow-clone"],
  "fetch-first": ["fetch-first"],
  unmaskable: ["variable-unmaskable"],
  "broken-address": ["variable-file", "variable-unmaskable", "token-unknown"],
  unreachable: ["gitlab-unreachable"],
  forbidden: ["job-token-remote", "token-role", "token-scope", "login-ban"],
  unavailable: ["gitaly-unavailable"],
};

/** Reads a job's log. It may be cut off, and hold anything: nothing of it is quoted but the words that were recognised. */
export function readJobLog(text: string): JobLog {
  const lines = text.split("\n").map(withoutControls);
  const push = lastPush(lines);
  const refusals = refusalsIn(text).map((refusal) => ({ ...refusal, causes: narrowed(BEHIND[refusal.id], push) }));
  const safe = lines.map(withoutTokens);
  return { refusals, ref: find(safe, /as detached HEAD \(ref is (.+?)\)/), ...whither(safe) };
}

/**
 * The log shows the commands of the script as they are written, so the last push tells which credential it took. Of a block of several
 * lines a runner shows the first only; then nothing is told.
 */
function lastPush(lines: readonly string[]): ScriptPush | undefined {
  const script = lines.filter((line) => line.startsWith("$ ")).map((line) => line.slice(2));
  if (script.some((line) => /# collapsed multi-line command/.test(line))) return undefined;
  return pushesIn(script.join("\n"), { project: OWN, variables: new Map(), checkout: true }).at(-1);
}

/** Stands for the job's own project, whose path the log need not tell. */
const OWN = "";

const JOB_TOKEN: readonly CauseId[] = ["job-token-remote", "job-token-other-project"];

/** What is left of the causes when the push itself is in the log. */
function narrowed(causes: readonly CauseId[], push: ScriptPush | undefined): readonly CauseId[] {
  if (!push) return causes;
  if (causes.includes("detached-head")) return some(causes, (cause) => (cause === "detached-head") === push.bare);
  const { kind } = push.credential;
  if (kind === "variable") return some(causes, (cause) => !JOB_TOKEN.includes(cause));
  if (kind !== "job-token") return causes;
  // The runner's own origin is the job's own project.
  const own = push.project === OWN ? JOB_TOKEN.slice(0, 1) : JOB_TOKEN;
  return some(causes, (cause) => own.includes(cause));
}

/** Those that fit; all of them when none does. */
function some(causes: readonly CauseId[], fits: (cause: CauseId) => boolean): readonly CauseId[] {
  const left = causes.filter(fits);
  return left.length > 0 ? left : causes;
}

function whither(lines: readonly string[]): Pick<JobLog, "target" | "branch"> {
  const address = find(
    lines,
    /(?:unable to access|Authentication failed for|repository|failed to push some refs to|^To) '?(https?:\/\/[^\s']+)/,
  );
  const branch = find(lines, /^! \[(?:remote )?rejected\]\s+(?:\S+ -> )?(\S+)/);
  return {
    ...(address && URL.canParse(address)
      ? { target: new URL(address).pathname.replace(/^\//, "").replace(/(\.git)?\/?$/, "") }
      : {}),
    ...(branch === undefined ? {} : { branch }),
  };
}

function find(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match) return match[1];
  }
  return undefined;
}
