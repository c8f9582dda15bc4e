import { randomBytes } from "node:crypto";
import type { Runner } from "../../model/ci/runner";
import { GitLabError } from "../../model/gitlab-error";
import { canReadProject, groupLevel, projectLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Store } from "../../model/store";
import { digestOf } from "../../model/tokens/value";
import type { User } from "../../model/users/user";
import type { Call } from "../call";
import { commaTexts, flag, integer, oneOf, required, text } from "../parameters";
import { presentSimpleProject } from "../projects/view";
import { del, get, post, put } from "../route";

const ONLINE_FOR = 2 * 60 * 60 * 1000;
const STALE_AFTER = 7 * 24 * 60 * 60 * 1000;

type Status = "online" | "offline" | "stale" | "never_contacted";

/** `online` = contacted in the last two hours, `stale` = not for a week. */
function statusOf(store: Store, runner: Runner): Status {
  if (runner.contactedAt === null) return "never_contacted";
  const age = store.clock.now().getTime() - new Date(runner.contactedAt).getTime();
  if (age <= ONLINE_FOR) return "online";
  return age > STALE_AFTER ? "stale" : "offline";
}

function present(store: Store, runner: Runner): Record<string, unknown> {
  const status = statusOf(store, runner);
  return {
    id: runner.id,
    description: runner.description,
    ip_address: runner.contactedAt === null ? null : "127.0.0.1",
    active: !runner.paused,
    paused: runner.paused,
    is_shared: runner.runnerType === "instance_type",
    runner_type: runner.runnerType,
    name: null,
    online: status === "never_contacted" ? null : status === "online",
    created_at: runner.createdAt,
    created_by: null,
    status,
    job_execution_status: "idle",
  };
}

function presentDetail(store: Store, runner: Runner): Record<string, unknown> {
  const projects = runner.projectIds.map((id) => store.projects.get(id)!);
  const group = runner.groupId === null ? undefined : store.group(runner.groupId);
  return {
    ...present(store, runner),
    tag_list: runner.tagList,
    run_untagged: runner.runUntagged,
    locked: runner.locked,
    maximum_timeout: runner.maximumTimeout,
    access_level: runner.accessLevel,
    version: null,
    revision: null,
    platform: null,
    architecture: null,
    contacted_at: runner.contactedAt,
    maintenance_note: runner.maintenanceNote,
    projects: projects.map((project) => presentSimpleProject(store, project)),
    groups: group
      ? [{ id: group.id, name: group.name, web_url: `${store.url}/groups/${store.namespaceFullPath(group)}` }]
      : [],
  };
}

const FILTERS = {
  type: oneOf(["instance_type", "group_type", "project_type"]),
  scope: oneOf(["active", "paused", "online", "offline", "specific", "shared", "never_contacted", "stale"]),
  status: oneOf(["online", "offline", "stale", "never_contacted", "active", "paused"]),
  paused: flag(),
  tag_list: commaTexts(),
};

function filtered(call: Call, runners: readonly Runner[]): Runner[] {
  const query = call.read(FILTERS);
  const wanted = [query.scope, query.status].filter((value) => value !== undefined);
  return runners
    .filter((runner) => query.type === undefined || runner.runnerType === query.type)
    .filter((runner) => query.paused === undefined || runner.paused === query.paused)
    .filter((runner) => (query.tag_list ?? []).every((tag) => runner.tagList.includes(tag)))
    .filter((runner) => wanted.every((value) => isIn(call.store, runner, value)));
}

function isIn(store: Store, runner: Runner, scope: string): boolean {
  if (scope === "active") return !runner.paused;
  if (scope === "paused") return runner.paused;
  if (scope === "shared") return runner.runnerType === "instance_type";
  if (scope === "specific") return runner.runnerType !== "instance_type";
  return statusOf(store, runner) === scope;
}

function listOwn(call: Call): unknown {
  const runners = call.store.runners.all().filter((runner) => mayManage(call.store, call.user, runner));
  return call.page(filtered(call, runners), (runner) => present(call.store, runner));
}

