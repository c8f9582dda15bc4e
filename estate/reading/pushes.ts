import { isProtected, type ProtectedBranch } from "../../gitlab/protected-branch";
import type { PushPicture } from "../estate";
import { isOtherHost, jobPushes } from "../jobs/job-pushes";
import { mappedKey } from "../jobs/mapped-key";
import { pipelineJobs } from "../jobs/pipeline";
import type { ScriptPush } from "../jobs/push-script";
import { defaultBranchOf, type Lint, type Project } from "../reader";

/** GitLab's words about a project without `.gitlab-ci.yml`. */
const NO_FILE = "Please provide content of";

/** The reason why the merged configuration tells nothing of the jobs; undefined: it does, or there is none. */
export const unreadable = ({ merged_yaml: yaml, errors }: Lint): string | undefined =>
  yaml === null && !errors.some((error) => error.includes(NO_FILE))
    ? errors.join("; ") || "no merged configuration"
    : undefined;

/** Every `git push` to this GitLab of the jobs in a project's merged configuration, as pipelines of its default branch run them. */
export function pushPictures(
  yaml: string | null,
  project: Project,
  { baseUrl, rules, secretKeys }: Surroundings,
): PushPicture[] {
  const path = project.path_with_namespace;
  const ref = defaultBranchOf(project);
  if (yaml === null || ref === null) return [];
  const frame = {
    project: path,
    ref,
    tag: false,
    refProtected: rules && isProtected(rules, ref),
    defaultBranch: ref,
    baseUrl,
    secretKeys,
  };
  return pipelineJobs(yaml, frame).flatMap((job) => {
    const ours = jobPushes(job, path).filter((push) => !isOtherHost(push, baseUrl));
    return ours.map(({ credential, project: target, branch, tags }) => ({
      job: job.name,
      project: target,
      branch,
      tags,
      with: WITH[credential.kind],
      key: credential.kind === "variable" ? mappedKey(credential.key, job, (key) => secretKeys.has(key)) : undefined,
      pipelines: [...job.runs.keys()],
    }));
  });
}

interface Surroundings {
  readonly baseUrl: string;
  readonly rules: readonly ProtectedBranch[] | undefined;
  /** Keys of CI/CD variables, which beat those of the configuration. */
  readonly secretKeys: ReadonlySet<string>;
}

const WITH: Readonly<Record<ScriptPush["credential"]["kind"], PushPicture["with"]>> = {
  "job-token": "job token",
  variable: "variable",
  helper: "helper",
  none: "nothing",
  other: "other",
};
