import { REFUSALS, type RefusalId, refusalsIn } from "../../gitlab/refusal";

const remote = (text: string) => `remote: ${text}`;
const gitlab = (text: string) =>
  `remote: GitLab: ${text}\n ! [remote rejected] HEAD -> main (pre-receive hook declined)`;
const http = (text: string, status = 403) =>
  `${remote(text)}\nfatal: unable to access 'https://gitlab.example.com/a/b.git/': The requested URL returned error: ${status}`;

/** Texts as they stand in logs, and what they are. */
const TEXTS: readonly [RefusalId, string][] = [
  [
    "empty-unprotected",
    "push: GITLAB_PUSHER_TOKEN is empty: 'feature' is not protected, and a protected variable exists on protected branches and tags only.",
  ],
  [
    "empty-merge-request",
    "push: GITLAB_PUSHER_TOKEN is empty: this is a merge request pipeline, which gets a protected variable only where the project allows it",
  ],
  [
    "empty-environment",
    "push: GITLAB_PUSHER_TOKEN is empty: no variable of that key has an environment scope that matches",
  ],
  ["empty", "GITLAB_PUSHER_TOKEN is empty - is main protected?"],
  ["holds-path", "push: GITLAB_PUSHER_TOKEN holds a path: the variable is of type File."],
  ["holds-job-token", "push: GITLAB_PUSHER_TOKEN holds the job token, which may not push."],
  ["holds-blanks", "push: GITLAB_PUSHER_TOKEN holds blanks or line breaks, which no token has."],
  ["job-token-not-allowed", http("Authentication by CI/CD job token not allowed from shop to gitops.")],
  ["job-token-no-permission", http("Insufficient permissions to pull from the repository of project gitops.")],
  [
    "access-denied",
    `${remote("HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or …")}\nfatal: Authentication failed for 'https://gitlab.example.com/a/b.git/'`,
  ],
  [
    "no-credential",
    "fatal: could not read Password for 'https://gitlab-ci-token@gitlab.example.com': terminal prompts disabled",
  ],
  ["upload-denied", http("You are not allowed to upload code.")],
  ["download-denied", http("You are not allowed to download code from this project.")],
  ["push-denied", http("You are not allowed to push code to this project.")],
  [
    "project-not-found",
    `${remote("The project you were looking for could not be found or you don't have permission to view it.")}\nfatal: repository 'https://gitlab.example.com/a/b.git/' not found`,
  ],
  ["repository-missing", remote("A repository for this project does not exist yet.")],
  ["archived", http("You can't push code to an archived project.")],
  ["repository-read-only", http("The repository is temporarily read-only. Please try again later.")],
  ["instance-read-only", http("You can't push code to a read-only GitLab instance.")],
  ["http-disabled", http("Git access over HTTP is not allowed")],
  ["login-ban", http("Too many failed authentication attempts from this IP")],
  ["force-denied", gitlab("You are not allowed to force push code to a protected branch on this project.")],
  ["branch-denied", gitlab("You are not allowed to push code to protected branches on this project.")],
  ["create-denied", gitlab("You are not allowed to create protected branches on this project.")],
  [
    "create-denied",
    gitlab("You can only use an existing protected branch ref as the basis of a new protected branch."),
  ],
  ["create-denied", gitlab("You can only create protected branches using the web interface and API.")],
  [
    "delete-denied",
    gitlab(
      "You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.",
    ),
  ],
  ["delete-denied", gitlab("You can only delete protected branches using the web interface.")],
  ["delete-denied", gitlab("The default branch of a project cannot be deleted.")],
  ["sha-name", gitlab("You cannot create a branch with a 40-character hexadecimal branch name.")],
  ["sha-name", gitlab("You cannot create a branch with a SHA-1 or SHA-256 branch name")],
  [
    "no-default-branch",
    "remote: GitLab:\nremote: A default branch (e.g. main) does not yet exist for xlink/empty\nremote: Ask a project Owner or Maintainer to create a default branch:",
  ],
  [
    "code-owners",
    "remote: GitLab: Pushes to protected branches that contain changes to files that\nremote: match patterns defined in `CODEOWNERS` are disabled for\nremote: this project. Please submit these changes via a merge request.",
  ],
  ["push-rule", gitlab("Commit message does not follow the pattern '^[A-Z]+-[0-9]+'")],
  ["push-rule", gitlab("Committer's email 'runner@example.com' does not follow the pattern '@example.org$'")],
  ["push-rule", gitlab("Commit must be signed with a GPG key")],
  ["tag-denied", gitlab("You are not allowed to create this tag as it is protected.")],
  ["tag-denied", gitlab("Protected tags cannot be updated.")],
  ["hidden-ref", " ! [remote rejected] HEAD -> refs/merge-requests/1/head (deny updating a hidden ref)"],
  ["gitaly", http("The git server, Gitaly, is not available at this time. Please contact your administrator.", 503)],
  ["timed-out", http("Push operation timed out", 503)],
  [
    "no-such-ref",
    "error: src refspec main does not match any\nerror: failed to push some refs to 'https://gitlab.example.com/a/b.git'",
  ],
  ["not-on-a-branch", "fatal: You are not currently on a branch."],
  ["no-full-refname", "error: The destination you provided is not a full refname (i.e.,"],
  ["no-remote-ref", "fatal: couldn't find remote ref refs/heads/production"],
  ["no-repository", "fatal: not a git repository (or any of the parent directories): .git"],
  ["shallow", " ! [remote rejected] HEAD -> main (shallow update not allowed)"],
  ["fetch-first", " ! [rejected]        HEAD -> main (fetch first)\nerror: failed to push some refs"],
  ["fetch-first", " ! [rejected]        HEAD -> main (non-fast-forward)"],
  ["unmaskable", "Error: Invalid value for a masked variable. Check the masked variable requirements: …"],
  [
    "broken-address",
    "fatal: unable to access 'https://gitlab.example.com/': URL rejected: Malformed input to a URL function",
  ],
  ["broken-address", "fatal: unable to access 'https://x/': Could not resolve host: gitlab-ci-token"],
  [
    "unreachable",
    "fatal: unable to access 'https://gitlab.example.com/a/b.git/': Could not resolve host: gitlab.example.com",
  ],
  [
    "unreachable",
    "fatal: unable to access 'https://gitlab.example.com/a/b.git/': SSL certificate problem: unable to get local issuer certificate",
  ],
  ["authentication-failed", "fatal: Authentication failed for 'https://gitlab.example.com/a/b.git/'"],
  ["forbidden", "fatal: unable to access 'https://gitlab.example.com/a/b.git/': The requested URL returned error: 403"],
  [
    "unavailable",
    "error: RPC failed; HTTP 502\nfatal: unable to access 'https://gitlab.example.com/': The requested URL returned error: 502",
  ],
];

