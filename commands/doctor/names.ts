import { DEFAULT_VARIABLE_KEY } from "../../gitlab/defaults";
import type { PlacedVariable } from "../../gitlab/variable-exposure";
import type { Walk } from "./walk";

/** The names in the texts of a cause; a phrase stands where the case does not tell. */
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
  /** Its environment scope. */
  readonly scope: string;
  /** Full path of the project or group that has it. */
  readonly home: string;
  /** The pusher, as the inventory calls it. */
  readonly pusher: string;
  readonly targetId: string;
  readonly branchId: string;
  readonly sourceId: string;
  /** `/projects/…` or `/groups/…` of the variable. */
  readonly homeApi: string;
  readonly refId: string;
}

/** A variable as far as texts name it. */
export type NamedVariable = Pick<PlacedVariable, "key" | "environment_scope" | "home">;

/** The names of a case, with those for addresses encoded. */
export function namesOf(walk: Partial<Walk>, ref?: string, key?: string, variable?: NamedVariable): Names {
  const { target, branch, source, declared } = walk;
  const home = variable?.home ?? source?.path;
  const kind = home !== undefined && home === source?.path && source?.kind !== "group" ? "projects" : "groups";
  const encoded = (name: string | undefined, otherwise: string) =>
    name === undefined ? otherwise : encodeURIComponent(name);
  return {
    target: target ?? "the target project",
    branch: branch ?? "the branch",
    source: source?.path ?? "the job's project",
    ref: ref ?? "the pipeline's branch",
    key: variable?.key ?? key ?? walk.key ?? DEFAULT_VARIABLE_KEY,
    scope: variable?.environment_scope ?? "*",
    home: home ?? "the job's project",
    pusher: declared?.name ?? "STACK/ID",
    targetId: encoded(target, ":target"),
    branchId: encoded(branch, ":branch"),
    sourceId: encoded(source?.path, ":source"),
    homeApi: home === undefined ? "/projects/:source" : `/${kind}/${encodeURIComponent(home)}`,
    refId: encoded(ref, ":ref"),
  };
}
