import { GitLabError } from "../../model/gitlab-error";
import type { Group } from "../../model/groups/namespace";
import { activeShares, isMember, projectLevel } from "../../model/members/access";
import { AccessLevel, RULE_LEVELS, ruleLevelDescription } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import type { AccessEntry, ProtectedBranch } from "../../model/protected-refs/protected-branch";
import { entryAllows, inheritedBranchRules, roleEntry } from "../../model/protected-refs/protected-refs";
import type { Store } from "../../model/store";
import type { Call } from "../call";
import { filledText, flag, integer, type Parameter, records, required, text, withDefault } from "../parameters";
import { codeProject } from "../repository/branches";
import { del, get, patch, post } from "../route";

type Action = "push" | "merge" | "unprotect";
type Owner = { readonly project: Project } | { readonly group: Group };

const LEVELS: Record<Action, readonly number[]> = {
  push: RULE_LEVELS,
  merge: RULE_LEVELS,
  unprotect: RULE_LEVELS.filter((level) => level !== AccessLevel.NoAccess),
};

interface WantedEntry {
  readonly id?: number;
  readonly access_level?: number;
  readonly user_id?: number;
  readonly group_id?: number;
  readonly deploy_key_id?: number;
  readonly _destroy?: boolean;
}

function entries(action: Action): Parameter<WantedEntry[] | undefined> {
  return records({
    id: integer(),
    access_level: integer(LEVELS[action]),
    user_id: integer(),
    group_id: integer(),
    deploy_key_id: integer(),
    _destroy: flag(),
  });
}

/** @param takesKeys deploy keys may be among them: who pushes or makes tags; the others have no place for one */
export function presentAccessEntry(store: Store, entry: AccessEntry, takesKeys: boolean): Record<string, unknown> {
  const shown = {
    id: entry.id,
    access_level: entry.accessLevel,
    access_level_description: describe(store, entry),
    ...(takesKeys ? { deploy_key_id: entry.deployKeyId } : {}),
  };
  return store.enterprise ? { ...shown, user_id: entry.userId, group_id: entry.groupId } : shown;
}

function describe(store: Store, entry: AccessEntry): string {
  if (entry.userId !== null) return store.users.get(entry.userId)?.name ?? "Deleted user";
  if (entry.groupId !== null) return store.group(entry.groupId)?.name ?? "Deleted group";
  if (entry.deployKeyId !== null) return store.deployKeys.get(entry.deployKeyId)?.title ?? "Deploy key";
  return ruleLevelDescription(entry.accessLevel ?? AccessLevel.NoAccess);
}

function present(store: Store, rule: ProtectedBranch, inherited?: boolean): Record<string, unknown> {
  const show = (list: AccessEntry[], takesKeys = false): unknown[] =>
    list.map((entry) => presentAccessEntry(store, entry, takesKeys));
  const common = {
    id: rule.id,
    name: rule.name,
    push_access_levels: show(rule.push, true),
    merge_access_levels: show(rule.merge),
    allow_force_push: rule.allowForcePush,
  };
  if (!store.enterprise) return common;
  const enterprise = {
    ...common,
    unprotect_access_levels: show(rule.unprotect),
    code_owner_approval_required: rule.codeOwnerApprovalRequired,
  };
  return inherited === undefined ? enterprise : { ...enterprise, inherited };
}

function sourceOf(owner: Owner): string {
  return "project" in owner ? `project:${owner.project.id}` : `group:${owner.group.id}`;
}

/** Whoever may read the code sees a project's rules; the role to change them is asked for where they change. */
function projectOwner(call: Call): Owner {
  return { project: codeProject(call) };
}

/** Group rules: Premium, top-level groups, Owner. */
function groupOwner(call: Call): Owner {
  const group = call.group(AccessLevel.Owner);
  if (!call.store.premium || group.parentId !== null) throw GitLabError.notFound();
  return { group };
}

function list(owner: (call: Call) => Owner): (call: Call) => unknown {
  return (call) => {
    const { store } = call;
    const of = owner(call);
    const { search } = call.read({ search: text() });
    const inherited = "project" in of ? new Set(inheritedBranchRules(store, of.project)) : undefined;
    const rules = [...store.branchRulesOf(sourceOf(of)), ...(inherited ?? [])]
      .filter((rule) => !search || rule.name.toLowerCase().includes(search.toLowerCase()))
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id - b.id));
    return call.page(rules, (rule) => present(store, rule, inherited?.has(rule)));
  };
}

/** The rule of exactly that name, project rules only for projects. */
function find(call: Call, owner: Owner): ProtectedBranch {
  const rule = call.store.branchRuleByName(`${sourceOf(owner)}:${call.path("name")}`);
  if (!rule) throw "project" in owner ? GitLabError.recordNotFound() : GitLabError.notFound("ProtectedBranch");
  return rule;
}

