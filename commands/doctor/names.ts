import type { Walk } from "./walk";

/** What the texts of a cause name; a phrase stands where the case does not tell. */
export interface Names {
  /** Full path of the project that is pushed to. */
  readonly target: string;
  readonly branch: string;
  /** Full path of the project whose job it is. */
  readonly source: string;
  /** The branch the pipeline runs for. */
  readonly ref: string;
  /** Key of the variable with the token. */
  readonly key: string;
  /** The pusher, as the inventory calls it. */
  readonly pusher: string;
  readonly targetId: string;
  readonly branchId: string;
  readonly sourceId: string;
  readonly refId: string;
}

/** The names of a case, with those for addresses encoded. */
export function namesOf(walk: Partial<Walk>, ref?: string, key?: string): Names {
  const { target, branch, source, declared } = walk;
  const encoded = (name: string | undefined, otherwise: string) =>
    name === undefined ? otherwise : encodeURIComponent(name);
  return {
    target: target ?? "the target project",
    branch: branch ?? "the branch",
    source: source?.path ?? "the job's project",
    ref: ref ?? "the pipeline's branch",
    key: key ?? walk.key ?? "GITLAB_PUSHER_TOKEN",
    pusher: declared?.name ?? "STACK/ID",
    targetId: encoded(target, ":target"),
    branchId: encoded(branch, ":branch"),
    sourceId: encoded(source?.path, ":source"),
    refId: encoded(ref, ":ref"),
  };
}
