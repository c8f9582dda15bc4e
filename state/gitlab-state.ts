import { ApiError } from "../gitlab/api-error";
import type { HttpAnswer } from "../gitlab/http-call";
import { DeployedState } from "./deployed-state";
import { GitLabStateApi } from "./gitlab-state-api";
import type { HttpBackendSettings, StackState } from "./stack-state";
import type { StateSettings } from "./state-settings";

/** The state that GitLab keeps for one stack, under the stack's name. */
export class GitLabState {
  readonly backend: HttpBackendSettings;
  private readonly api: GitLabStateApi;

  /** @param wait as GitLabStateApi's */
  constructor(
    private readonly settings: Extract<StateSettings, { kind: "gitlab" }>,
    stack: string,
    wait?: (milliseconds: number) => Promise<unknown>,
  ) {
    this.api = new GitLabStateApi(settings, stack, wait);
    const { address } = this.api;
    // GitLab knows POST and DELETE only, where Terraform would send LOCK and UNLOCK.
    this.backend = {
      kind: "http",
      address,
      lockAddress: `${address}/lock`,
      lockMethod: "POST",
      unlockAddress: `${address}/lock`,
      unlockMethod: "DELETE",
      retryWaitMin: 5,
    };
  }

  /**
   * Reads what the last deploy left. Without credentials, and when no answer comes, nothing is known, and `hidden` says why.
   * @throws StateError when GitLab answers, but with no state: credentials it refuses, a project it does not show, a failure
   */
  async read(): Promise<StackState> {
    if (!this.api.hasCredentials) return this.unread(NO_CREDENTIALS);
    const answer = await this.api.read();
    if (answer instanceof ApiError) return this.unread(`${this.settings.baseUrl} did not answer (${answer.reason})`);
    return { backend: this.backend, deployed: this.deployed(answer) };
  }

  /** The same without asking: nothing is known, for this reason. */
  unread(hidden: string): StackState {
    return { backend: this.backend, deployed: DeployedState.nothing(), hidden };
  }

  private deployed(answer: HttpAnswer): DeployedState {
    const { status, text } = answer;
    if (status === 200) return this.parsed(text);
    // Locked once, and never written.
    if (status === 204) return this.parsed("");
    // A project that is not there, or not to be seen, has no state to be trusted.
    const isGitLabs = text.trimStart().startsWith("{");
    if (status === 404 && isGitLabs && !/project/i.test(this.api.reason(text))) return this.parsed(undefined);
    throw this.api.refusal("GET", answer);
  }

  private parsed(text: string | undefined): DeployedState {
    return DeployedState.fromText(text, {
      name: `the state at ${this.backend.address}`,
      mend: "restore an earlier version of it (docs/state.md)",
    });
  }
}

const NO_CREDENTIALS = "TF_HTTP_USERNAME and TF_HTTP_PASSWORD are not set";