function listAll(call: Call): unknown {
  call.requireAdmin();
  return call.page(filtered(call, call.store.runners.all()), (runner) => present(call.store, runner));
}

/** Runners that could pick up the project's jobs: its own, its groups', the instance's. */
function listOfProject(call: Call): unknown {
  const project = call.project(AccessLevel.Maintainer);
  const groups = new Set(call.store.groupAndAncestors(project.namespaceId).map(({ id }) => id));
  const serving = call.store.runners.all().filter((runner) => {
    if (runner.runnerType === "project_type") return runner.projectIds.includes(project.id);
    return runner.runnerType === "instance_type" || (runner.groupId !== null && groups.has(runner.groupId));
  });
  return call.page(filtered(call, serving), (runner) => present(call.store, runner));
}

function listOfGroup(call: Call): unknown {
  const group = call.group(AccessLevel.Maintainer);
  const chain = new Set(call.store.groupAndAncestors(group.id).map(({ id }) => id));
  const serving = call.store.runners
    .all()
    .filter(
      (runner) => runner.runnerType === "instance_type" || (runner.groupId !== null && chain.has(runner.groupId)),
    );
  return call.page(filtered(call, serving), (runner) => present(call.store, runner));
}

function mayManage(store: Store, user: User, runner: Runner): boolean {
  if (user.admin) return true;
  const group = runner.groupId === null ? undefined : store.group(runner.groupId);
  if (group) return groupLevel(store, user, group) >= AccessLevel.Owner;
  return runner.projectIds.some((id) => projectLevel(store, user, store.projects.get(id)!) >= AccessLevel.Maintainer);
}

function find(call: Call): Runner {
  const runner = call.store.runners.get(call.id("runner_id"));
  if (!runner) throw GitLabError.notFound("Runner");
  if (!mayManage(call.store, call.user, runner)) throw GitLabError.forbidden("No access granted");
  return runner;
}

const SETTINGS = {
  description: text(),
  paused: flag(),
  active: flag(),
  locked: flag(),
  run_untagged: flag(),
  tag_list: commaTexts(),
  access_level: oneOf(["not_protected", "ref_protected"]),
  maximum_timeout: integer(),
  maintenance_note: text(),
};

/** Registers a runner for the caller (`POST /user/runners`); the token is in the answer and nowhere else. */
function create(call: Call): unknown {
  const { store, user } = call;
  const input = call.read({
    ...SETTINGS,
    runner_type: required(oneOf(["instance_type", "group_type", "project_type"])),
    group_id: integer(),
    project_id: integer(),
  });
  const owner = ownerOf(call, input.runner_type, input.project_id, input.group_id);
  const runUntagged = input.run_untagged ?? true;
  const tagList = input.tag_list ?? [];
  requireTags(runUntagged, tagList);
  const token = `glrt-${randomBytes(15).toString("base64url")}`;
  const runner = store.runners.insert({
    id: store.runners.nextId(),
    runnerType: input.runner_type,
    ...owner,
    creatorId: user.id,
    tokenDigest: digestOf(token),
    description: input.description ?? "",
    paused: input.paused ?? false,
    locked: input.locked ?? false,
    runUntagged,
    tagList,
    accessLevel: input.access_level ?? "not_protected",
    maximumTimeout: input.maximum_timeout ?? null,
    maintenanceNote: input.maintenance_note ?? null,
    contactedAt: null,
    createdAt: store.clock.timestamp(),
  });
  return { id: runner.id, token, token_expires_at: null };
}

