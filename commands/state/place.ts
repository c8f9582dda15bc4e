import * as path from "node:path";
import { ApiError } from "../../gitlab/api-error";
import { GitLabState } from "../../state/gitlab-state";
import { GitLabStateApi } from "../../state/gitlab-state-api";
import { stateFileOf } from "../../state/local-state";
import type { StateSettings } from "../../state/state-settings";
import { CommandError } from "../exit-code";
import { NO_CREDENTIALS } from "../no-credentials";
import type { StatePlace } from "./stored-state";

type GitLabSettings = Extract<StateSettings, { kind: "gitlab" }>;

/** The state file of this name in a folder of local states. */
export function localPlace(name: string, directory: string): StatePlace {
  const file = stateFileOf(directory, name);
  return { name, where: path.relative("", file), backend: { local: { path: file } } };
}

/** The state of this name in GitLab. @throws CommandError without credentials */
export function gitlabPlace(name: string, settings: GitLabSettings): StatePlace {
  if (!settings.credentials) throw new CommandError(NO_CREDENTIALS);
  const { backend } = new GitLabState(settings, name);
  const http = {
    address: backend.address,
    lock_address: backend.lockAddress,
    lock_method: backend.lockMethod,
    unlock_address: backend.unlockAddress,
    unlock_method: backend.unlockMethod,
    retry_wait_min: backend.retryWaitMin,
  };
  const mustAnswer = async (signal: AbortSignal): Promise<void> => {
    const answer = await new GitLabStateApi(settings, name).read(signal);
    signal.throwIfAborted();
    if (answer instanceof ApiError) throw answer;
  };
  return { name, where: `${settings.project} at ${settings.baseUrl}`, backend: { http }, mustAnswer };
}

/** The place that the settings give the state of this name. */
export const placeOf = (name: string, settings: StateSettings, directory: string): StatePlace =>
  settings.kind === "local" ? localPlace(name, directory) : gitlabPlace(name, settings);

/** GitLab's API for the state of this name; undefined where GitLab does not keep it. */
export const apiOf = (name: string, settings: StateSettings): GitLabStateApi | undefined =>
  settings.kind === "gitlab" && settings.credentials ? new GitLabStateApi(settings, name) : undefined;
