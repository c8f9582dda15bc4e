import { GitLabError } from "../gitlab-error";
import type { Project } from "../projects/project";
import type { Store } from "../store";
import type { User } from "../users/user";
import type { TerraformLock, TerraformState } from "./state";

export function findState(store: Store, project: Project, name: string): TerraformState | undefined {
  return store.terraformStates.get(`${project.id}/${name}`);
}

/** The state of that name, made empty if there is none: a lock comes before the first write. */
export function findOrCreateState(store: Store, project: Project, name: string): TerraformState {
  const found = findState(store, project, name);
  if (found) return found;
  const created: TerraformState = { projectId: project.id, name, versions: [], lock: null };
  store.terraformStates.set(`${project.id}/${name}`, created);
  return created;
}

/** Adds a version. Errors: 413 too large, 422 not a state, 500 (as GitLab) when another lock is held. */
export function writeState(store: Store, state: TerraformState, user: User, body: Buffer, lockId?: string): void {
  const limit = store.settings.max_terraform_state_size_bytes;
  if (limit > 0 && body.length > limit) throw GitLabError.message(413, "413 Request Entity Too Large");
  const serial = serialOf(body);
  if (state.lock && state.lock.ID !== lockId) throw GitLabError.message(500, "500 Internal Server Error");
  state.versions.push({ serial, body, createdAt: store.clock.timestamp(), createdById: user.id });
}

/** Locks, unless a lock is held, be it by the same client. */
export function lockState(state: TerraformState, lock: TerraformLock): boolean {
  if (state.lock) return false;
  state.lock = lock;
  return true;
}

/** Unlocks; without an id by force. Errors: 409 when the id is not the lock's. */
export function unlockState(state: TerraformState, lockId?: string): void {
  if (state.lock && lockId !== undefined && state.lock.ID !== lockId) throw new GitLabError(409, state.lock);
  state.lock = null;
}

function serialOf(body: Buffer): number {
  let payload: unknown;
  try {
    payload = JSON.parse(body.toString());
  } catch (error) {
    throw GitLabError.message(422, `422 Unprocessable Entity - invalid JSON: ${(error as Error).message}`);
  }
  const serial = (payload as { serial?: unknown } | null)?.serial;
  if (typeof serial !== "number") throw GitLabError.message(422, "No serial in payload");
  return serial;
}
