import { GitLabError } from "../../model/gitlab-error";
import { canReadGroup } from "../../model/members/access";
import { AccessLevel, MEMBER_LEVELS } from "../../model/members/access-level";
import type { Share } from "../../model/projects/share";
import type { Call } from "../call";
import { day, integer, required } from "../parameters";
import { del, post } from "../route";

function present(share: Share): Record<string, unknown> {
  return {
    id: share.id,
    project_id: share.projectId,
    group_id: share.groupId,
    group_access: share.accessLevel,
    expires_at: share.expiresAt,
  };
}

function create(call: Call): unknown {
  const { store, user } = call;
  const project = call.project(AccessLevel.Maintainer);
  const input = call.read({
    group_id: required(integer()),
    group_access: required(integer(MEMBER_LEVELS)),
    expires_at: day(),
  });
  const parent = store.group(project.namespaceId);
  if (parent?.attributes.share_with_group_lock === true) {
    throw GitLabError.message(400, "The project sharing with group is disabled");
  }
  const group = store.group(input.group_id);
  if (!group || !canReadGroup(store, user, group)) throw GitLabError.message(404, "404 Not Found");
  if (store.groupAndAncestors(project.namespaceId).includes(group)) {
    throw GitLabError.conflict("Project cannot be shared with the group it is in or one of its ancestors.");
  }
  if (store.sharesOf(project.id).some(({ groupId }) => groupId === group.id)) {
    throw GitLabError.conflict("Group already shared with this group");
  }
  const share: Share = {
    id: store.shares.nextId(),
    projectId: project.id,
    groupId: group.id,
    accessLevel: input.group_access,
    expiresAt: input.expires_at ?? null,
  };
  return present(store.shares.insert(share));
}

function remove(call: Call): undefined {
  const { store } = call;
  const project = call.project(AccessLevel.Maintainer);
  const groupId = call.id("group_id");
  const share = store.sharesOf(project.id).find((each) => each.groupId === groupId);
  if (!share) throw GitLabError.notFound("Group Link");
  store.shares.delete(share);
  return undefined;
}

export const shareRoutes = [post("/projects/:id/share", create), del("/projects/:id/share/:group_id", remove)];
