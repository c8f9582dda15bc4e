import { samePath } from "../../gitlab/project-path";
import type { ProjectPicture, PushPicture } from "../estate";
import type { FindingRule } from "./finding";

/** A job that pushes to its own project with a token, where the job token could. */
export const noTokenNeeded: FindingRule = {
  id: "no-token-needed",
  severity: "hint",
  title: "a job needs no token: it pushes to its own project",
  allowed:
    "the job token (GitLab 18.4), where the push need start no pipeline and whoever starts the job may push to the branch",
  fix: 'switch on Settings > CI/CD > Job token permissions > "Allow Git push requests to the repository", push as gitlab-ci-token with $CI_JOB_TOKEN, then revoke the token',
  find: ({ projects }) =>
    projects.filter(couldUseJobToken).flatMap((project) =>
      (project.pushes ?? [])
        .filter((push) => isOwn(push, project))
        .map(({ job, key }) => ({
          place: project.path,
          subject: `job ${job}`,
          got: `${key === undefined ? "a token" : `$${key}`} for a push to the job's own project${project.jobToken.push ? "; the setting is on" : ""}`,
        })),
    ),
};

/** The same with a push to another project, which GitLab 19.0 can allow. */
export const noTokenNeededAcross: FindingRule = {
  id: "no-token-needed-across",
  severity: "hint",
  title: "a job may need no token: its target's GitLab can let other projects' job tokens push",
  allowed:
    "the job token (GitLab 19.0, with the feature flag allow_push_to_allowlisted_projects), where the push need start no pipeline and whoever starts the job may push to the branch",
  fix: "in the target, allow pushes of job tokens and those of other projects, limit access to the allowlist, and put the job's project on it with the permission for repositories; push as gitlab-ci-token with $CI_JOB_TOKEN, then revoke the token",
  find: ({ projects }) =>
    projects.flatMap((source) =>
      (source.pushes ?? [])
        .filter((push) => push.with === "variable" && !isOwn(push, source))
        .flatMap(({ job, key, project: path }) => {
          const target = projects.find((each) => path !== undefined && samePath(each.path) === samePath(path));
          if (target?.jobToken.crossProject === undefined || !couldUseJobToken(target)) return [];
          const isOn = target.jobToken.push && target.jobToken.crossProject;
          const got = `${key === undefined ? "a token" : `$${key}`} for a push to ${target.path}${isOn ? "; its settings are on" : ""}`;
          return [{ place: source.path, subject: `job ${job}`, got }];
        }),
    ),
};

/** GitLab knows the setting, and people, not only bots by name, may push to the default branch. */
const couldUseJobToken = ({ jobToken, branches, defaultBranch }: ProjectPicture): boolean =>
  jobToken.push !== undefined &&
  (branches ?? []).some(({ name, push }) => name === defaultBranch && push.some(({ kind }) => kind === "role"));

const isOwn = (push: PushPicture, { path }: ProjectPicture): boolean =>
  push.with === "variable" && push.project !== undefined && samePath(push.project) === samePath(path);