function show(owner: (call: Call) => Owner): (call: Call) => unknown {
  return (call) => {
    const of = owner(call);
    return present(call.store, find(call, of), "project" in of ? false : undefined);
  };
}

function create(owner: (call: Call) => Owner): (call: Call) => unknown {
  return (call) => {
    const { store } = call;
    const of = owner(call);
    requireMaintainer(call, of);
    const input = call.read({
      name: required(filledText()),
      push_access_level: integer(LEVELS.push),
      merge_access_level: integer(LEVELS.merge),
      allow_force_push: withDefault(flag(), false),
      ...(store.enterprise ? ENTERPRISE : COMMUNITY),
    });
    if (store.branchRuleByName(`${sourceOf(of)}:${input.name}`)) {
      throw GitLabError.conflict(`Protected branch '${input.name}' already exists`);
    }
    const rule = newRule(store, of, input);
    requireUnprotector(call, of, rule);
    store.protectedBranches.insert(rule);
    return present(store, rule, "project" in of ? false : undefined);
  };
}

interface RuleInput {
  readonly name: string;
  readonly allow_force_push: boolean;
  readonly code_owner_approval_required?: boolean;
  readonly push_access_level?: number;
  readonly merge_access_level?: number;
  readonly unprotect_access_level?: number;
  readonly allowed_to_push?: readonly WantedEntry[];
  readonly allowed_to_merge?: readonly WantedEntry[];
  readonly allowed_to_unprotect?: readonly WantedEntry[];
}

function newRule(store: Store, owner: Owner, input: RuleInput): ProtectedBranch {
  const entriesFor = (action: Action): AccessEntry[] =>
    initialEntries(store, owner, action, input[`${action}_access_level`], input[`allowed_to_${action}`]);
  return {
    id: store.protectedBranches.nextId(),
    source: "project" in owner ? "project" : "group",
    sourceId: "project" in owner ? owner.project.id : owner.group.id,
    name: input.name,
    allowForcePush: input.allow_force_push,
    codeOwnerApprovalRequired: input.code_owner_approval_required ?? false,
    push: entriesFor("push"),
    merge: entriesFor("merge"),
    unprotect: store.enterprise ? entriesFor("unprotect") : [],
  };
}

const NOTHING: Parameter<undefined> = { required: false, read: () => undefined };

/** Parameters that Community Edition does not know, and ignores. */
const COMMUNITY = {
  unprotect_access_level: NOTHING,
  code_owner_approval_required: NOTHING,
  allowed_to_push: NOTHING,
  allowed_to_merge: NOTHING,
  allowed_to_unprotect: NOTHING,
};

const ENTERPRISE = {
  unprotect_access_level: integer(LEVELS.unprotect),
  code_owner_approval_required: flag(),
  allowed_to_push: entries("push"),
  allowed_to_merge: entries("merge"),
  allowed_to_unprotect: entries("unprotect"),
};

/** A level and a list add up; with neither, the role is Maintainer. */
function initialEntries(
  store: Store,
  owner: Owner,
  action: Action,
  level: number | undefined,
  wanted: readonly WantedEntry[] = [],
): AccessEntry[] {
  const roles = level === undefined ? (wanted.length === 0 ? [AccessLevel.Maintainer] : []) : [level];
  return applyEntries(
    store,
    owner,
    action,
    roles.map((role) => roleEntry(store, role)),
    wanted,
  );
}

/** The list after additions, changes by id and `_destroy`. Errors: 422 with full sentences, nothing changed. */
function applyEntries(
  store: Store,
  owner: Owner,
  action: Action,
  current: readonly AccessEntry[],
  wanted: readonly WantedEntry[],
): AccessEntry[] {
  const result = new Map(current.map((entry) => [entry.id, { ...entry }]));
  for (const want of wanted) {
    const known = want.id === undefined ? undefined : result.get(want.id);
    if (want.id !== undefined && !known) throw GitLabError.recordNotFound();
    if (known && want._destroy) result.delete(known.id);
    else if (known) result.set(known.id, { ...known, ...entryFields(want) });
    else if (!want._destroy) {
      const added = { ...roleEntry(store, AccessLevel.Maintainer), ...entryFields(want) };
      result.set(added.id, added);
    }
  }
  const entryList = [...result.values()];
  const problems = entryList.flatMap((entry, index) =>
    problemsOf(store, owner, action, entry, entryList.slice(0, index)),
  );
  if (problems.length > 0) throw GitLabError.unprocessable([...new Set(problems)]);
  return entryList;
}

function entryFields(want: WantedEntry): Partial<AccessEntry> {
  if (want.user_id !== undefined) return { userId: want.user_id, accessLevel: AccessLevel.Maintainer };
  if (want.group_id !== undefined) return { groupId: want.group_id, accessLevel: AccessLevel.Maintainer };
  if (want.deploy_key_id !== undefined) return { deployKeyId: want.deploy_key_id, accessLevel: AccessLevel.Maintainer };
  return want.access_level === undefined ? {} : { accessLevel: want.access_level };
}