test.each(TEXTS)("%s: %s", (id, text) => {
  expect(refusalsIn(text).map((refusal) => refusal.id)).toEqual([id]);
});

test("every refusal has a text here", () => {
  expect([...new Set(TEXTS.map(([id]) => id))].sort()).toEqual(REFUSALS.map(({ id }) => id).sort());
});

test("a log with time stamps, colours, sections and Windows line ends is read like a plain one", () => {
  const log = [
    "2100-01-10T12:00:00.123456Z 00O section_start:1700000000:step_script\r\u001b[0KExecuting",
    "2100-01-10T12:00:01.123456Z 00E \u001b[0;33mremote: You are not allowed to upload code.\u001b[0;m\r",
  ].join("\n");
  expect(refusalsIn(log)).toEqual([{ id: "upload-denied", line: 2, words: "You are not allowed to upload code." }]);
});

test("what a script only mentions is no refusal, and neither is a push that went through", () => {
  const log = [
    "$ git push origin main 2>&1 | grep -q 'You are not allowed to push code to this project.' && exit 1",
    '$ test -n "$GITLAB_PUSHER_TOKEN" || { echo "GITLAB_PUSHER_TOKEN is empty"; exit 1; }',
    "To https://gitlab.example.com/a/b.git",
    "   1111111..2222222  HEAD -> main",
    "Job succeeded",
  ].join("\n");
  expect(refusalsIn(log)).toEqual([]);
});
