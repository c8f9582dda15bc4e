/** A refusal of a Git request before any pack is read: what GitLab writes as plain text, and its status. */
export class GitRefusal extends Error {
  constructor(
    readonly status: number,
    text: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(text);
  }

  /**
   * Bad, dead or missing credentials. GitLab says the same for all of them.
   *
   * @param url the sandbox's own, for the link to the help page
   */
  static unauthorized(url: string): GitRefusal {
    const help = `${url}/help/topics/git/troubleshooting_git.md#error-on-git-fetch-http-basic-access-denied`;
    return new GitRefusal(
      401,
      "HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password. " +
        `If a token was provided, it was either incorrect, expired, or improperly scoped. See ${help}`,
      { "WWW-Authenticate": 'Basic realm="GitLab"' },
    );
  }

  static forbidden(text: string): GitRefusal {
    return new GitRefusal(403, text);
  }

  static notFound(text: string): GitRefusal {
    return new GitRefusal(404, text);
  }
}