function problemsOf(
  store: Store,
  owner: Owner,
  action: Action,
  entry: AccessEntry,
  earlier: readonly AccessEntry[],
): string[] {
  const subject = `${action[0]!.toUpperCase()}${action.slice(1)} access levels`;
  if (!store.premium) {
    const named = { user: entry.userId, group: entry.groupId, "deploy key": entry.deployKeyId };
    const somebody = Object.entries(named).find(([, id]) => id !== null);
    if (somebody) return [`${subject} ${somebody[0]} must be blank`];
  }
  const twin = (same: (other: AccessEntry) => boolean): boolean => earlier.some(same);
  if (entry.userId !== null) {
    const user = store.users.get(entry.userId);
    if (twin((other) => other.userId === entry.userId)) return [`${subject} user has already been taken`];
    if (!user || ("project" in owner && !isMember(store, user, owner.project))) {
      return [`${subject} user is not a member of the project`];
    }
    return [];
  }
  if (entry.groupId !== null) {
    if (twin((other) => other.groupId === entry.groupId)) return [`${subject} group has already been taken`];
    return mayListGroup(store, owner, entry.groupId) ? [] : [`${subject} group does not have access to the project`];
  }
  if (entry.deployKeyId !== null) {
    const key = store.deployKeys.get(entry.deployKeyId);
    const enabled = "project" in owner && key?.canPushTo.get(owner.project.id);
    return enabled ? [] : [`${subject} deploy key is not enabled for this project`];
  }
  const sameRole = (other: AccessEntry): boolean =>
    other.userId === null &&
    other.groupId === null &&
    other.deployKeyId === null &&
    other.accessLevel === entry.accessLevel;
  return twin(sameRole) ? [`${subject} access level has already been taken`] : [];
}

function mayListGroup(store: Store, owner: Owner, groupId: number): boolean {
  if (!("project" in owner)) return store.group(groupId) !== undefined;
  const groups = store.groupAndAncestors(owner.project.namespaceId).map(({ id }) => id);
  const shared = activeShares(store, owner.project).filter(({ accessLevel }) => accessLevel >= AccessLevel.Developer);
  return [...groups, ...shared.map((share) => share.groupId)].includes(groupId);
}

function requireMaintainer(call: Call, owner: Owner): void {
  if ("project" in owner && projectLevel(call.store, call.user, owner.project) < AccessLevel.Maintainer) {
    throw GitLabError.forbidden();
  }
}

/** Premium: who `unprotect` does not list may neither make, change nor remove the rule, an administrator included. */
function requireUnprotector(call: Call, owner: Owner, rule: ProtectedBranch): void {
  if (rule.unprotect.length === 0 || !("project" in owner)) return;
  const { store, user } = call;
  if (!rule.unprotect.some((entry) => entryAllows(store, entry, user, owner.project))) throw GitLabError.forbidden();
}

function update(owner: (call: Call) => Owner): (call: Call) => unknown {
  return (call) => {
    const { store } = call;
    const of = owner(call);
    const rule = find(call, of);
    requireMaintainer(call, of);
    requireUnprotector(call, of, rule);
    const input = call.read({ allow_force_push: flag(), ...(store.enterprise ? ENTERPRISE : COMMUNITY) });
    const push = applyEntries(store, of, "push", rule.push, input.allowed_to_push ?? []);
    const merge = applyEntries(store, of, "merge", rule.merge, input.allowed_to_merge ?? []);
    const unprotect = applyEntries(store, of, "unprotect", rule.unprotect, input.allowed_to_unprotect ?? []);
    Object.assign(rule, { push, merge, unprotect });
    rule.allowForcePush = input.allow_force_push ?? rule.allowForcePush;
    rule.codeOwnerApprovalRequired = input.code_owner_approval_required ?? rule.codeOwnerApprovalRequired;
    return present(store, rule, "project" in of ? false : undefined);
  };
}

function remove(owner: (call: Call) => Owner): (call: Call) => unknown {
  return (call) => {
    const of = owner(call);
    const rule = find(call, of);
    requireMaintainer(call, of);
    requireUnprotector(call, of, rule);
    call.store.protectedBranches.delete(rule);
    return undefined;
  };
}

export const protectedBranchRoutes = [
  ...[
    { base: "/projects/:id/protected_branches", owner: projectOwner },
    { base: "/groups/:id/protected_branches", owner: groupOwner },
  ].flatMap(({ base, owner }) => [
    get(base, list(owner), { anonymous: true }),
    get(`${base}/:name`, show(owner), { anonymous: true }),
    post(base, create(owner)),
    patch(`${base}/:name`, update(owner)),
    del(`${base}/:name`, remove(owner)),
  ]),
];
