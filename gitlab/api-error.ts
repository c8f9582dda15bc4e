import { ExpectedError } from "./expected-error";
import { oneLine } from "./printable";
import { type Problem, withoutTokens } from "./problem";

/** Longest piece of an answer that is quoted, in characters. */
const MOST_QUOTED = 300;

/** A call of GitLab's API that did not give what was asked for. Its message never holds a token. */
export class ApiError extends ExpectedError {
  override readonly name = "ApiError";

  constructor(
    /** HTTP status of the answer; undefined when there was none. */
    readonly status: number | undefined,
    /** Status and GitLab's own words, `404 Project Not Found`; the network's when there was no answer. */
    readonly reason: string,
    problem: Problem,
  ) {
    super(problem);
  }

  /** An answer that is no success, or not of the form that GitLab's have. `call` is method and path. */
  static answered(call: string, status: number, body: string): ApiError {
    const reason = withStatus(status, reasonOf(body));
    const [allowed, fix] = adviceOn(status, isPage(body));
    return new ApiError(status, reason, { of: call, got: reason, allowed, fix });
  }

  /** No answer came. */
  static unanswered(call: string, error: unknown, timeout: number): ApiError {
    const reason = networkReason(error, timeout);
    const fix = CURES.find(([pattern]) => pattern.test(reason))?.[1] ?? UNREACHED;
    return new ApiError(undefined, reason, { of: call, got: reason, allowed: "an answer of GitLab", fix });
  }
}

const NO_GITLAB =
  "check that GITLAB_BASE_URL is the address of a GitLab; if it is, a proxy or a page to sign in answers in its place";
const UNREACHED =
  "check GITLAB_BASE_URL, and that this machine reaches it, HTTPS_PROXY and NO_PROXY where there is a proxy";

/** The cures by what the network says. Of a certificate that is known but not good no authority is one. */
const CURES: readonly (readonly [RegExp, string])[] = [
  [/CERT_HAS_EXPIRED|CERT_NOT_YET_VALID/, "have the certificate renewed; is this machine's clock right?"],
  [/ALTNAME/, "write the name that the certificate is for into GITLAB_BASE_URL, or have one made for this name"],
  [
    /CERT|SIGNED|VERIFY|ISSUER/,
    "let NODE_EXTRA_CA_CERTS name a file with the certificate of your instance's authority (docs/proxies-and-certificates.md)",
  ],
  [
    /EPROTO|SSL|TLS/,
    "check http or https at the beginning of GITLAB_BASE_URL, and of HTTPS_PROXY where there is one; TLS 1.2 is the oldest spoken",
  ],
  [/HPE_|Z_|an answer of more/, NO_GITLAB],
];

const STRANGER = ["GitLab's API", NO_GITLAB] as const;
const MOVED = ["an answer of GitLab's API", "write GitLab's final address into GITLAB_BASE_URL"] as const;
const UNEXPECTED = ["a success", "compare the call with GitLab's API documentation"] as const;
const BROKEN = ["a success", "try again later; GitLab's status page or administrator knows more"] as const;

const ADVICE: Readonly<Record<number, readonly [allowed: string, fix: string]>> = {
  401: [
    "a living personal access token whose user has the Maintainer role, or Owner for a group's variables",
    "check that GITLAB_TOKEN has not expired or been revoked, and the role of its user",
  ],
  403: [
    "a token with scope read_api (api to change things) of a user with the needed role",
    "check scope and role of GITLAB_TOKEN: Maintainer of the project, Owner of the group for its variables",
  ],
  404: [
    "what exists and is visible to the token",
    "correct the path, or make the token's user a member of the project or group",
  ],
  429: ["fewer calls", "try again in a minute, or ask the administrator for a higher limit"],
};

function adviceOn(status: number, isPage: boolean): readonly [allowed: string, fix: string] {
  if (status >= 500) return BROKEN;
  if (status < 300 || isPage) return STRANGER;
  return status < 400 ? MOVED : (ADVICE[status] ?? UNEXPECTED);
}

/** Many of GitLab's messages begin with the status. */
const withStatus = (status: number, reason: string): string =>
  reason.startsWith(String(status)) ? reason : `${status} ${reason}`.trim();

/** GitLab's words in an error's body, in one line; empty when it says nothing of use. */
export function reasonOf(body: string): string {
  const text = body.trim();
  if (isPage(text)) return "a web page instead of GitLab's API";
  return quotable(fromJson(text) ?? text);
}

/** GitLab's API answers in JSON. A page may begin with a comment, or as XML. */
const isPage = (body: string): boolean => /^\s*<[!?a-z]/i.test(body);

const quotable = (text: string): string => withoutTokens(oneLine(text).replace(/\s+/g, " ")).slice(0, MOST_QUOTED);

function fromJson(text: string): string | undefined {
  try {
    const { message, error, error_description: description } = JSON.parse(text) as Record<string, unknown>;
    if (message === undefined && error === undefined) return undefined;
    return words(message) || [words(error), words(description)].filter(Boolean).join(": ");
  } catch {
    return undefined;
  }
}

/** GitLab's messages are texts, lists of texts, or texts by field. */
function words(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(words).join(", ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([field, inner]) => `${field} ${words(inner)}`)
    .join("; ");
}

function networkReason(error: unknown, timeout: number): string {
  if ((error as Error).name === "TimeoutError") return `no answer within ${timeout / 1000} s`;
  const { code, message } = deepest(error as Failure);
  if (typeof code !== "string" || code === CANCELLED) return quotable(message);
  return /^(HPE|Z)_/.test(code) ? `an answer that cannot be read (${code})` : code;
}

/** An error when there is no answer; its reason is the deepest of its causes. */
interface Failure {
  readonly message: string;
  readonly code?: unknown;
  readonly cause?: Failure;
}

const deepest = (error: Failure): Failure => (error.cause ? deepest(error.cause) : error);

/** Also when a proxy refuses, of which the message tells. */
const CANCELLED = "UND_ERR_ABORTED";
