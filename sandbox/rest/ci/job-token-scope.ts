import { GitLabError } from "../../model/gitlab-error";
import { canReadGroup, canReadProject } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import type { Call } from "../call";
import { flag, integer, required } from "../parameters";
import { presentSimpleProject } from "../projects/view";
import { del, get, patch, post } from "../route";

const SETTINGS = "/projects/:id/job_token_scope";
/** The most entries an allowlist takes, the project itself included. */
const LIMIT = 200;

function maintained(call: Call): Project {
  return call.project(AccessLevel.Maintainer);
}

function show(call: Call): unknown {
  return { inbound_enabled: maintained(call).jobTokenScopeEnabled, outbound_enabled: false };
}

function update(call: Call): undefined {
  const project = maintained(call);
  project.jobTokenScopeEnabled = call.read({ enabled: required(flag()) }).enabled;
  return undefined;
}

function listProjects(call: Call): unknown {
  const { store } = call;
  const project = maintained(call);
  const ids = [project.id, ...project.jobTokenAllowedProjects];
  const known = ids.map((id) => store.projects.get(id)).filter((found): found is Project => found !== undefined);
  return call.page(known, (found) => presentSimpleProject(store, found));
}

function listGroups(call: Call): unknown {
  const { store } = call;
  const ids = [...maintained(call).jobTokenAllowedGroups];
  const groups = ids.map((id) => store.group(id)).filter((group) => group !== undefined);
  return call.page(groups, ({ id, name, ...group }) => ({
    id,
    web_url: `${store.url}/groups/${store.namespaceFullPath({ id, name, ...group })}`,
    name,
  }));
}

function requireRoom(project: Project): void {
  if (1 + project.jobTokenAllowedProjects.size + project.jobTokenAllowedGroups.size < LIMIT) return;
  throw GitLabError.message(
    422,
    `Source project exceeds the allowable number of project links in this direction. The limit is ${LIMIT}.`,
  );
}

function addProject(call: Call): unknown {
  const { store, user } = call;
  const project = maintained(call);
  const { target_project_id: id } = call.read({ target_project_id: required(integer()) });
  const target = store.projects.get(id);
  if (!target || !canReadProject(store, user, target)) throw GitLabError.notFound("target_project_id");
  if (id === project.id || project.jobTokenAllowedProjects.has(id)) {
    throw GitLabError.badRequest("This project is already in the job token allowlist.");
  }
  requireRoom(project);
  project.jobTokenAllowedProjects.add(id);
  return { source_project_id: project.id, target_project_id: id };
}

function addGroup(call: Call): unknown {
  const { store, user } = call;
  const project = maintained(call);
  const { target_group_id: id } = call.read({ target_group_id: required(integer()) });
  const group = store.group(id);
  if (!group || !canReadGroup(store, user, group)) throw GitLabError.notFound("target_group_id");
  if (project.jobTokenAllowedGroups.has(id))
    throw GitLabError.badRequest("This group is already in the job token allowlist.");
  requireRoom(project);
  project.jobTokenAllowedGroups.add(id);
  return { source_project_id: project.id, target_group_id: id };
}

function removeProject(call: Call): undefined {
  if (!maintained(call).jobTokenAllowedProjects.delete(call.id("target_project_id"))) {
    throw GitLabError.notFound("Target project");
  }
  return undefined;
}

function removeGroup(call: Call): undefined {
  if (!maintained(call).jobTokenAllowedGroups.delete(call.id("target_group_id")))
    throw GitLabError.notFound("Target group");
  return undefined;
}

export const jobTokenScopeRoutes = [
  get(SETTINGS, show),
  patch(SETTINGS, update),
  get(`${SETTINGS}/allowlist`, listProjects),
  post(`${SETTINGS}/allowlist`, addProject),
  del(`${SETTINGS}/allowlist/:target_project_id`, removeProject),
  get(`${SETTINGS}/groups_allowlist`, listGroups),
  post(`${SETTINGS}/groups_allowlist`, addGroup),
  del(`${SETTINGS}/groups_allowlist/:target_group_id`, removeGroup),
];
