/** A refusal with GitLab's status and body; thrown by the model, written out by the REST layer as it is. */
export class GitLabError extends Error {
  /** @param body the JSON body GitLab answers with */
  constructor(
    readonly status: number,
    readonly body: unknown,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${status} ${JSON.stringify(body)}`);
  }

  /** `{"message": …}`: a text, a list of sentences, or texts by field. */
  static message(status: number, message: string | string[] | Record<string, string[]>): GitLabError {
    return new GitLabError(status, { message });
  }

  static unauthorized(): GitLabError {
    return GitLabError.message(401, "401 Unauthorized");
  }

  static forbidden(reason?: string): GitLabError {
    return GitLabError.message(403, reason ? `403 Forbidden - ${reason}` : "403 Forbidden");
  }

  /** @param resource "Project", "Branch", "Variable", …; left out for the plain text */
  static notFound(resource?: string): GitLabError {
    return GitLabError.message(404, resource ? `404 ${resource} Not Found` : "404 Not Found");
  }

  /** The answer of any look-up of a missing record, unless the endpoint names it. */
  static recordNotFound(): GitLabError {
    return GitLabError.message(404, "404 Not found");
  }

  static badRequest(reason: string): GitLabError {
    return GitLabError.message(400, `400 Bad request - ${reason}`);
  }

  static conflict(reason: string): GitLabError {
    return GitLabError.message(409, reason);
  }

  static unprocessable(sentences: string[]): GitLabError {
    return GitLabError.message(422, sentences);
  }

  /** Model validation: texts by field. */
  static invalid(field: string, text: string): GitLabError {
    return GitLabError.message(400, { [field]: [text] });
  }
}
