import { withoutTokens } from "../gitlab/problem";

/** Credentials in addresses, and whatever looks like one of GitLab's tokens: git prints addresses, and logs are read by many. */
export const redact = (text: string): string =>
  withoutTokens(text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/]+@/gi, "$1[redacted]@"));
