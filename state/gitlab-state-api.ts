import { setTimeout as sleep } from "node:timers/promises";
import { ApiError, reasonOf } from "../gitlab/api-error";
import { type HttpAnswer, httpCall } from "../gitlab/http-call";
import { retryDelay } from "../gitlab/retry";
import { StateError } from "./state-error";
import type { StateSettings } from "./state-settings";

const TIMEOUT = 30_000;

/** A connection that failed is tried once more, after so many milliseconds. */
const SECOND_TRY_AFTER = 1_000;

type Method = "GET" | "POST" | "DELETE";

/** GitLab's API for the state of one stack. @see https://docs.gitlab.com/user/infrastructure/iac/terraform_state/ */
export class GitLabStateApi {
  /** The address at which Terraform finds the state. */
  readonly address: string;
  private readonly path: string;

  constructor(
    private readonly settings: Extract<StateSettings, { kind: "gitlab" }>,
    stack: string,
    /** Waits so many milliseconds before a call is made again. @default - the machine's clock */
    private readonly wait: (milliseconds: number) => Promise<unknown> = sleep,
  ) {
    this.path = `/projects/${encodeURIComponent(settings.project)}/terraform/state/${encodeURIComponent(stack)}`;
    this.address = `${settings.baseUrl}/api/v4${this.path}`;
  }

  /** Tells whether there is somebody to ask as. */
  get hasCredentials(): boolean {
    return this.settings.credentials !== undefined;
  }

  /**
   * The state.
   * @param signal ends the waiting for an answer, which is then none; @default - nothing does
   * @returns GitLab's answer, whatever it is; an ApiError when there is none
   */
  async read(signal?: AbortSignal): Promise<HttpAnswer | ApiError> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.send("GET", "", undefined, signal);
      const delay = answer instanceof ApiError ? againAfterSilence(attempt) : retryDelay(answer, attempt, Date.now());
      if (delay === undefined || signal?.aborted) return answer;
      await this.wait(delay);
    }
  }

  /** Takes the lock, or is refused with 409 and who holds it. Not repeated: GitLab refuses a lock to its own holder too. */
  lock(id: string, operation: string): Promise<HttpAnswer | ApiError> {
    const created = new Date().toISOString();
    return this.send("POST", "/lock", {
      ID: id,
      Operation: operation,
      Info: "",
      Who: "",
      Version: "",
      Created: created,
      Path: "",
    });
  }

  /** Gives the lock back. */
  unlock(id: string): Promise<HttpAnswer | ApiError> {
    return this.send("DELETE", "/lock", { ID: id });
  }

  /** Removes the state with every version of it. */
  remove(): Promise<HttpAnswer | ApiError> {
    return this.send("DELETE", "");
  }

  /** The refusal to make of an answer that is not the wanted one. `what` is the method and what follows the state's path. */
  refusal(what: string, { status, text }: HttpAnswer): StateError {
    const [allowed, fix] = this.advice(status);
    const reason = this.reason(text);
    const got = reason.startsWith(String(status)) ? reason : `${status} ${reason}`.trim();
    const [method, suffix = ""] = what.split(" ");
    return new StateError({ of: `${method} ${this.path}${suffix} at ${this.settings.baseUrl}`, got, allowed, fix });
  }

  /** GitLab's words; a proxy may show in its error what it was sent. */
  reason(text: string): string {
    const { password } = this.settings.credentials ?? {};
    return reasonOf(password ? text.replaceAll(password, "[a token]") : text);
  }

  private advice(status: number): readonly [allowed: string, fix: string] {
    const { project } = this.settings;
    const somebody = `the credentials of somebody who is Developer of ${project} to plan, Maintainer to deploy`;
    if (status === 401) return [somebody, "renew TF_HTTP_PASSWORD: an access token with scope api, or $CI_JOB_TOKEN"];
    if (status === 403) return [somebody, "check role and token scope (api; read_api to plan) of TF_HTTP_USERNAME"];
    if (status === 404)
      return [somebody, "correct stateProject in cdktf.json, or make the user a member of the project"];
    if (status < 400) return ["an answer of GitLab's API", "write GitLab's final address into GITLAB_BASE_URL"];
    return ["a success", "try again later; GitLab's status page or administrator knows more"];
  }

  private async send(
    method: Method,
    suffix: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<HttpAnswer | ApiError> {
    const { username, password } = this.settings.credentials ?? { username: "", password: "" };
    try {
      return await httpCall(`${this.address}${suffix}`, {
        method,
        headers: { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` },
        body,
        signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(signal ? [signal] : [])]),
      });
    } catch (error) {
      return ApiError.unanswered(`${method} ${this.path}${suffix} at ${this.settings.baseUrl}`, error, TIMEOUT);
    }
  }
}

const againAfterSilence = (attempt: number): number | undefined => (attempt === 0 ? SECOND_TRY_AFTER : undefined);
