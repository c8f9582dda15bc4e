import * as path from "node:path";
import { Limiter } from "../gitlab/limiter";
import type { Problem } from "../gitlab/problem";
import { GitLabState } from "./gitlab-state";
import { LEFT_OUT } from "./left-out-states";
import type { StackState } from "./stack-state";
import { StateError } from "./state-error";
import { type StateSettings, stateSettings } from "./state-settings";

/** States in GitLab read at once. */
const CONCURRENCY = 8;

/**
 * Looks whether a stack whose state is to be a file, and has none, has its state in GitLab still: a deploy would make every token a second
 * time. GitLab is asked only when the context names a `stateProject` beside local states, as it does before and after they move, and where
 * there are credentials.
 *
 * @param states what was found of the files
 * @throws StateError
 */
export async function refuseLeftInGitLab(
  context: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  states: Iterable<StackState>,
): Promise<void> {
  const { TF_HTTP_USERNAME: username, TF_HTTP_PASSWORD: password } = environment;
  if ((context.state ?? "local") !== "local" || context.stateProject === undefined || !username || !password) return;
  const gitlab = stateSettings({ ...context, state: "gitlab" }, environment) as GitLabSettings;
  const limiter = new Limiter(CONCURRENCY);
  const names = [...states].flatMap(({ backend, deployed, hidden }) =>
    backend.kind === "local" && !deployed.begun && hidden !== LEFT_OUT ? [path.basename(backend.file, ".tfstate")] : [],
  );
  const left = await Promise.all(
    names.map((name) => limiter.run(async () => ((await isInGitLab(name, gitlab)) ? [name] : []))),
  );
  if (left.flat().length > 0) throw new StateError(forgotten(left.flat(), gitlab.project));
}

type GitLabSettings = Extract<StateSettings, { kind: "gitlab" }>;

async function isInGitLab(name: string, settings: GitLabSettings): Promise<boolean> {
  const { deployed, hidden } = await new GitLabState(settings, name).read();
  return hidden === undefined && (deployed.encrypted || deployed.addresses.size > 0);
}

const forgotten = (names: readonly string[], project: string): Problem => ({
  got: `local states in cdktf.json, no file of ${names.join(", ")}, and a state of that name in ${project}`,
  allowed: "one state, because a deploy from an empty one makes every token a second time",
  fix: "npx gitlab-ci-pusher state move, which brings every stack's; or take stateProject out of cdktf.json if that state is out of date",
});
