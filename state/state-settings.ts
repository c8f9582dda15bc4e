import { plainBaseUrl, requireBaseUrl } from "../gitlab/base-url";
import { ExpectedError } from "../gitlab/expected-error";
import type { Problem } from "../gitlab/problem";
import { projectPathProblem } from "../gitlab/project-path";
import { statesToRead } from "./left-out-states";
import { StateError } from "./state-error";

/** The credentials with which a state in GitLab is read and written, as Terraform's HTTP backend takes it from the environment. */
export interface StateCredentials {
  /** `TF_HTTP_USERNAME`: a GitLab user name, or `gitlab-ci-token`. */
  readonly username: string;
  /** `TF_HTTP_PASSWORD`: an access token with scope `api`, or a job token. */
  readonly password: string;
}

/** The place where the states of all stacks are kept. */
export type StateSettings =
  /** In files below `.state`. */
  | {
      readonly kind: "local";
      /** The stacks whose states are read. @default - all */
      readonly stacks?: readonly string[];
    }
  /** In a GitLab project, under the stacks' names. */
  | {
      readonly kind: "gitlab";
      /** Without `/api/v4`. */
      readonly baseUrl: string;
      /** Full path or id. */
      readonly project: string;
      /** @default - none, so that the states cannot be read */
      readonly credentials?: StateCredentials;
      /** The stacks whose states are read. @default - all */
      readonly stacks?: readonly string[];
    };

type Environment = Readonly<Record<string, string | undefined>>;

/** The file that `context` is in. */
const FILE = "cdktf.json";

/** The keys of cdktf.json's `context` that are read here. */
const KEYS = ["state", "stateProject"];

/**
 * Reads where states are kept from cdktf.json's `context`: `{"state": "local"}`, the default, or `{"state": "gitlab"}` with a
 * `stateProject`, a full path or id, which in a pipeline may be left out for the pipeline's own project.
 *
 * @param environment in a pipeline `CI_API_V4_URL` and `CI_PROJECT_ID`, elsewhere `GITLAB_BASE_URL`; `TF_HTTP_USERNAME` and `TF_HTTP_PASSWORD`
 * @throws StateError
 */
export function stateSettings(context: Readonly<Record<string, unknown>>, environment: Environment): StateSettings {
  const unknown = Object.keys(context).find((key) => /^state/i.test(key) && !KEYS.includes(key));
  if (unknown !== undefined) {
    refuse({ got: `"${unknown}" in the context`, allowed: KEYS.join(" and "), fix: "correct the spelling" });
  }
  const project = projectOf(context.stateProject);
  const kind = context.state ?? "local";
  const stacks = statesToRead(context);
  if (kind === "local") return { kind, stacks };
  if (kind !== "gitlab") {
    refuse({
      got: `state ${JSON.stringify(kind)} in the context`,
      allowed: '"local" or "gitlab"',
      fix: 'write "gitlab" for a state in GitLab; for any other backend leave state out and declare the backend in main.ts (docs/state.md)',
    });
  }
  return {
    kind,
    baseUrl: baseUrlOf(environment),
    project: project ?? (environment.CI_PROJECT_ID || refuse(NO_PROJECT)),
    credentials: credentialsOf(environment),
    stacks,
  };
}

/** The same for a command that only reads states: without credentials nothing is asked, so no address is needed. @throws StateError */
export function readingSettings(context: Readonly<Record<string, unknown>>, environment: Environment): StateSettings {
  const { TF_HTTP_USERNAME, TF_HTTP_PASSWORD, GITLAB_BASE_URL } = environment;
  if (TF_HTTP_USERNAME || TF_HTTP_PASSWORD) return stateSettings(context, environment);
  return stateSettings(context, { ...environment, GITLAB_BASE_URL: GITLAB_BASE_URL || NOWHERE });
}

/** An address of no GitLab, for what asks none. @see https://www.rfc-editor.org/rfc/rfc2606#section-2 */
export const NOWHERE = "https://gitlab.invalid";

const NO_PROJECT: Problem = {
  got: 'state "gitlab" in the context, without a project',
  allowed: "stateProject, the full path or id of the project that keeps the states; in a pipeline it may be left out",
  fix: 'write "stateProject": "<group>/<project>", the path of this ops repository, beside "state"',
};

function projectOf(written: unknown): string | undefined {
  if (written === undefined || (Number.isInteger(written) && Number(written) > 0)) return written?.toString();
  const text = typeof written === "string" ? written : JSON.stringify(written);
  if (typeof written === "string" && /^[1-9]\d*$/.test(text)) return text;
  const problem = projectPathProblem(text);
  if (problem !== undefined) throw new StateError({ place: FILE, at: "context.stateProject", problem });
  return text;
}

/** In a pipeline the GitLab that runs it keeps the states, whatever GitLab the stacks are for. */
function baseUrlOf(environment: Environment): string {
  const { CI_API_V4_URL: pipeline } = environment;
  try {
    if (pipeline) return plainBaseUrl(pipeline, "CI_API_V4_URL");
    return requireBaseUrl(environment, 'state "gitlab"');
  } catch (error) {
    if (!(error instanceof ExpectedError) || !error.problem) throw error;
    throw new StateError(error.problem);
  }
}

function credentialsOf(environment: Environment): StateCredentials | undefined {
  const { TF_HTTP_USERNAME: username, TF_HTTP_PASSWORD: password } = environment;
  if (username && password) return { username, password };
  if (!username && !password) return undefined;
  const [set, missing] = username ? ["USERNAME", "PASSWORD"] : ["PASSWORD", "USERNAME"];
  throw new StateError({
    got: `TF_HTTP_${set} without TF_HTTP_${missing}`,
    allowed: "both, or neither",
    fix: `export TF_HTTP_${missing} as well: ${missing === "USERNAME" ? "your GitLab user name, gitlab-ci-token in a pipeline" : "your access token with scope api, $CI_JOB_TOKEN in a pipeline"}`,
  });
}

function refuse(problem: Problem): never {
  throw new StateError({ place: FILE, problem });
}
