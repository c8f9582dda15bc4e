import type { HttpAnswer } from "../../gitlab/http-call";

/** An answer as a call gives it, for tests that take the place of `httpCall`. */
export const httpAnswer = (text: string, status = 200, headers: Record<string, string> = {}): HttpAnswer => ({
  status,
  headers: new Headers(headers),
  text,
});
