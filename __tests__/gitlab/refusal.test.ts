import { REFUSALS, type RefusalId, refusalOf, telling } from "../../gitlab/refusal";

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
  [
    "subscription",
    http(
      "Your license expired on 2030-01-01. Pushing code and creation of issues and merge requests has been disabled. Ask an admin to upload a new license",
    ),
  ],
  ["subscription", http("Your top-level group is over the user limit and has been placed in a read-only state.")],
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
  ["sha-name", gitlab("You cannot create a tag with a SHA-1 or SHA-256 tag name.")],
  ["bad-name", gitlab("You cannot create a tag with a prohibited pattern.")],
  ["bad-name", gitlab("You cannot use default branch name to create a tag")],
  ["policy", gitlab("Push is blocked by settings overridden by a security policy")],
  ["policy", gitlab("Force push is blocked by settings overridden by a security policy")],
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
  ["push-rule", gitlab("Commit is not signed with a GPG signature")],
  ["push-rule", gitlab("Signature of the commit 0123abcd is not verified")],
  ["push-rule", gitlab("GPG Key used to sign commit 0123abcd is not verified")],
  ["push-rule", gitlab("No Jira issue found in commit message")],
  ["push-rule", gitlab("Jira issue OPS-7 has status 'Done', which is not in the list of allowed statuses: Open")],
  ["push-rule", gitlab("Failed to connect to Jira to verify issue OPS-7. Error: 401")],
  ["account-blocked", remote("OTP verification is required to access the repository.")],
  ["account-blocked", http("Project requires smartcard login. Please login to GitLab using a smartcard.")],
  ["tag-denied", gitlab("You are not allowed to create this tag as it is protected.")],
  ["tag-denied", gitlab("Protected tags cannot be updated.")],
  ["tag-denied", gitlab("You can only delete protected tags using the web interface.")],
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
  ["bad-objects", "remote: fatal: fsck error in packed object\nerror: remote unpack failed: index-pack abnormal exit"],
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
  ["authentication-failed", "fatal: Authentication failed for 'https://gitlab.example.com/a/b.git/'"],
  ["forbidden", "fatal: unable to access 'https://gitlab.example.com/a/b.git/': The requested URL returned error: 403"],
  [
    "unavailable",
    "error: RPC failed; HTTP 502\nfatal: unable to access 'https://gitlab.example.com/': The requested URL returned error: 502",
  ],
  ["empty-missing", "push: KEY_TOKEN is empty: neither a/b nor a group above it has a variable of that key"],
  ["holds-reference", "push: KEY holds the name of a variable, not a token: a variables: block sets it"],
  ["input-of-others", "push: message names CI_COMMIT_TITLE, whose words are somebody else's: GitLab puts the value"],
  ["input-secret", "push: message holds the value of a secret variable, and was not used"],
  ["token-refused", "push: refused: the token in KEY is expired, revoked or mistyped, or belongs to another project"],
  ["token-scope", "push: refused: the token in KEY lacks the scope write_repository"],
  ["token-role", "push: refused: the token's role in a/b is below Developer"],
  ["no-answer", "push: gave up after 6 tries: GitLab did not answer"],
  ["unread", "push: refused: git says why above"],
  ["job-token-not-allowed", "push: refused: KEY holds a job token, which may not push to a/b"],
  ["account-blocked", http("Your account has been blocked.")],
  [
    "account-blocked",
    gitlab("Your password expired. Please access GitLab from a web browser to update your password."),
  ],
  ["secret-found", "remote: PUSH BLOCKED: Secrets detected in code changes"],
  ["lfs-objects-missing", gitlab("LFS objects are missing. Ensure LFS is properly set up or try a manual …")],
  [
    "lfs-denied",
    "batch response: Authentication required: Authorization error: https://h/a/b.git/info/lfs/objects/batch",
  ],
  ["push-rule", gitlab("Your git username is inconsistent with GitLab account name")],
  ["fetch-first", "hint: Updates were rejected because the remote contains work that you do not have locally."],
  [
    "unreachable",
    "fatal: unable to access 'https://h/a/b.git/': gnutls_handshake() failed: The TLS connection was non-properly terminated.",
  ],
  ["conflict", "CONFLICT (content): Merge conflict in image.txt\nerror: could not apply 1a2b3c4... bump"],
  ["lfs-tool-missing", "This repository is configured for Git LFS but 'git-lfs' was not found on your path."],
  [
    "size-limit",
    gitlab("Your push has been rejected, because this repository has exceeded its size limit of 1 GiB by 2 MiB."),
  ],
  ["path-locked", gitlab("'assets/logo.psd' is locked in Git LFS by Ann")],
  ["path-locked", gitlab("The path 'assets' is locked by Ann")],
  ["push-rule", gitlab("Commit message must contain a DCO signoff")],
  ["push-rule", gitlab('File "a.tgz" is larger than the allowed size of 10 MiB. Use Git LFS to manage this file.')],
  [
    "push-rule",
    gitlab(
      "You cannot push commits for 'a@example.com'. You can only push commits if the committer email is one of your own verified emails.",
    ),
  ],
  [
    "tag-exists",
    " ! [rejected]        v1 -> v1 (already exists)\nhint: Updates were rejected because the tag already exists in the remote.",
  ],
  ["tag-exists", " ! [rejected]        v1 -> v1  (would clobber existing tag)"],
  ["tag-exists", "fatal: tag 'v1' already exists"],
  ["bad-name", " ! [remote rejected] HEAD -> a..b (funny refname)"],
  ["bad-name", "fatal: invalid refspec 'HEAD:'"],
  ["name-taken", "! [remote rejected] HEAD -> a/b (directory file conflict)"],
  ["lease-stale", " ! [rejected]        HEAD -> main (stale info)"],
  ["fetch-first", " ! [remote rejected] HEAD -> main (cannot lock ref 'refs/heads/main': is at 1 but expected 2)"],
  ["fetch-first", " ! [remote rejected] HEAD -> main (incorrect old value provided)"],
  ["checked-out", " ! [remote rejected] HEAD -> main (branch is currently checked out)"],
  ["server-hook", "remote: GL-HOOK-ERR: a ticket number is missing"],
  ["server-error", "remote: GitLab: Internal API unreachable"],
  ["server-error", " ! [remote rejected] HEAD -> main (unpacker error)"],
  ["deploy-key", "remote: ERROR: This deploy key does not have write access to this project."],
  ["host-key", "Host key verification failed.\nfatal: Could not read from remote repository."],
  ["key-unreadable", 'Load key "/root/.ssh/id": error in libcrypto\ngit@h: Permission denied (publickey).'],
  ["key-refused", "git@gitlab.example.com: Permission denied (publickey)."],
  ["no-ssh", "error: cannot run ssh: No such file or directory"],
  ["ssh-unreachable", "ssh: connect to host gitlab.example.com port 22: Connection refused"],
  [
    "too-large",
    "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413\nfatal: the remote end hung up unexpectedly",
  ],
  [
    "too-large",
    "remote: fatal: pack exceeds maximum allowed size (1.00 GiB)\n ! [remote rejected] HEAD -> main (unpacker error)",
  ],
  ["rate-limited", "fatal: unable to access 'https://h/a/b.git/': The requested URL returned error: 429"],
  ["proxy-auth", "fatal: unable to access 'https://h/a/b.git/': Received HTTP code 407 from proxy after CONNECT"],
  ["proxy-auth", "fatal: unable to access 'https://h/a/b.git/': CONNECT tunnel failed, response 407"],
  ["proxy-refused", "fatal: unable to access 'https://h/a/b.git/': Received HTTP code 403 from proxy after CONNECT"],
  ["no-upstream", "fatal: The current branch bump has no upstream branch."],
  ["no-remote", "fatal: 'orgin' does not appear to be a git repository"],
  ["no-remote", "error: No such remote 'upstream'"],
  ["dubious-ownership", "fatal: detected dubious ownership in repository at '/builds/a/b'"],
  ["no-git", "/bin/sh: eval: line 139: git: not found"],
  ["no-git", "bash: line 130: git: command not found"],
  ["no-git", "push: the image of this job has no git"],
  ["no-identity", "fatal: empty ident name (for <>) not allowed"],
  ["nothing-to-commit", "nothing to commit, working tree clean"],
  ["nothing-to-commit", 'no changes added to commit (use "git add" and/or "git commit -a")'],
  [
    "certificate",
    "fatal: unable to access 'https://h/a/b.git/': SSL certificate problem: unable to get local issuer certificate",
  ],
  [
    "certificate",
    "fatal: unable to access 'https://h/a/b.git/': server certificate verification failed. CAfile: none CRLfile: none",
  ],
  ["unauthorized", "fatal: unable to access 'https://h/a/b.git/': The requested URL returned error: 401"],
  ["not-found", "fatal: repository 'https://h/a/b.git/' not found"],
  ["tool-role", "✘  EGLNOPUSHPERMISSION The GitLab token doesn't allow to push on the repository a/b."],
  ["tool-token", "✘  EINVALIDGLTOKEN Invalid GitLab token."],
  ["tool", "✘  EGITNOPERMISSION Cannot push to the Git repository."],
  ["not-clean", "npm ERR! Git working directory not clean."],
];

/** The refusals of one push whose output these lines are. */
const told = (text: string) => [
  ...new Set(telling(text.split("\n").flatMap((line) => refusalOf(line.trim()) ?? [])).map(({ id }) => id)),
];

test.each(TEXTS)("%s: %s", (id, text) => {
  expect(told(text)).toEqual([id]);
});

test("every refusal has a text here", () => {
  expect([...new Set(TEXTS.map(([id]) => id))].sort()).toEqual(REFUSALS.map(({ id }) => id).sort());
});

test("a branch's folder in the way is no lost race", () => {
  const text =
    "remote: error: cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'\n ! [remote rejected] HEAD -> a/b (failed to update ref)";
  expect(told(text)).toEqual(["name-taken"]);
});
