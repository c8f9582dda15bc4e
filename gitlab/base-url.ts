import { ExpectedError } from "./expected-error";
import { describe } from "./problem";

/**
 * Where a GitLab is, without `/api/v4` and a slash at the end.
 * @param name the variable it comes from; @default "GITLAB_BASE_URL"
 * @throws ExpectedError when it is no address
 */
export function plainBaseUrl(text: string, name = "GITLAB_BASE_URL"): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === "") {
    return `${url.origin}${url.pathname.replace(/\/+$/, "").replace(/\/api\/v4$/, "")}`;
  }
  throw new ExpectedError(
    describe({
      got: `${name} ${url?.username ? "with a user name in it" : JSON.stringify(text)}`,
      allowed: "the address of a GitLab, https://…",
      fix: "write it as in the browser, such as https://gitlab.example.com",
    }),
  );
}
