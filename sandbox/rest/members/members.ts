import { GitLabError } from "../../model/gitlab-error";
import { activeShares, groupLevel, projectLevel } from "../../model/members/access";
import { AccessLevel, MEMBER_LEVELS } from "../../model/members/access-level";
import type { Member, Source } from "../../model/members/member";
import type { Store } from "../../model/store";
import type { Call } from "../call";
import { day, integer, integers, required, text } from "../parameters";
import { del, get, post, put, type Route } from "../route";
import { presentUserBasic, presentUserId } from "../users/users";

/** A project or group as a holder of members. */
interface Holder {
  readonly source: Source;
  readonly id: number;
  /** The groups whose members are members here too, nearest first. */
  readonly inheritsFrom: readonly number[];
  /** Those whose members have no more than a role here. */
  readonly sharedWith: readonly { readonly groupId: number; readonly accessLevel: number }[];
  /** The caller's role. */
  readonly level: number;
}

function holderOf(call: Call, source: Source): Holder {
  const { store, currentUser } = call;
  if (source === "project") {
    const project = call.project();
    const groups = store.groupAndAncestors(project.namespaceId).map((group) => group.id);
    const sharedWith = activeShares(store, project);
    const level = projectLevel(store, currentUser, project);
    return { source, id: project.id, inheritsFrom: groups, sharedWith, level };
  }
  const group = call.group();
  const ancestors = store.groupAndAncestors(group.id).slice(1);
  return {
    source,
    id: group.id,
    inheritsFrom: ancestors.map(({ id }) => id),
    sharedWith: [],
    level: groupLevel(store, currentUser, group),
  };
}

/** Changing members: Maintainer of a project, Owner of a group. */
function managed(call: Call, source: Source): Holder {
  const holder = holderOf(call, source);
  const needed = source === "project" ? AccessLevel.Maintainer : AccessLevel.Owner;
  if (holder.level < needed) throw GitLabError.forbidden();
  return holder;
}

function present(store: Store, member: Member): Record<string, unknown> {
  const user = store.users.get(member.userId)!;
  return {
    ...presentUserBasic(store, user),
    access_level: member.accessLevel,
    created_at: member.createdAt,
    created_by: presentUserId(store, member.createdById),
    expires_at: member.expiresAt,
    membership_state: "active",
  };
}

function activeMembers(store: Store, source: Source, id: number): Member[] {
  const today = store.clock.today();
  return store.memberships.of(source, id).filter(({ expiresAt }) => expiresAt === null || expiresAt > today);
}

/** Direct, inherited and by shares, one entry a user: the strongest. */
function allMembers(store: Store, holder: Holder): Member[] {
  const strongest = new Map<number, Member>();
  const inherited = holder.inheritsFrom.flatMap((id) => activeMembers(store, "group", id));
  const invited = holder.sharedWith.flatMap(({ groupId, accessLevel }) =>
    store
      .groupAndAncestors(groupId)
      .flatMap(({ id }) => activeMembers(store, "group", id))
      .map((member) => ({ ...member, accessLevel: Math.min(accessLevel, member.accessLevel) })),
  );
  for (const member of [...activeMembers(store, holder.source, holder.id), ...inherited, ...invited]) {
    const known = strongest.get(member.userId);
    if (!known || known.accessLevel < member.accessLevel) strongest.set(member.userId, member);
  }
  return [...strongest.values()];
}

type Selection = (store: Store, holder: Holder) => Member[];

const direct: Selection = (store, holder) => activeMembers(store, holder.source, holder.id);

function list(source: Source, select: Selection): (call: Call) => unknown {
  return (call) => {
    const { store } = call;
    const query = call.read({ query: text(), user_ids: integers() });
    const needle = query.query?.toLowerCase();
    const members = select(store, holderOf(call, source)).filter((member) => {
      const user = store.users.get(member.userId)!;
      if (query.user_ids && !query.user_ids.includes(user.id)) return false;
      return needle === undefined || `${user.name} ${user.username} ${user.email}`.toLowerCase().includes(needle);
    });
    return call.page(members, (member) => present(store, member));
  };
}

function show(source: Source, select: Selection): (call: Call) => unknown {
  return (call) => {
    const userId = call.id("user_id");
    const member = select(call.store, holderOf(call, source)).find((candidate) => candidate.userId === userId);
    if (!member) throw GitLabError.recordNotFound();
    return present(call.store, member);
  };
}

const LEVEL = integer(MEMBER_LEVELS);

function add(source: Source): (call: Call) => unknown {
  return (call) => {
    const holder = managed(call, source);
    const input = call.read({
      user_id: integers(),
      username: text(),
      access_level: required(LEVEL),
      expires_at: day(),
    });
    const ids = input.user_id ?? idOfName(call.store, input.username);
    if (ids.length === 1)
      return present(call.store, addOne(call, holder, ids[0]!, input.access_level, input.expires_at));
    const failures = ids.flatMap((id) =>
      attempt(call.store, id, () => addOne(call, holder, id, input.access_level, input.expires_at)),
    );
    return failures.length === 0 ? { status: "success" } : { status: "error", message: Object.fromEntries(failures) };
  };
}

