import { withoutTokens } from "../gitlab/problem";

/** The variables with the credentials of a command, whatever GitLab has them begin with. */
const CREDENTIALS = ["GITLAB_TOKEN", "TF_HTTP_PASSWORD", "PUSHER_NOTE_TOKEN", "CI_JOB_TOKEN"];

/** GitLab's shortest mask. Shorter ones would take words out of a text. */
const SHORTEST = 8;

/**
 * A text without credentials: those in addresses, whatever looks like one of GitLab's tokens, and the command's own ones, also encoded.
 * Git prints addresses, and logs are read by many.
 */
export function redact(text: string, environment: Readonly<Record<string, string | undefined>>): string {
  const own = CREDENTIALS.flatMap((name) => formsOf(environment[name] ?? ""));
  const without = own.reduce((left, secret) => left.replaceAll(secret, "[a token]"), text);
  return withoutTokens(without);
}

/** The forms that a credential may have: as it is, in an address, and in the Base64 of a header, after a user name of any length. */
function formsOf(secret: string): string[] {
  if (secret.length < SHORTEST) return [];
  return [...new Set([secret, encodeURIComponent(secret), ...[0, 1, 2].map((before) => base64Of(secret, before))])];
}

/** Its characters in Base64 that depend on nothing before and after it, when it begins so many bytes into a group of three. */
function base64Of(secret: string, before: number): string {
  const encoded = Buffer.from(" ".repeat(before) + secret).toString("base64");
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + Buffer.byteLength(secret)) * 8) / 6));
}
