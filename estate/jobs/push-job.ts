import type { PipelineJob } from "./pipeline";
import type { ScriptPush } from "./push-script";
import { isKnown } from "./shell";

/** The push of `templates/push.yml`, read from the variables that its inputs become: of its script nothing need be guessed. */
export function pushOfPushJob({ variables }: PipelineJob): ScriptPush | undefined {
  const project = variables.get("PUSHER_TARGET");
  const branch = variables.get("PUSHER_BRANCH");
  const key = variables.get("PUSHER_VARIABLE");
  if (project === undefined || branch === undefined || key === undefined) return undefined;
  return {
    credential: { kind: "variable", key, user: "gitlab-ci-token" },
    ...(isKnown(project) ? { project } : {}),
    ...(isKnown(branch) ? { branch } : {}),
    qualified: true,
    bare: false,
    detached: true,
    repository: "own",
    complete: variables.get("PUSHER_DEPTH") === "0",
    force: false,
    deletes: false,
    tags: false,
    skipsPipeline: variables.get("PUSHER_SKIP_PIPELINE") === "true",
  };
}