function ownerOf(
  call: Call,
  type: Runner["runnerType"],
  projectId?: number,
  groupId?: number,
): Pick<Runner, "projectIds" | "groupId"> {
  const { store, user } = call;
  if (type === "instance_type") {
    call.requireAdmin();
    return { projectIds: [], groupId: null };
  }
  if (type === "group_type") {
    if (groupId === undefined) throw new GitLabError(400, { error: "group_id is missing" });
    const group = store.group(groupId);
    if (!group) throw GitLabError.notFound("Group");
    if (groupLevel(store, user, group) < AccessLevel.Owner) throw GitLabError.forbidden();
    return { projectIds: [], groupId };
  }
  if (projectId === undefined) throw new GitLabError(400, { error: "project_id is missing" });
  const project = store.projects.get(projectId);
  if (!project || !canReadProject(store, user, project)) throw GitLabError.notFound("Project");
  if (projectLevel(store, user, project) < AccessLevel.Maintainer) throw GitLabError.forbidden();
  return { projectIds: [projectId], groupId: null };
}

function requireTags(runUntagged: boolean, tagList: readonly string[]): void {
  if (runUntagged || tagList.length > 0) return;
  throw GitLabError.message(400, { tags_list: ["can not be empty when runner is not allowed to pick untagged jobs"] });
}

function update(call: Call): unknown {
  const runner = find(call);
  const input = call.read(SETTINGS);
  requireTags(input.run_untagged ?? runner.runUntagged, input.tag_list ?? runner.tagList);
  runner.description = input.description ?? runner.description;
  runner.paused = input.paused ?? (input.active === undefined ? runner.paused : !input.active);
  runner.locked = input.locked ?? runner.locked;
  runner.runUntagged = input.run_untagged ?? runner.runUntagged;
  runner.tagList = input.tag_list ?? runner.tagList;
  runner.accessLevel = input.access_level ?? runner.accessLevel;
  runner.maximumTimeout = input.maximum_timeout ?? runner.maximumTimeout;
  runner.maintenanceNote = input.maintenance_note ?? runner.maintenanceNote;
  return presentDetail(call.store, runner);
}

function assign(call: Call): unknown {
  const { store, user } = call;
  const project = call.project(AccessLevel.Maintainer);
  const { runner_id } = call.read({ runner_id: required(integer()) });
  const runner = store.runners.get(runner_id);
  if (!runner) throw GitLabError.notFound("Runner");
  if (runner.runnerType !== "project_type") throw GitLabError.forbidden("Runner is a group or instance runner");
  if (runner.locked) throw GitLabError.forbidden("Runner is locked");
  if (!mayManage(store, user, runner)) throw GitLabError.forbidden("No access granted");
  if (runner.projectIds.includes(project.id)) throw GitLabError.invalid("runner", "has already been taken");
  runner.projectIds.push(project.id);
  return present(store, runner);
}

function unassign(call: Call): void {
  const project = call.project(AccessLevel.Maintainer);
  const runner = find(call);
  if (!runner.projectIds.includes(project.id)) throw GitLabError.notFound("Runner");
  if (runner.projectIds.length === 1) {
    throw GitLabError.forbidden("Only one project associated with the runner. Please remove the runner instead");
  }
  runner.projectIds = runner.projectIds.filter((id) => id !== project.id);
}

/** A runner says hello with its own token: from then on it is online. */
function verify(call: Call): unknown {
  const { token } = call.read({ token: required(text()) });
  const runner = call.store.runnerByDigest(digestOf(token));
  if (!runner) throw GitLabError.forbidden();
  runner.contactedAt = call.store.clock.timestamp();
  call.status(200);
  return { id: runner.id, token, token_expires_at: null };
}

const MANAGE = { scopes: ["manage_runner"] };

export const runnerRoutes = [
  get("/runners", listOwn, MANAGE),
  get("/runners/all", listAll, MANAGE),
  post("/user/runners", create, { scopes: ["create_runner"] }),
  post("/runners/verify", verify, { anonymous: true }),
  get("/runners/:runner_id", (call) => presentDetail(call.store, find(call)), MANAGE),
  put("/runners/:runner_id", update, MANAGE),
  del("/runners/:runner_id", (call) => call.store.runners.delete(find(call)), MANAGE),
  get("/projects/:id/runners", listOfProject, MANAGE),
  post("/projects/:id/runners", assign, MANAGE),
  del("/projects/:id/runners/:runner_id", unassign, MANAGE),
  get("/groups/:id/runners", listOfGroup, MANAGE),
];
