import { projectLevel } from "../members/access";
import { AccessLevel } from "../members/access-level";
import type { Store } from "../store";
import type { User } from "../users/user";
import type { DeployKey } from "./deploy-key";

/** Tells whether a user may enable the key for another project: administrators, and Maintainers of one that has it. */
export function mayUseDeployKey(store: Store, user: User, key: DeployKey): boolean {
  if (user.admin) return true;
  return [...key.canPushTo.keys()].some((id) => {
    const project = store.projects.get(id);
    return project !== undefined && projectLevel(store, user, project) >= AccessLevel.Maintainer;
  });
}

/** Takes a key from a project; one that no project has is gone. */
export function disableDeployKey(store: Store, key: DeployKey, projectId: number): void {
  key.canPushTo.delete(projectId);
  if (key.canPushTo.size === 0) store.deployKeys.delete(key);
}
