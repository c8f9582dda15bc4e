import { messageOf } from "../gitlab-api-error";
import { DiagnosticError } from "../protocol/diagnostic";

/** The provider's title for whatever GitLab refused. */
export const API_ERROR = "GitLab API error occurred";

/** Calls GitLab, and says what was tried when it refuses. */
export async function reporting<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new DiagnosticError(API_ERROR, `${what}: ${messageOf(error)}`);
  }
}
