import { isAbsent } from "../../../estate/reader";
import type { JobPush } from "../chosen-push";
import { type Facts, onlyMergeRequests, type Pipeline } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";
import type { Walk } from "../walk";

/** Tells whether a job of the source is in a pipeline of the right branch, and pushes to the right place. */
export function examineJob({ walk, source, pipeline, variable }: Facts): Link[] {
  if (!source) return [unknown("job", `jobs of the projects below group ${walk.source.path}: name one with --source`)];
  if (isAbsent(source)) return [wrong("project", "project-missing", `the source ${walk.source.path}: 404`)];
  if (!pipeline) return [unknown("job", `${walk.source.path} is not shown to this token`)];
  const { lint, ref } = pipeline;
  if (!lint.seen) return [unknown("job", `the CI configuration of ${walk.source.path} is not shown to this token`)];
  if (!lint.value.valid) return [invalid(lint.value.errors, ref)];
  if (!pipeline.best) return [withoutPush(walk, pipeline)];
  const { best } = pipeline;
  if (best.toTarget === false) return [elsewhere(best, walk)];
  if (variable.elsewhere) return [ofOtherEnvironment(best, walk)];
  if (best.toBranch === false) return [otherBranch(best, walk)];
  if (best.job.runs.size === 0) return [notOnRef(best, pipeline, walk)];
  if (onlyMergeRequests(best.job) && variable.exposure?.withheld.some(({ why }) => why === "protected")) {
    const lacks = [
      ...(source.seen && source.value.protect_merge_request_pipelines === false
        ? [`${walk.source.path} does not allow them protected variables`]
        : []),
      ...(pipeline.refProtected === false ? [`no rule protects ${ref}`] : []),
    ];
    const detail = `job ${best.job.name} runs in merge request pipelines only, and ${variable.key} is protected`;
    return [wrong("job", "merge-request-pipeline", [detail, ...lacks].join("; "))];
  }
  return [
    ok("job", `${best.job.name} pushes ${whither(best, walk)} in pipelines of ${ref}${kinds(best)}${maybe(best)}`),
  ];
}

function invalid(errors: readonly string[], ref: string): Link {
  const nothing = errors.length === 1 && /provide content/i.test(errors[0] as string);
  return nothing
    ? unknown("job", `there is no CI configuration on ${ref}`)
    : wrong("job", "ci-config-invalid", `on ${ref}: ${errors.slice(0, 3).join("; ")}`);
}

function withoutPush({ job, target }: Walk, { jobs, ref }: Pipeline): Link {
  if (job !== undefined && !jobs.some(({ name }) => name === job)) {
    return unknown(
      "job",
      `there is no job ${JSON.stringify(job)} on ${ref}; there is: ${jobs.map(({ name }) => name).join(", ")}`,
    );
  }
  return unknown("job", `no script on ${ref} has a git push to ${target}; a tool of the job may do it`);
}

/** Jobs push to all kinds of places: only one that reads the pusher's variable has meant the target. */
function elsewhere(best: JobPush, { target, key }: Walk): Link {
  const { credential, project, host } = best.push;
  const meant = credential.kind === "variable" && credential.key === key;
  if (best.toOtherHost) {
    const detail = `job ${best.job.name} pushes to ${host}, which is not this GitLab`;
    return meant || best.readsKey ? wrong("job", "push-other-host", detail) : unknown("job", detail);
  }
  return meant
    ? wrong(
        "job",
        "push-other-project",
        `job ${best.job.name} pushes to ${project} with ${credential.key}, which is for ${target}`,
      )
    : unknown("job", `no script has a git push to ${target}; job ${best.job.name} pushes to ${project}`);
}

/** Pushers that share a key differ by environment: the job of another one tells nothing of this one. */
const ofOtherEnvironment = ({ job }: JobPush, { scope }: Walk): Link =>
  unknown(
    "job",
    `no job with an environment of ${scope} pushes; job ${job.name} (${job.environment ?? "no environment"}) gets another variable of that key`,
  );

/** One job serves one branch: that another branch of the pusher has none is no mistake, unless it is the only one, or asked for. */
function otherBranch(best: JobPush, walk: Walk): Link {
  const detail = `job ${best.job.name} pushes to ${best.push.branch}, not to ${walk.branch}`;
  return isMeant(walk) ? wrong("job", "push-other-branch", detail) : unknown("job", detail);
}

function notOnRef(best: JobPush, { ref }: Pipeline, walk: Walk): Link {
  const detail = `job ${best.job.name} is in no kind of pipeline of ${ref}`;
  return isMeant(walk) ? wrong("job", "job-not-on-ref", detail) : unknown("job", detail);
}

const isMeant = ({ asked, declared }: Walk): boolean => asked || declared === undefined || declared.branches === 1;

const whither = ({ toBranch }: JobPush, { branch }: Walk): string =>
  toBranch === "unknown" ? "to a branch that only the job knows" : `to ${branch}`;

/** Named where it is in none that a push to a branch makes. */
const kinds = ({ job: { runs } }: JobPush): string =>
  runs.has("push") || runs.has("tag") ? "" : ` (${[...runs.keys()].join(", ")})`;

const maybe = ({ job }: JobPush): string =>
  [...job.runs.values()].includes("yes") ? "" : ", as far as files or variables let it";