/** Several members at once are answered together, with a text for each that could not be added. */
function attempt(store: Store, id: number, action: () => unknown): [string, string][] {
  try {
    action();
    return [];
  } catch (error) {
    if (!(error instanceof GitLabError)) throw error;
    return [[store.users.get(id)?.username ?? String(id), String((error.body as { message?: unknown }).message)]];
  }
}

function idOfName(store: Store, username: string | undefined): number[] {
  if (username === undefined) {
    throw new GitLabError(400, { error: "user_id, username are missing, exactly one parameter must be provided" });
  }
  const user = store.userByUsername(username.toLowerCase());
  if (!user) throw GitLabError.notFound("User");
  return [user.id];
}

function addOne(call: Call, holder: Holder, userId: number, accessLevel: number, expiresAt?: string): Member {
  const { store, user } = call;
  if (!store.users.get(userId)) throw GitLabError.notFound("User");
  if (store.memberships.get(holder.source, holder.id, userId)) throw GitLabError.conflict("Member already exists");
  requireGrantable(holder, accessLevel);
  requireNotBelowInherited(store, holder, userId, accessLevel);
  const member: Member = {
    userId,
    source: holder.source,
    sourceId: holder.id,
    accessLevel,
    expiresAt: expiresAt ?? null,
    createdAt: store.clock.timestamp(),
    createdById: user.id,
  };
  store.memberships.set(member);
  return member;
}

/** Nobody gives a role above their own. */
function requireGrantable(holder: Holder, accessLevel: number): void {
  if (accessLevel > holder.level) throw GitLabError.forbidden();
}

const ROLES = new Map<number, string>([
  [10, "Guest"],
  [15, "Planner"],
  [20, "Reporter"],
  [30, "Developer"],
  [40, "Maintainer"],
  [50, "Owner"],
]);

function requireNotBelowInherited(store: Store, holder: Holder, userId: number, accessLevel: number): void {
  for (const groupId of holder.inheritsFrom) {
    const inherited = store.memberships.get("group", groupId, userId);
    if (!inherited || inherited.accessLevel <= accessLevel) continue;
    const role = ROLES.get(inherited.accessLevel);
    const name = store.group(groupId)!.name;
    throw GitLabError.invalid(
      "access_level",
      `should be greater than or equal to ${role} inherited membership from group ${name}`,
    );
  }
}

function find(call: Call, holder: Holder): Member {
  const member = call.store.memberships.get(holder.source, holder.id, call.id("user_id"));
  if (!member) throw GitLabError.recordNotFound();
  return member;
}

function edit(source: Source): (call: Call) => unknown {
  return (call) => {
    const holder = managed(call, source);
    const member = find(call, holder);
    const input = call.read({ access_level: required(LEVEL), expires_at: day() });
    requirePerson(call.store, member);
    requireGrantable(holder, Math.max(member.accessLevel, input.access_level));
    requireNotBelowInherited(call.store, holder, member.userId, input.access_level);
    requireOwnerLeft(call.store, holder, member, input.access_level);
    member.accessLevel = input.access_level;
    if (call.sent("expires_at")) member.expiresAt = input.expires_at ?? null;
    return present(call.store, member);
  };
}

function remove(source: Source): (call: Call) => unknown {
  return (call) => {
    const own = call.id("user_id") === call.user.id;
    const holder = own ? holderOf(call, source) : managed(call, source);
    const member = find(call, holder);
    if (!own) {
      requirePerson(call.store, member);
      requireGrantable(holder, member.accessLevel);
    }
    requireOwnerLeft(call.store, holder, member, AccessLevel.NoAccess);
    call.store.memberships.remove(holder.source, holder.id, member.userId);
    return undefined;
  };
}

/** A bot's membership is its token's: nobody changes it, or ends it, but by the token. */
function requirePerson(store: Store, { userId }: Member): void {
  if (store.users.get(userId)?.userType === "project_bot") throw GitLabError.forbidden();
}

/** A top-level group, and a personal project, keep an owner. */
function requireOwnerLeft(store: Store, holder: Holder, member: Member, level: number): void {
  if (member.accessLevel < AccessLevel.Owner || level >= AccessLevel.Owner || holder.inheritsFrom.length > 0) return;
  const owners = store.memberships
    .of(holder.source, holder.id)
    .filter(({ accessLevel }) => accessLevel >= AccessLevel.Owner);
  if (owners.length === 1) throw GitLabError.forbidden();
}

function routesOf(source: Source): Route[] {
  const base = `/${source}s/:id/members`;
  return [
    get(base, list(source, direct)),
    get(`${base}/all`, list(source, allMembers)),
    get(`${base}/all/:user_id`, show(source, allMembers)),
    get(`${base}/:user_id`, show(source, direct)),
    post(base, add(source)),
    put(`${base}/:user_id`, edit(source)),
    del(`${base}/:user_id`, remove(source)),
  ];
}

export const memberRoutes = [...routesOf("project"), ...routesOf("group")];
