import * as path from "node:path";
import { GitLabState } from "../../state/gitlab-state";
import { GitLabStateApi } from "../../state/gitlab-state-api";
import type { StateSettings } from "../../state/state-settings";
import { CommandError } from "../exit-code";
import { NO_CREDENTIALS } from "../lock";
import type { StatePlace } from "./stored-state";

type GitLabSettings = Extract<StateSettings, { kind: "gitlab" }>;

/** The state file of a stack in a folder of local states. */
export function localPlace(stack: string, directory: string): StatePlace {
  const file = path.resolve(directory, `${stack}.tfstate`);
  return { stack, where: path.relative("", file), backend: { local: { path: file } } };
}

/** The state of a stack in GitLab. @throws CommandError without credentials */
export function gitlabPlace(stack: string, settings: GitLabSettings): StatePlace {
  if (!settings.credentials) throw new CommandError(NO_CREDENTIALS);
  const { backend } = new GitLabState(settings, stack);
  const http = {
    address: backend.address,
    lock_address: backend.lockAddress,
    lock_method: backend.lockMethod,
    unlock_address: backend.unlockAddress,
    unlock_method: backend.unlockMethod,
    retry_wait_min: backend.retryWaitMin,
  };
  return { stack, where: `${settings.project} at ${settings.baseUrl}`, backend: { http } };
}

/** Where the settings have the state of a stack. */
export const placeOf = (stack: string, settings: StateSettings, directory: string): StatePlace =>
  settings.kind === "local" ? localPlace(stack, directory) : gitlabPlace(stack, settings);

/** GitLab's API for the state of a stack; undefined where GitLab does not keep it. */
export const apiOf = (stack: string, settings: StateSettings): GitLabStateApi | undefined =>
  settings.kind === "gitlab" && settings.credentials ? new GitLabStateApi(settings, stack) : undefined;
