import type { NotSeen, TagRule } from "../../../estate/reader";
import type { ProtectedBranch } from "../../../gitlab/protected-branch";
import type { CiVariable } from "../../../gitlab/variable-exposure";
import type { Attributes, Change } from "../../stacks/plan";

/** The things that GitLab has, at the time of a review, where plans make something. */
export interface Existing {
  /** By {@link homeOf}. */
  readonly homes: ReadonlyMap<string, Home>;
  /** {@link identityOf} what the plans take away: it does not stand in their way. */
  readonly leaving: ReadonlySet<string>;
  /** Things that GitLab would not show. */
  readonly notSeen: readonly NotSeen[];
  /** The reason why GitLab was not asked, or did not answer. @default - it did */
  readonly silent?: string;
}

/** A project, or a group with its variables. What is undefined was not asked for, or not shown. */
export interface Home {
  /** null: the repository is empty. */
  readonly defaultBranch?: string | null;
  /** Those of its group too. */
  readonly rules?: readonly ProtectedBranch[];
  readonly tags?: readonly TagRule[];
  /** Without their values. */
  readonly variables?: readonly KnownVariable[];
  /** Of users, groups and deploy keys that rules list, by {@link subjectKey}. @default - none was told */
  readonly names?: ReadonlyMap<string, string>;
}

export type KnownVariable = Pick<CiVariable, "key" | "environment_scope" | "description">;

export const NOTHING_ASKED: Existing = { homes: new Map(), leaving: new Set(), notSeen: [] };

/** The project or group in GitLab that something is in, by its attributes; undefined while that is unknown. Paths are the same whatever their case. */
export function homeOf({ project, group }: Attributes): string | undefined {
  const path = project ?? group;
  return typeof path === "string" ? `${project === undefined ? "group " : ""}${path.toLowerCase()}` : undefined;
}

/** The identity by which GitLab tells a rule or a variable from others, whichever stack has it. */
export const identityOf = (type: string, attributes: Attributes): string =>
  JSON.stringify([type, homeOf(attributes), ...NAMING.map((key) => attributes[key] ?? null)]);

const NAMING = ["branch", "tag", "key", "environment_scope"];

/** A thing that stands already where a change makes one. */
export type Standing =
  /** A deploy would fail on it. */
  | { readonly kind: "in the way"; readonly rule: ProtectedBranch }
  | { readonly kind: "in the way"; readonly variable: KnownVariable }
  /** The provider takes it away, and makes what is declared in its place. */
  | { readonly kind: "taken over"; readonly rule: ProtectedBranch }
  | { readonly kind: "taken over"; readonly tagRule: TagRule };

/** Undefined: nothing stands there, or GitLab did not show it. */
export function standingOf({ type, actions, after }: Change, { homes, leaving }: Existing): Standing | undefined {
  if (!actions.includes("create") || after === null || leaving.has(identityOf(type, after))) return undefined;
  const { defaultBranch, rules, tags, variables } = homes.get(homeOf(after) ?? "") ?? {};
  if (type === "gitlab_branch_protection") {
    // A group's rule stands beside the project's own of the same name.
    const rule = rules?.find(({ name, inherited }) => name === after.branch && !inherited);
    if (!rule || defaultBranch === undefined) return undefined;
    return defaultBranch === after.branch ? { kind: "taken over", rule } : { kind: "in the way", rule };
  }
  if (type === "gitlab_tag_protection") {
    const tagRule = tags?.find(({ name }) => name === after.tag);
    return tagRule && { kind: "taken over", tagRule };
  }
  if (!VARIABLE.test(type)) return undefined;
  const variable = variables?.find(
    ({ key, environment_scope: scope }) => key === after.key && scope === after.environment_scope,
  );
  return variable && { kind: "in the way", variable };
}

export const VARIABLE = /^gitlab_(project|group)_variable$/;
