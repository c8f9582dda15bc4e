import { withoutTokens } from "./problem";

/** Id of the text that a job's log shows when a push is refused: GitLab's own texts, Git's, and those of what lies between. */
export type RefusalId = (typeof REFUSALS)[number]["id"];

/**
 * The one who says it, which tells how much must stand around a text before it is believed:
 * `push`: nobody says it but for a push; `job`: the push job, or a script's own test of its variable; `access`: for any use of a
 * repository, a fetch as well; `ssh`: for any use of SSH; `tool`: a release tool in place of Git; `local`: git or the shell, before GitLab is asked at all.
 */
export type Speaker = "push" | "job" | "access" | "ssh" | "tool" | "local";

interface KnownRefusal {
  readonly id: string;
  readonly by: Speaker;
  /** Matches within one line; what a group named `detail` takes in is not quoted. */
  readonly pattern: RegExp;
}

/**
 * The texts, the most telling first.
 *
 * Sources: GitLab's `lib/gitlab/git_access.rb`, `lib/gitlab/checks/`, `lib/gitlab/auth/user_access_denied_reason.rb`, `push_rules` and
 * `app/controllers/repositories/git_http_controller.rb`; git's `transport.c`, `remote.c`, `send-pack.c`, `refs/files-backend.c` and
 * `builtin/receive-pack.c`; curl's and OpenSSH's messages.
 */
