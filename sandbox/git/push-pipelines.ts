import { createPipeline } from "../model/ci/jobs";
import type { Project } from "../model/projects/project";
import { repositoryOf } from "../model/projects/projects";
import type { Store } from "../model/store";
import type { User } from "../model/users/user";
import type { RefChange } from "./hook-channel";
import { branchOf, isDeletion, tagOf } from "./pre-receive";

/** A push of many refs starts pipelines for the first few only (`git_push_create_all_pipelines` is off). */
const PIPELINES_A_PUSH = 4;

const SKIP_IN_MESSAGE = /\[(ci[ _-]skip|skip[ _-]ci)\]/i;

/**
 * Records the pipelines that a push, or what moves a branch like one, starts: one for each branch or tag whose commit has a CI configuration. `[skip ci]` and
 * `-o ci.skip` leave a skipped one.
 */
export async function startPushPipelines(
  store: Store,
  user: User,
  project: Project,
  push: { readonly changes: readonly Pick<RefChange, "ref" | "oldSha" | "newSha">[]; readonly skip: boolean },
): Promise<void> {
  const { builds_access_level: builds, ci_config_path: configured } = project.attributes;
  if (builds === "disabled") return;
  const configuration = typeof configured === "string" && configured !== "" ? configured : ".gitlab-ci.yml";
  const repository = repositoryOf(store, project);
  for (const change of push.changes.filter((candidate) => !isDeletion(candidate)).slice(0, PIPELINES_A_PUSH)) {
    const branch = branchOf(change);
    const ref = branch ?? tagOf(change);
    const commit = ref === undefined ? undefined : await repository.commit(change.newSha);
    if (!ref || !commit || !(await repository.file(commit.id, configuration))) continue;
    const skipped = push.skip || SKIP_IN_MESSAGE.test(commit.message);
    createPipeline(store, project, user, {
      ref,
      tag: branch === undefined,
      sha: commit.id,
      beforeSha: change.oldSha,
      source: "push",
      status: skipped ? "skipped" : "created",
    });
  }
}
