import { formOf, text } from "../../gitlab/answer-form";
import type { ApiClient } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";
import { CommandError } from "../exit-code";

/** A job by the address of its page. */
export interface JobUrl {
  /** Address of the GitLab. */
  readonly baseUrl: string;
  /** Full path of the project. */
  readonly project: string;
  readonly id: number;
}

/** GitLab's account of a job for whoever may see it. */
export interface JobRecord {
  readonly name: string;
  readonly ref: string;
  readonly status: string;
}

const JOB_RECORD = formOf<JobRecord>({ name: text, ref: text, status: text });

/** Tells whether an argument is an address, though its beginning may be missing, and no pusher's id. */
export const isAddress = (argument: string): boolean => /^https?:\/\/|\/jobs\/\d+/i.test(argument);

/**
 * Reads the address of a job's page, with or without `/raw` or a line's mark. The token goes to `base` only, where that is set: an address
 * of another host is refused.
 */
export function jobUrl(text: string, base: string | undefined): JobUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, path, id] = /^\/(.+?)\/(?:-\/)?(?:jobs|builds)\/(\d+)(?:\/.*)?$/.exec(url?.pathname ?? "") ?? [];
  if (!url || !/^https?:$/.test(url.protocol) || !path || !id || url.username !== "") {
    throw new CommandError({
      got: url?.username ? "an address with a user name in it" : JSON.stringify(text),
      allowed: "the address of a job's page, https://…/GROUP/PROJECT/-/jobs/NUMBER",
      fix: "copy it from the browser",
    });
  }
  if (base === undefined) return { baseUrl: url.origin, project: decodeURIComponent(path), id: Number(id) };
  const own = new URL(base);
  const prefix = own.pathname.replace(/\/*$/, "/").slice(1);
  if (url.origin !== own.origin || !path.startsWith(prefix)) {
    throw new CommandError({
      got: `a job of ${url.origin}`,
      allowed: `a job of ${base}, the GitLab that GITLAB_TOKEN is for`,
      fix: "set GITLAB_BASE_URL and GITLAB_TOKEN for the job's GitLab",
    });
  }
  return { baseUrl: base, project: decodeURIComponent(path.slice(prefix.length)), id: Number(id) };
}

/** A job and its log. @throws ApiError, or CommandError where there is no such job for the token's user */
export async function fetchJob(client: ApiClient, { project, id }: JobUrl): Promise<{ job: JobRecord; log: string }> {
  const path = ["projects", project, "jobs", id] as const;
  try {
    const [job, log] = await Promise.all([
      client.get<JobRecord>(path, {}, JOB_RECORD),
      client.text([...path, "trace"]),
    ]);
    return { job, log };
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    throw new CommandError({
      got: `404 for job ${id} of ${project} at ${client.baseUrl}`,
      allowed: "a job that the user of GITLAB_TOKEN may see",
      fix: "open its page as that user and copy the address; where GitLab is below a path, export GITLAB_BASE_URL with it, as in https://example.com/gitlab",
    });
  }
}

/** A note on what a job's state tells of its log. */
export function stateOf({ status }: JobRecord, log: string): string[] {
  if (log.trim() === "")
    return [`GitLab has no log of this job, whose status is ${status}: it has not begun, or its log was erased`];
  return status === "running" ? ["the job still runs, and its log goes on"] : [];
}
