import type { Diagnostic } from "../protocol/diagnostic";
import { type Attribute, type Attributes, blockElements } from "../protocol/schema";
import { exactlyOneInBlock, type Validator } from "../protocol/validator";
import { isKnown, type ObjectValue } from "../protocol/value";
import { levelName } from "./access-level";

/** Block, the answer's list it mirrors, and the attribute that names its role entry. */
export const ACTIONS = [
  { block: "allowed_to_push", list: "push_access_levels", level: "push_access_level" },
  { block: "allowed_to_merge", list: "merge_access_levels", level: "merge_access_level" },
  { block: "allowed_to_unprotect", list: "unprotect_access_levels", level: "unprotect_access_level" },
] as const;

export type Action = (typeof ACTIONS)[number];
type Entity = "user_id" | "group_id" | "deploy_key_id";

/** The people that an entry of each list may name. */
export const ENTITIES: Record<Action["block"], readonly Entity[]> = {
  allowed_to_push: ["user_id", "group_id", "deploy_key_id"],
  allowed_to_merge: ["user_id", "group_id"],
  allowed_to_unprotect: ["user_id", "group_id"],
};

/** One entry of a rule: a role, or a user, group or deploy key (those on Premium). */
export interface AccessLevelEntry {
  readonly id: number;
  readonly access_level: number | null;
  readonly access_level_description: string;
  readonly user_id?: number | null;
  readonly group_id?: number | null;
  readonly deploy_key_id?: number | null;
}

/** GitLab's answer; Community Edition leaves out unprotect levels and code owners. */
export interface ProtectedBranch {
  readonly id: number;
  readonly name: string;
  readonly push_access_levels?: readonly AccessLevelEntry[];
  readonly merge_access_levels?: readonly AccessLevelEntry[];
  readonly unprotect_access_levels?: readonly AccessLevelEntry[];
  readonly allow_force_push?: boolean;
  readonly code_owner_approval_required?: boolean;
}

/** The attributes of a block of each kind. */
export function entryAttributes(block: Action["block"]): Attributes {
  const entities = ENTITIES[block].map((name): [string, Attribute] => [name, { type: "number", optional: true }]);
  return {
    access_level: { type: "string", computed: true },
    access_level_description: { type: "string", computed: true },
    ...Object.fromEntries(entities),
  };
}

/** The same in provider 19, where a level may be written. */
export const elementAttributes = (block: Action["block"], level: Validator): Attributes => ({
  ...entryAttributes(block),
  access_level: { type: "string", optional: true, computed: true, validators: [level] },
});

/** In provider 19 each element is exactly one level, user, group or deploy key. */
export const validateElements = (config: ObjectValue): Diagnostic[] =>
  ACTIONS.flatMap(({ block }) =>
    blockElements(config[block]).flatMap((element) =>
      exactlyOneInBlock(block, ["access_level", ...ENTITIES[block]], element),
    ),
  );

/** Each entry names exactly one user, group or deploy key. */
export function validateEntries(config: ObjectValue): Diagnostic[] {
  return ACTIONS.flatMap(({ block }) =>
    blockElements(config[block]).flatMap((element) => exactlyOneInBlock(block, ENTITIES[block], element)),
  );
}

/** The `allowed_to_*` parameters of a POST or PATCH. */
export type AllowedParameters = Readonly<Record<string, readonly object[]>>;

/** Entries to add, and those of the present rule that are no longer wanted, marked `_destroy`. */
export function allowedParameters(plan: ObjectValue, current: ProtectedBranch | null): AllowedParameters {
  return Object.fromEntries(
    ACTIONS.map((action) => {
      const present = entityEntries(action, current);
      const wanted = blockElements(plan[action.block]);
      const added = wanted.filter((element) => !present.some((entry) => isSameEntity(action, entry, element)));
      const dropped = present.filter((entry) => !wanted.some((element) => isSameEntity(action, entry, element)));
      return [
        action.block,
        [...added.map((element) => entityOf(action, element)), ...dropped.map(({ id }) => ({ id, _destroy: true }))],
      ];
    }),
  );
}

function entityOf({ block }: Action, element: ObjectValue): object {
  return Object.fromEntries(
    ENTITIES[block].filter((name) => isKnown(element[name])).map((name) => [name, element[name]]),
  );
}

export function isSameEntity({ block }: Action, entry: AccessLevelEntry, element: ObjectValue): boolean {
  return ENTITIES[block].some((name) => isKnown(element[name]) && element[name] === (entry[name] ?? null));
}

function entityEntries({ block, list }: Action, rule: ProtectedBranch | null): readonly AccessLevelEntry[] {
  return (rule?.[list] ?? []).filter((entry) => ENTITIES[block].some((name) => entry[name]));
}

/** The users, groups and deploy keys of a rule as elements of the action's block. */
export function allowedElements(action: Action, rule: ProtectedBranch): ObjectValue[] {
  return entityEntries(action, rule).map((entry) => elementOf(action, entry));
}

function elementOf({ block }: Action, entry: AccessLevelEntry): ObjectValue {
  return {
    access_level: levelName(entry.access_level),
    access_level_description: entry.access_level_description,
    ...Object.fromEntries(ENTITIES[block].map((name) => [name, entry[name] || null])),
  };
}
