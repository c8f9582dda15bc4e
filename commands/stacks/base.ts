import { existsSync, realpathSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import { CommandError } from "../exit-code";
import { GitRepository } from "../git-repository";
import { type SynthesizedStack, synthesize } from "./synthesis";
import type { Way } from "./way";

/** The things that a project needs to run and Git does not have: its packages, and the states, which an app of one's own may look into. */
const OUTSIDE_GIT = ["node_modules", ".state"];

const EVERY_STACK =
  "take every stack: `npx gitlab-ci-pusher review --all`, `npx gitlab-ci-pusher deploy` without --base";

/** A commit that a project is compared with. */
export interface Base {
  readonly repository: GitRepository;
  /** The commit's id. */
  readonly commit: string;
}

/**
 * Finds the commit that a project is compared with.
 * @param revision @default - where HEAD left the default branch of origin
 * @throws CommandError when there is none
 */
export async function baseOf(
  project: string,
  revision: string | undefined,
  { environment }: Pick<Way, "environment">,
): Promise<Base> {
  const repository = await GitRepository.containing(project, environment);
  if (!repository) {
    throw new CommandError({
      got: `${project}, which is in no Git repository`,
      allowed: "a clone, and git on PATH, to tell what changed",
      fix: EVERY_STACK,
    });
  }
  const commit = await (revision === undefined
    ? mergeBase(repository, environment.CI_DEFAULT_BRANCH)
    : commitOf(repository, revision));
  return { repository, commit };
}

/**
 * Synthesizes a project as it is at a commit, in a working tree of its own below `folder`, without a look into any state: those are of
 * what is deployed, not of that commit.
 * @returns undefined when it cannot be synthesized, for example because a date in it has passed
 */
export async function synthesizeBase(
  project: string,
  { repository, commit }: Base,
  way: Way,
): Promise<SynthesizedStack[] | undefined> {
  const { folder, signal } = way;
  const tree = path.join(folder, "tree");
  try {
    await repository.checkOut(commit, tree, { signal });
    const there = path.join(tree, path.relative(repository.root, realpathSync(project)));
    linkOutside(repository.root, realpathSync(project), tree);
    return existsSync(path.join(there, "cdktf.json")) ? await attempt(there, way) : [];
  } finally {
    await repository.run(["worktree", "remove", "--force", tree]);
  }
}

async function attempt(there: string, { folder, environment, signal }: Way): Promise<SynthesizedStack[] | undefined> {
  try {
    const out = path.join(folder, "base");
    return await synthesize(there, { out, environment, readStates: [], thrownAway: true, signal });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

/** Packages may be installed in the project or in a folder above it. */
function linkOutside(root: string, project: string, tree: string): void {
  for (let folder = project; ; folder = path.dirname(folder)) {
    for (const name of OUTSIDE_GIT) {
      const [here, there] = [path.join(folder, name), path.join(tree, path.relative(root, folder), name)];
      if (existsSync(here) && existsSync(path.dirname(there)) && !existsSync(there))
        symlinkSync(realpathSync(here), there);
    }
    if (folder === root || folder === path.dirname(folder)) return;
  }
}

async function commitOf(repository: GitRepository, revision: string): Promise<string> {
  const found = await repository.run(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
  if (found.code === 0) return found.stdout.trim();
  throw new CommandError({
    got: `the revision ${JSON.stringify(revision)}, which is not in this clone`,
    allowed: "a commit, branch or tag",
    fix: `fetch it (GIT_DEPTH: 0 in a pipeline), or ${EVERY_STACK}`,
  });
}

/** @param told the default branch, where it is known */
async function mergeBase(repository: GitRepository, told: string | undefined): Promise<string> {
  for (const branch of ["HEAD", ...(told ? [told] : []), "main", "master"]) {
    const found = await repository.run(["merge-base", "HEAD", `refs/remotes/origin/${branch}`]);
    if (found.code === 0) return found.stdout.trim();
  }
  throw new CommandError({
    got: "a clone in which HEAD and origin's default branch have no commit in common",
    allowed: "one where they have",
    fix: "fetch more (GIT_DEPTH: 0 in a pipeline), pass --base with a revision, or --all",
  });
}
