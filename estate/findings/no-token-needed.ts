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

/** GitLab knows the setting, and people, not only bots by name, may push to the default branch. */
const couldUseJobToken = ({ jobToken, branches, defaultBranch }: ProjectPicture): boolean =>
  jobToken.push !== undefined &&
  (branches ?? []).some(({ name, push }) => name === defaultBranch && push.some(({ kind }) => kind === "role"));

const isOwn = (push: PushPicture, { path }: ProjectPicture): boolean =>
  push.with === "variable" && push.project !== undefined && samePath(push.project) === samePath(path);
