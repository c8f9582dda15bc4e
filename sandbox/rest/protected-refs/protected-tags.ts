import { GitLabError } from "../../model/gitlab-error";
import { isMember } from "../../model/members/access";
import { AccessLevel, RULE_LEVELS } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import type { AccessEntry, ProtectedTag } from "../../model/protected-refs/protected-branch";
import { roleEntry } from "../../model/protected-refs/protected-refs";
import type { Store } from "../../model/store";
import type { Call } from "../call";
import { filledText, integer, records, required } from "../parameters";
import { del, get, post } from "../route";
import { presentAccessEntry } from "./protected-branches";

function present(store: Store, rule: ProtectedTag): Record<string, unknown> {
  return { name: rule.name, create_access_levels: rule.create.map((entry) => presentAccessEntry(store, entry, true)) };
}

function find(call: Call): ProtectedTag {
  const project = call.project(AccessLevel.Maintainer);
  const rule = call.store.tagRulesOf(project.id).find(({ name }) => name === call.path("name"));
  if (!rule) throw GitLabError.recordNotFound();
  return rule;
}

function list(call: Call): unknown {
  const project = call.project(AccessLevel.Maintainer);
  return call.page(call.store.tagRulesOf(project.id), (rule) => present(call.store, rule));
}

interface WantedEntry {
  readonly access_level?: number;
  readonly user_id?: number;
  readonly group_id?: number;
}

function create(call: Call): unknown {
  const { store } = call;
  const project = call.project(AccessLevel.Maintainer);
  const input = call.read({
    name: required(filledText()),
    create_access_level: integer(RULE_LEVELS),
    allowed_to_create: records({ access_level: integer(RULE_LEVELS), user_id: integer(), group_id: integer() }),
  });
  if (store.tagRulesOf(project.id).some(({ name }) => name === input.name)) {
    throw GitLabError.conflict(`Protected tag '${input.name}' already exists`);
  }
  const wanted: WantedEntry[] = store.premium ? (input.allowed_to_create ?? []) : [];
  const level = input.create_access_level ?? (wanted.length === 0 ? AccessLevel.Maintainer : undefined);
  const entries = [
    ...(level === undefined ? [] : [roleEntry(store, level)]),
    ...wanted.map((want) => wantedEntry(store, project, want)),
  ];
  const rule: ProtectedTag = {
    id: store.protectedTags.nextId(),
    projectId: project.id,
    name: input.name,
    create: entries,
  };
  return present(store, store.protectedTags.insert(rule));
}

function wantedEntry(store: Store, project: Project, want: WantedEntry): AccessEntry {
  const entry = roleEntry(store, want.access_level ?? AccessLevel.Maintainer);
  const user = want.user_id === undefined ? undefined : store.users.get(want.user_id);
  if (want.user_id !== undefined && !(user && isMember(store, user, project))) {
    throw GitLabError.unprocessable(["Create access levels user is not a member of the project"]);
  }
  return { ...entry, userId: want.user_id ?? null, groupId: want.group_id ?? null };
}

export const protectedTagRoutes = [
  get("/projects/:id/protected_tags", list),
  get("/projects/:id/protected_tags/:name", (call) => present(call.store, find(call))),
  post("/projects/:id/protected_tags", create),
  del("/projects/:id/protected_tags/:name", (call) => call.store.protectedTags.delete(find(call))),
];
