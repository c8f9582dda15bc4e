import { ExpectedError } from "./expected-error";
import { withoutTokens } from "./problem";

type Environment = Readonly<Record<string, string | undefined>>;

/** The address that GitLab's Terraform provider talks to when `GITLAB_BASE_URL` is unset. */
export const GITLAB_COM = "https://gitlab.com";

const FIX = `export GITLAB_BASE_URL=https://gitlab.example.com, or ${GITLAB_COM} if it is that one`;

/** The path that a GitLab can have below its host; what a shell would take for something else is in no such path, as the address is typed into one. */
const BELOW = /^(?!.*\/api\/v4\/)[\w./~-]*$/;

/**
 * The address of a GitLab, without `/api/v4` and a slash at the end.
 * @param name the variable it comes from; @default "GITLAB_BASE_URL"
 * @throws ExpectedError when it is no address
 */
export function plainBaseUrl(text: string, name = "GITLAB_BASE_URL"): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") {
    const below = url.pathname.replace(/\/+$/, "").replace(/\/api\/v4$/, "");
    if (BELOW.test(below) && (url.origin !== GITLAB_COM || below === "")) return `${url.origin}${below}`;
  }
  throw new ExpectedError({
    got: `${name} ${text.includes("@") ? "with a user name in it" : withoutTokens(JSON.stringify(text))}`,
    allowed: "the address of a GitLab, https://…",
    fix: "write it as in the browser, such as https://gitlab.example.com",
  });
}

/**
 * The address of the GitLab of an environment: `GITLAB_BASE_URL`, else in a job of a GitLab that one, `CI_SERVER_URL`; undefined where neither
 * is set. There is no default, because what is sent there is a token.
 * @throws ExpectedError when what is set is no address
 */
export function baseUrlIn({ GITLAB_BASE_URL, CI_SERVER_URL }: Environment): string | undefined {
  if (GITLAB_BASE_URL) return plainBaseUrl(GITLAB_BASE_URL);
  return CI_SERVER_URL ? plainBaseUrl(CI_SERVER_URL, "CI_SERVER_URL") : undefined;
}

/**
 * {@link baseUrlIn}, for what sends a credential there.
 * @param credential its variable; @default "GITLAB_TOKEN"
 * @throws ExpectedError also when no address is set
 */
export function requireBaseUrl(environment: Environment, credential = "GITLAB_TOKEN"): string {
  const known = baseUrlIn(environment);
  if (known !== undefined) return known;
  const got = `${credential} without the address of the GitLab it is for`;
  throw new ExpectedError({ got, allowed: "GITLAB_BASE_URL, or a job of that GitLab", fix: FIX });
}

/**
 * {@link baseUrlIn}, for a synth, after which cdktf has Terraform run in the same environment.
 * @throws ExpectedError also when the provider, which knows `GITLAB_BASE_URL` alone, would take `GITLAB_TOKEN` to gitlab.com
 */
export function synthBaseUrl(environment: Environment): string | undefined {
  const known = baseUrlIn(environment);
  const { GITLAB_BASE_URL, GITLAB_TOKEN } = environment;
  if (!GITLAB_TOKEN || GITLAB_BASE_URL || known === GITLAB_COM) return known;
  throw new ExpectedError({
    got: "GITLAB_TOKEN without GITLAB_BASE_URL, which Terraform's provider would send to gitlab.com",
    allowed: "both of them, or neither",
    fix: known === undefined ? FIX : `export GITLAB_BASE_URL=${known}`,
  });
}
