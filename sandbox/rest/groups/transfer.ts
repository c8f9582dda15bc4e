import { GitLabError } from "../../model/gitlab-error";
import { lowerVisibility, moreVisible } from "../../model/groups/groups";
import type { Group } from "../../model/groups/namespace";
import { canReadGroup, groupLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import { mayCreateGroups } from "../../model/users/users";
import type { Call } from "../call";
import { integer } from "../parameters";
import { post } from "../route";
import { presentGroup } from "./groups";

/** Moves a group below another one, or to the top, with all that is in it. Errors: 400 with GitLab's sentence. */
function transfer(call: Call): unknown {
  const { store, user } = call;
  const group = call.group(AccessLevel.Owner);
  const { group_id: id } = call.read({ group_id: integer() });
  const parent = id === undefined ? undefined : store.group(id);
  if (id !== undefined && (!parent || !canReadGroup(store, user, parent))) throw GitLabError.notFound("Group");
  const problem = problemOf(call, group, parent);
  if (problem !== undefined) throw GitLabError.message(400, `Transfer failed: ${problem}`);
  if (parent && moreVisible(group.visibility, parent.visibility)) lowerVisibility(store, group, parent.visibility);
  store.namespaces.update(group, (row) => {
    (row as Group).parentId = parent?.id ?? null;
  });
  return presentGroup(call, group);
}

function problemOf(call: Call, group: Group, parent: Group | undefined): string | undefined {
  const { store } = call;
  if (!parent && group.parentId === null) return "Group is already a root group.";
  if (parent?.id === group.parentId) return "Group is already associated to the parent group.";
  if (!mayTakeIn(call, parent)) return "You don't have enough permissions.";
  const path = parent ? `${store.namespaceFullPath(parent)}/${group.path}` : group.path;
  if (store.namespaceByPath(path) || store.projectByPath(path)) {
    return "The parent group already has a subgroup or a project with the same path.";
  }
  const isWithin = parent && store.groupAndAncestors(parent.id).includes(group);
  return isWithin ? "Cannot transfer group to one of its subgroup." : undefined;
}

/** Subgroups are made by Maintainers, or by Owners alone where the group says so. */
function mayTakeIn({ store, user }: Call, parent: Group | undefined): boolean {
  if (!parent) return mayCreateGroups(user);
  const needed = parent.attributes.subgroup_creation_level === "owner" ? AccessLevel.Owner : AccessLevel.Maintainer;
  return groupLevel(store, user, parent) >= needed;
}

export const groupTransferRoutes = [post("/groups/:id/transfer", transfer)];
