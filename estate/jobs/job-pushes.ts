import type { PipelineJob } from "./pipeline";
import { pushOfPushJob } from "./push-job";
import { pushesIn, type ScriptPush } from "./push-script";

/** Every `git push` of a job, whose script is read where it is not this project's own push job. @param project full path of the project whose job it is */
export function jobPushes(job: PipelineJob, project: string): ScriptPush[] {
  const strategy = job.variables.get("GIT_STRATEGY");
  const checkout = strategy !== "none" && strategy !== "empty";
  const own = pushOfPushJob(job);
  return (own ? [own] : pushesIn(job.script, { project, variables: job.variables, checkout })).map((push) => ({
    ...push,
    credential: ofJob(push.credential, job),
  }));
}

/** A key that something else than a CI/CD variable fills is nothing to look up. */
const ofJob = (credential: ScriptPush["credential"], { provided }: PipelineJob): ScriptPush["credential"] =>
  credential.kind === "variable" && provided.has(credential.key)
    ? { kind: "other", what: `${credential.key}, a secret from outside GitLab's variables` }
    : credential;

/** Tells whether a push goes to something else than this GitLab. Scripts name GitLab with its port or without. */
export function isOtherHost({ host }: ScriptPush, baseUrl: string): boolean {
  const own = new URL(baseUrl);
  return host !== undefined && host.toLowerCase() !== own.host && host.toLowerCase() !== own.hostname;
}
