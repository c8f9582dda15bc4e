import { withoutTokens } from "./problem";

/** What a job's log says when a push is refused: GitLab's own texts, Git's, and those of what lies between. */
export type RefusalId = (typeof REFUSALS)[number]["id"];

/**
 * The texts, the most telling first. `pattern` matches within one line of a log; what a group named `detail` takes in is not quoted.
 *
 * Sources: GitLab's `lib/gitlab/git_access.rb`, `lib/gitlab/checks/branch_check.rb`, `tag_check.rb`, `push_rules` and
 * `app/controllers/repositories/git_http_controller.rb`; git's `transport.c`, `remote.c` and `send-pack.c`.
 */
export const REFUSALS = [
  // What ci/push.gitlab-ci.yml, and the README's job, say before they push at all.
  { id: "empty-unprotected", pattern: /\w+ is empty: '[^']*' is not protected/ },
  { id: "empty-merge-request", pattern: /\w+ is empty: this is a merge request pipeline/ },
  { id: "empty-environment", pattern: /\w+ is empty: no variable of that key has an environment scope/ },
  { id: "empty", pattern: /\b[A-Z]\w+ is empty\b/ },
  { id: "holds-path", pattern: /\w+ holds a path: the variable is of type File/ },
  { id: "holds-job-token", pattern: /\w+ holds the job token/ },
  { id: "holds-blanks", pattern: /\w+ holds blanks or line breaks/ },
  {
    id: "job-token-not-allowed",
    pattern: /Authentication by CI\/CD job token not allowed(?<detail> from \S+ to \S+?)?\.?\s*$/,
  },
  {
    id: "job-token-no-permission",
    pattern: /Insufficient permissions to pull from the repository of project (?<detail>\S+?)\.?\s*$/,
  },
  { id: "access-denied", pattern: /HTTP Basic: Access denied/ },
  { id: "no-credential", pattern: /could not read (?:Username|Password) for/ },
  { id: "upload-denied", pattern: /You are not allowed to upload code\./ },
  { id: "download-denied", pattern: /You are not allowed to download code/ },
  { id: "push-denied", pattern: /You are not allowed to push code to this project\./ },
  { id: "project-not-found", pattern: /The (?:project|namespace) you were looking for could not be found/ },
  { id: "repository-missing", pattern: /A repository for this project does not exist yet/ },
  { id: "archived", pattern: /You can't push code to an archived project/ },
  { id: "repository-read-only", pattern: /The repository is temporarily read-only/ },
  { id: "instance-read-only", pattern: /You can't push code to a read-only GitLab instance/ },
  { id: "http-disabled", pattern: /Git access over HTTP is not allowed/ },
  { id: "login-ban", pattern: /Too many failed authentication attempts/ },
  { id: "force-denied", pattern: /You are not allowed to force push code to a protected branch/ },
  { id: "branch-denied", pattern: /You are not allowed to push code to protected branches/ },
  {
    id: "create-denied",
    pattern:
      /You are not allowed to create protected branches|You can only (?:create protected branches using|use an existing protected branch ref)/,
  },
  {
    id: "delete-denied",
    pattern:
      /not allowed to delete protected branches|only delete protected branches using|The default branch of a project cannot be deleted/,
  },
  { id: "sha-name", pattern: /You cannot create a branch with a (?:SHA|40-character)/ },
  { id: "no-default-branch", pattern: /A default branch \(e\.g\. .+\) does not yet exist for (?<detail>\S+)/ },
  {
    id: "code-owners",
    pattern: /Pushes to protected branches that contain changes to files that|matched?.*`?CODEOWNERS`?/,
  },
  {
    id: "push-rule",
    pattern:
      /(?:(?:Commit message|Committer's email|Author's email|Committer's name|Branch name) .*does not follow the pattern|Commit message contains the forbidden pattern|Author '.*' is not a member of team|You cannot push commits for|Committer '.*' is not a|Commit must be signed|File name .* (?:was|is) (?:blacklisted|prohibited))/,
  },
  { id: "tag-denied", pattern: /not allowed to create this tag as it is protected|Protected tags cannot be updated/ },
  { id: "hidden-ref", pattern: /deny updating a hidden ref/ },
  { id: "gitaly", pattern: /The git server, Gitaly, is not available/ },
  { id: "timed-out", pattern: /Push operation timed out/ },
  { id: "no-such-ref", pattern: /src refspec (?<detail>\S+) does not match any/ },
  { id: "not-on-a-branch", pattern: /You are not currently on a branch/ },
  { id: "no-full-refname", pattern: /destination you provided is not a full refname/ },
  { id: "no-remote-ref", pattern: /[Cc]ouldn't find remote ref (?<detail>\S+)/ },
  { id: "no-repository", pattern: /fatal: not a git repository/ },
  { id: "shallow", pattern: /shallow update not allowed/ },
  { id: "fetch-first", pattern: /\((?:fetch first|non-fast-forward)\)|tip of your current branch is behind/ },
  {
    id: "unmaskable",
    pattern: /Invalid value for a masked variable|masked variable.*\bis invalid|\{value: \[is invalid\]\}/i,
  },
  // The password had a slash or a blank: what stood before it was taken for the host.
  {
    id: "broken-address",
    pattern:
      /Could not resolve host: (?:gitlab-ci-token|oauth2)\b|URL using bad\/illegal format|URL rejected|Port number was not a decimal|credential url cannot be parsed|url contains a newline/,
  },
  {
    id: "unreachable",
    pattern: /Could not resolve host|Failed to connect to|SSL certificate problem|Connection timed out/,
  },
  { id: "authentication-failed", pattern: /Authentication failed for/ },
  { id: "forbidden", pattern: /The requested URL returned error: 403/ },
  { id: "unavailable", pattern: /The requested URL returned error: 50\d/ },
] as const satisfies readonly { readonly id: string; readonly pattern: RegExp }[];

/** One refusal in a log. */
export interface Refusal {
  readonly id: RefusalId;
  /** Line of the log, from 1. */
  readonly line: number;
  /** The words that were recognised; holds neither an address nor a token. */
  readonly words: string;
}

/** What only says again what a line before it said better. */
const ECHOES: Partial<Record<RefusalId, readonly RefusalId[]>> = {
  "authentication-failed": ["access-denied"],
  forbidden: [
    "upload-denied",
    "download-denied",
    "push-denied",
    "job-token-not-allowed",
    "job-token-no-permission",
    "archived",
    "repository-read-only",
    "instance-read-only",
    "http-disabled",
    "login-ban",
  ],
  unavailable: ["gitaly", "timed-out"],
};

/** The refusals in the text of a job's log, in its order, each kind once. */
export function refusalsIn(log: string): Refusal[] {
  const found = new Map<RefusalId, Refusal>();
  log.split("\n").forEach((text, index) => {
    const plain = withoutControls(text);
    // The runner echoes the script it runs; what a script greps for is no refusal.
    if (/^\$ /.test(plain)) return;
    for (const { id, pattern } of REFUSALS) {
      const match = pattern.exec(plain);
      if (!match) continue;
      if (!found.has(id)) found.set(id, { id, line: index + 1, words: quotable(match) });
      break;
    }
  });
  return [...found.values()].filter(({ id }) => !ECHOES[id]?.some((better) => found.has(better)));
}

/** A name of a branch or project may be anything, even a token that stands in the wrong place. */
function quotable(match: RegExpExecArray): string {
  const { detail } = match.groups ?? {};
  return withoutTokens((detail ? match[0].replace(detail.trim(), "…") : match[0]).trim());
}

/** A runner's log has colours, section marks and carriage returns, and since runner 17 a time stamp before each line. */
export const withoutControls = (line: string): string =>
  line
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is taken out
    .replace(/\x1b\[[0-9;]*[A-Za-z]/g, "")
    .replace(/section_(?:start|end):\d+:\S*/g, "")
    .replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z \d\d[OE][ +]?/, "")
    .replace(/\r(?!$)/g, " ")
    .trim();