export const REFUSALS = [
  // What templates/push.yml, and the README's job, say before they push at all.
  { id: "empty-unprotected", by: "job", pattern: /\w+ is empty: '[^']*' is not protected/ },
  { id: "empty-merge-request", by: "job", pattern: /\w+ is empty: this is a merge request pipeline/ },
  { id: "empty-environment", by: "job", pattern: /\w+ is empty: no variable of that key has an environment scope/ },
  { id: "empty-missing", by: "job", pattern: /\w+ is empty: neither .* has a variable of that key/ },
  {
    id: "empty",
    by: "job",
    pattern: /\b[A-Z][A-Z0-9_]*(?:TOKEN|PASSWORD|CREDENTIAL|PAT|PUSH)[A-Z0-9_]* is (?:empty|not set)\b/,
  },
  { id: "holds-reference", by: "job", pattern: /\w+ holds the name of a variable, not a token/ },
  { id: "holds-path", by: "job", pattern: /\w+ holds a path: the variable is of type File/ },
  { id: "holds-job-token", by: "job", pattern: /\w+ holds the job token/ },
  { id: "holds-blanks", by: "job", pattern: /\w+ holds blanks or line breaks/ },
  { id: "input-of-others", by: "job", pattern: /\w+ names \w+, whose words are somebody else's/ },
  { id: "input-secret", by: "job", pattern: /\w+ holds the value of a secret variable/ },
  // What it says after a try, where GitLab's words alone would leave more open.
  { id: "token-refused", by: "job", pattern: /the token in \w+ is expired, revoked or mistyped/ },
  { id: "token-scope", by: "job", pattern: /the token in \w+ lacks the scope write_repository/ },
  { id: "token-role", by: "job", pattern: /the token's role in \S+ is below Developer/ },
  { id: "no-answer", by: "job", pattern: /GitLab did not answer/ },
  { id: "unread", by: "job", pattern: /git says why above/ },
  {
    id: "job-token-not-allowed",
    by: "access",
    pattern:
      /Authentication by CI\/CD job token not allowed(?<detail> from \S+ to \S+?)?\.?\s*$|\w+ holds a job token, which may not push/,
  },
  {
    id: "job-token-no-permission",
    by: "access",
    pattern: /Insufficient permissions to pull from the repository of project (?<detail>\S+?)\.?\s*$/,
  },
  { id: "access-denied", by: "access", pattern: /HTTP Basic: Access denied/i },
  {
    id: "no-credential",
    by: "access",
    pattern:
      /could not read (?:Username|Password) for|no CredentialsProvider has been registered|authentication required but no callback set/,
  },
  { id: "upload-denied", by: "push", pattern: /You are not allowed to upload code\.?/ },
  { id: "download-denied", by: "access", pattern: /You are not allowed to download code/ },
  { id: "push-denied", by: "push", pattern: /You are not allowed to push code to this project\.?/ },
  {
    id: "account-blocked",
    by: "access",
    pattern:
      /Your account (?:has been (?:blocked|deactivated)|is (?:pending approval|not active))|must accept the Terms of Service in order|Your password expired|Your primary email address is not confirmed|Cannot find valid SSO session|OTP verification is required to access|requires smartcard login/,
  },
  {
    id: "project-not-found",
    by: "access",
    pattern:
      /The (?:project|namespace) you were looking for could not be found|there is no project \S+, or the token's bot|\bEMISSINGREPO\b|\bpush[^:]*: repository not found/,
  },
  { id: "repository-missing", by: "access", pattern: /[Rr]epository for this project does not exist/ },
  {
    id: "archived",
    by: "push",
    pattern: /You can't push code to an archived project|push: refused: \S+ is archived/,
  },
  { id: "repository-read-only", by: "access", pattern: /The repository is temporarily read-only/ },
  {
    id: "instance-read-only",
    by: "push",
    pattern: /You can't push code to a read-only GitLab instance|\(read-only\) maintenance mode/,
  },
  {
    id: "subscription",
    by: "push",
    pattern:
      /Pushing code and creation of issues and merge requests has been disabled|over the user limit and has been placed in a read-only state/,
  },
  { id: "http-disabled", by: "access", pattern: /Git access over HTTPS? is not allowed/ },
  {
    id: "login-ban",
    by: "access",
    pattern: /Too many failed authentication attempts|GitLab has banned this runner's address/,
  },
  { id: "policy", by: "push", pattern: /push is blocked by settings overridden by a security policy/i },
  {
    id: "force-denied",
    by: "push",
    pattern: /You are not allowed to force push code to a protected branch|'.*' is protected from force pushes/,
  },
  {
    id: "branch-denied",
    by: "push",
    pattern:
      /You are not allowed to (?:push code to|merge code into) protected branches|no branch rule that matches '.*' lets the token/,
  },
  {
    id: "create-denied",
    by: "push",
    pattern:
      /You are not allowed to create protected branches|You can only (?:create protected branches using|use an existing protected branch ref)/,
  },
  {
    id: "delete-denied",
    by: "push",
    pattern:
      /not allowed to delete protected branches|only delete protected branches using|The default branch of a project cannot be deleted/,
  },
  {
    id: "sha-name",
    by: "push",
    pattern: /You cannot create a (?:branch|tag) with a (?:SHA|40-character|64-character)/,
  },
  {
    id: "no-default-branch",
    by: "push",
    pattern: /A default branch \(e\.g\. .+\) does not yet exist for (?<detail>\S+)/,
  },
  {
    id: "code-owners",
    by: "push",
    pattern: /Pushes to protected branches that contain changes to files that|matched?.*`?CODEOWNERS`?/,
  },
  {
    id: "secret-found",
    by: "push",
    pattern: /PUSH BLOCKED: Secrets? detected|Secret push protection found|secrets? (?:was|were) detected in/i,
  },
  { id: "lfs-objects-missing", by: "push", pattern: /LFS objects are missing/ },
  {
    id: "lfs-denied",
    by: "access",
    pattern:
      /batch response: (?:Authentication required|Authorization error|Repository or object not found)|LFS: Authorization error/,
  },
  { id: "lfs-tool-missing", by: "local", pattern: /configured for Git LFS but 'git-lfs' was not found/ },
  {
    id: "size-limit",
    by: "push",
    pattern: /repository has exceeded its size limit|exceeds? the repository size limit|namespace storage limit/,
  },
  {
    id: "path-locked",
    by: "push",
    pattern: /(?:is locked|locked in Git LFS|locked in default branch) by \S|Cannot update locked files/,
  },
  {
    id: "push-rule",
    by: "push",
    pattern:
      /(?:(?:Commit message|Committer's email|Committer email|Author's email|Committer's name|Committer name|Branch name) .*does not follow the pattern|Commit message (?:does not follow|contains the forbidden pattern|must contain a DCO)|Author '.*' is not a member of team|You (?:cannot push commits for|can only push commits)|(?:Committer|Author) '.*' is not|Commit must be signed|[Uu]nsigned commit|File name .*(?:was|is) (?:blacklisted|prohibited)|File ".*" is larger than the allowed size|is larger than the allowed size of|file size (?:limit|exceeds)|git username is inconsistent with GitLab account name|You cannot delete a tag$|blobs which exceed the|Tag name .*does not follow|Commit is not signed with a GPG|Signature of the commit \S+ is not verified|GPG Key used to sign commit|No Jira issue found in commit message|Jira issue \S+ (?:does not exist|is not assigned|has status)|to verify issue \S+\. Error)/,
  },
  {
    id: "tag-denied",
    by: "push",
    pattern:
      /not allowed to (?:create|delete|change) (?:this|existing|protected) tags?|Protected tags cannot be updated|only delete protected tags using/,
  },
  { id: "hidden-ref", by: "push", pattern: /deny (?:updating|creating|deleting) a hidden ref/ },
  { id: "gitaly", by: "access", pattern: /The git server, Gitaly, is not available/ },
  { id: "timed-out", by: "push", pattern: /Push operation timed out/ },
  {
    id: "tag-exists",
    by: "push",
    pattern: /\(already exists\)|tag already exists in the remote|tag '\S*' already exists|would clobber existing tag/,
  },
  // Before the unpacker's own words, which blame the server.
  {
    id: "bad-objects",
    by: "push",
    pattern: /fsck error in packed object|did not receive expected object|\(missing necessary objects\)/,
  },
  // A branch that is a folder of another: no race, though it begins like one.
  {
    id: "name-taken",
    by: "push",
    pattern: /exists; cannot create|directory file conflict|D\/F conflict/,
  },
  {
    id: "bad-name",
    by: "push",
    pattern:
      /\(funny refname\)|invalid refspec|is not a valid (?:branch|ref|tag) name|create a tag with a prohibited pattern|use default branch name to create a tag/,
  },
  { id: "lease-stale", by: "push", pattern: /\(stale info\)|remote ref updated since checkout/ },
  {
    id: "fetch-first",
    by: "push",
    pattern:
      /\((?:fetch first|non-fast-forward|needs force)\)|tip of your current branch is behind|pushed branch tip is behind|remote contains work that you do|cannot push non-fastforwardable|contains commits that are not present locally|non-fast-forward update|not a simple fast-forward|REJECTED_(?:NONFASTFORWARD|REMOTE_CHANGED)|is behind remote upstream|cannot lock ref|failed to (?:update|lock) ref|incorrect old value|reference already exists|does not point to expected object|another push to '.*' was faster/,
  },
  { id: "checked-out", by: "push", pattern: /\(branch is currently checked out\)/ },
  {
    id: "server-hook",
    by: "push",
    pattern: /GL-HOOK-ERR: |a push rule or server hook refuses/,
  },
  {
    id: "server-error",
    by: "access",
    pattern:
      /[Ii]nternal API (?:unreachable|error)|\bInternal (?:API|server) error\b|unpacker error|unpack failed|\(internal server error\)|No space left on device.*(?:pack|object)|index-pack (?:abnormal exit|failed)/,
  },
  { id: "deploy-key", by: "push", pattern: /[Dd]eploy key does not have (?:write|push) access/ },
  {
    id: "host-key",
    by: "ssh",
    pattern:
      /Host key verification failed|knownhosts: key is (?:unknown|mismatch)|REMOTE HOST IDENTIFICATION HAS CHANGED/,
  },
  {
    id: "key-unreadable",
    by: "ssh",
    pattern: /Load key ".*": |error in libcrypto|UNPROTECTED PRIVATE KEY FILE|bad permissions: ignore key/,
  },
  {
    id: "key-refused",
    by: "ssh",
    pattern:
      /Permission denied \((?:publickey|keyboard)|Your SSH key has expired|Too many authentication failures|ssh: unable to authenticate|TransportException: (?<detail>\S+): Auth fail/,
  },
  { id: "no-ssh", by: "ssh", pattern: /cannot run \S*ssh\S*: |\bssh: (?:command )?not found/ },
  {
    id: "ssh-unreachable",
    by: "ssh",
    pattern:
      /ssh: (?:connect to host|Could not resolve hostname)|kex_exchange_identification|Connection closed by \S+ port/,
  },
  { id: "too-large", by: "push", pattern: /pack exceeds maximum allowed size|(?:HTTP|error:) 413\b/ },
  { id: "rate-limited", by: "access", pattern: /(?:HTTP|error:) 429\b|Retry later$/ },
  {
    id: "proxy-auth",
    by: "access",
    pattern: /HTTP code 407|response 407|(?:HTTP|error:) 407\b|Proxy Authentication Required/i,
  },
  {
    id: "proxy-refused",
    by: "access",
    pattern:
      /Could not resolve proxy|HTTP code \d+ from proxy|CONNECT tunnel failed|Proxy CONNECT aborted|Failed to connect to proxy/,
  },
  { id: "no-such-ref", by: "push", pattern: /src refspec (?<detail>\S+) does not match any/ },
  { id: "not-on-a-branch", by: "push", pattern: /You are not currently on a branch|Detached git HEAD/ },
  {
    id: "no-upstream",
    by: "push",
    pattern:
      /has no upstream branch|No upstream configured for current branch|upstream branch of your current branch does not match|No configured push destination/,
  },
  { id: "no-full-refname", by: "push", pattern: /destination you provided is not a full refname/ },
  {
    id: "no-remote-ref",
    by: "access",
    pattern: /[Cc]ouldn't find remote ref (?<detail>\S+)|\S+ has no branch '|doesn't exist in remote '/,
  },
  {
    id: "no-remote",
    by: "local",
    pattern: /'(?<detail>[^']*)' does not appear to be a git repository|No such remote:? '?(?<other>\S+?)'?$/,
  },
  { id: "conflict", by: "local", pattern: /^CONFLICT \(|could not apply [0-9a-f]{7,}/ },
  { id: "no-repository", by: "local", pattern: /fatal: not (?:a git repository|in a git directory)/ },
  { id: "dubious-ownership", by: "local", pattern: /detected dubious ownership in repository|unsafe repository \('/ },
  {
    id: "no-git",
    by: "local",
    pattern:
      /\bgit: (?:command )?not found|"git": executable file not found|spawn git ENOENT|'git' is not recognized|The term 'git' is not recognized|No such file or directory: '?git'?$|the image of this job has no git/,
  },
  {
    id: "no-identity",
    by: "local",
    pattern:
      /(?:Author|Committer) identity unknown|Please tell me who you are|unable to auto-detect email address|empty ident name/,
  },
  {
    id: "nothing-to-commit",
    by: "local",
    pattern:
      /nothing (?:added )?to commit|no changes added to commit|nichts zu committen|rien à valider|nada para hacer commit|无文件要提交|нечего коммитить/,
  },
  { id: "shallow", by: "push", pattern: /shallow update not allowed/ },
  {
    id: "unmaskable",
    by: "tool",
    pattern: /Invalid value for a masked variable|masked variable.*\bis invalid|\{value: \[is invalid\]\}/i,
  },
  // The password had a slash or a blank: what stood before it was taken for the host.
  {
    id: "broken-address",
    by: "access",
    pattern:
      /Could not resolve host: (?:gitlab-ci-token|oauth2)\b|URL using bad\/illegal format|URL rejected|Port number was not a decimal|credential url cannot be parsed|url contains a newline/,
  },
  {
    id: "certificate",
    by: "access",
    pattern:
      /SSL certificate problem|SEC_E_UNTRUSTED_ROOT|x509: certificate |[Ss]erver certificate verification failed|certificate verify failed|no alternative certificate subject name|CAfile: |self[- ]signed certificate|error setting certificate|certificate subject name .*does not match/,
  },
  {
    id: "unreachable",
    by: "access",
    pattern:
      /Could not resolve host|Failed to connect to|Couldn't connect to server|[Cc]onnection (?:timed out|refused|reset)|Operation timed out|Empty reply from server|Network is unreachable|dial tcp: |No route to host|the remote end hung up unexpectedly|early EOF|gnutls_handshake\(\) failed|SSL_connect|SSL_ERROR_SYSCALL|wrong version number|RPC failed; curl|unexpected disconnect/,
  },
  { id: "tool-role", by: "tool", pattern: /EGLNOPUSHPERMISSION/ },
  { id: "tool-token", by: "tool", pattern: /E(?:INVALIDGLTOKEN|NOGLTOKEN)\b/ },
  { id: "tool", by: "tool", pattern: /EGITNOPERMISSION|Cannot push to the Git repository|The git-push command failed/ },
  {
    id: "not-clean",
    by: "tool",
    pattern:
      /Git working directory not clean|Working (?:dir|directory) must be clean|Working tree has uncommitted changes/,
  },
  {
    id: "authentication-failed",
    by: "access",
    pattern:
      /Authentication failed for|(?<detail>\S+:\/\/\S+): not authorized|\bpush[^:]*: authentication required\b|too many redirects or authentication replays/,
  },
  {
    id: "forbidden",
    by: "access",
    pattern:
      /returned error: 403\b|HTTP (?:Error: )?403\b|status code: 403\b|git-receive-pack not permitted|\bpush[^:]*: authorization failed\b/,
  },
  {
    id: "unauthorized",
    by: "access",
    pattern:
      /returned error: 401\b|HTTP (?:Error: )?401\b|status code: 401\b|: 401 Authorization Required|HTTPUnauthorized: /,
  },
  { id: "unavailable", by: "access", pattern: /(?:returned error:|HTTP) 5\d\d\b/ },
  { id: "not-found", by: "access", pattern: /returned error: 404\b|^fatal: repository '.*' not found/ },
] as const satisfies readonly KnownRefusal[];

/** The words of a refusal in one line of a log. */
export interface Recognised {
  readonly id: RefusalId;
  readonly by: Speaker;
  /** The words that were recognised; holds neither an address nor a token. */
  readonly words: string;
}

/** The refusal that a line of a log tells, without what the log puts around it. */
export function refusalOf(line: string): Recognised | undefined {
  for (const { id, by, pattern } of REFUSALS as readonly (KnownRefusal & { readonly id: RefusalId })[]) {
    const match = pattern.exec(line);
    if (match) return { id, by, words: quotable(match) };
  }
  return undefined;
}

/** Refusals that tell little of the cause, the least first: nothing beside any words that tell more. */
const FAINT: readonly RefusalId[] = [
  "tool",
  "unreachable",
  "authentication-failed",
  "unauthorized",
  "forbidden",
  "not-found",
  "unavailable",
  "server-error",
  "server-hook",
  "key-refused",
];

/** Refusals that another one of the same push explains. */
const EXPLAINED: Partial<Record<RefusalId, readonly RefusalId[]>> = {
  "fetch-first": ["name-taken", "lease-stale", "tag-exists"],
  "no-full-refname": ["no-such-ref"],
};

/** Of the refusals that one push came to, those that are not told better by another. */
export const telling = <T extends Pick<Recognised, "id">>(refusals: readonly T[]): T[] =>
  refusals.filter(
    ({ id }) =>
      !refusals.some((other) => faintness(other.id) < faintness(id) || EXPLAINED[id]?.includes(other.id) === true),
  );

const faintness = (id: RefusalId): number => (FAINT.includes(id) ? FAINT.length - FAINT.indexOf(id) : 0);

/** A name of a branch or project may be anything, even a token that stands in the wrong place. */
function quotable(match: RegExpExecArray): string {
  const { detail } = match.groups ?? {};
  return withoutTokens((detail ? match[0].replace(detail.trim(), "…") : match[0]).trim());
}
