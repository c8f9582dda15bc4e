import { readJobLog } from "../../../../commands/doctor/log/job-log";

const URL = "https://gitlab.example.com/xlink/gitops.git";
const TO = `To ${URL}`;
const WITH_TOKEN = `git push https://ci:\${GITOPS_TOKEN}@gitlab.example.com/xlink/gitops.git HEAD:main`;
const FAILED = "ERROR: Job failed: exit code 1";
const SUCCEEDED = "Job succeeded";
const SOURCES = [
  "Running with gitlab-runner 18.6.0 (00000000)",
  "Getting source from Git repository",
  "Fetching changes with git depth set to 20...",
];
const CHECKED_OUT = "Checking out 7226fc70 as detached HEAD (ref is main)...";

/** What Git prints of one refused ref; `why` is its reason in brackets. */
const refused = (why: string, from = "HEAD", to = "main", how = "remote rejected") => [
  TO,
  ` ! [${how}] ${from} -> ${to} (${why})`,
  `error: failed to push some refs to '${URL}'`,
];
const hook = (...words: string[]) => [
  ...words.map((each) => `remote: ${each}`),
  ...refused("pre-receive hook declined"),
];
const http = (status: number, ...words: string[]) => [
  ...words.map((each) => `remote: ${each}`),
  `fatal: unable to access '${URL}/': The requested URL returned error: ${status}`,
];
const accepted = (branch = "main") => [TO, `   1111111..2222222  HEAD -> ${branch}`];
const race = refused("fetch first", "HEAD", "main", "rejected");

const RULES = ["rule-level-above-role", "rule-no-one", "wildcard-closes", "rule-bot-not-listed", "rule-inherited"];
const NOT_MINE = "GitLab: You are not allowed to push code to protected branches on this project.";

type Row = [what: string, log: readonly string[], outcome: "refused" | "accepted" | "none", causes?: string[][]];

/** Logs as people and runners leave them, and what the doctor makes of each. */
const LOGS: Row[] = [
  // The server's own words.
  ["a rule of the branch", ["$ git push origin HEAD:main", ...hook(NOT_MINE), FAILED], "refused", [RULES]],
  [
    "a hook that an administrator wrote",
    [`$ ${WITH_TOKEN}`, ...hook("GL-HOOK-ERR: name a ticket")],
    "refused",
    [["server-hook", "push-rule"]],
  ],
  [
    "a hook without a word",
    [`$ ${WITH_TOKEN}`, ...refused("pre-receive hook declined")],
    "refused",
    [[...RULES, "server-hook", "push-rule"]],
  ],
  [
    "a hook, under a header in another language",
    [`$ ${WITH_TOKEN}`, TO.replace("To", "Nach"), ...refused("pre-receive hook declined").slice(1, 2)],
    "refused",
    [[...RULES, "server-hook", "push-rule"]],
  ],
  [
    "another hook",
    [
      `$ ${WITH_TOKEN}`,
      ...hook("policy: no Fridays").slice(0, 2),
      " ! [remote rejected] HEAD -> main (update hook declined)",
    ],
    "refused",
    [["server-hook", "push-rule"]],
  ],
  ["a sign-off is missing", hook("GitLab: Commit message must contain a DCO signoff"), "refused", [["push-rule"]]],
  [
    "a file is too large",
    hook('GitLab: File "charts/a.tgz" is larger than the allowed size of 5 MiB. Use Git LFS.'),
    "refused",
    [["push-rule"]],
  ],
  [
    "a secret in the commit",
    hook("GitLab:", "PUSH BLOCKED: Secrets detected in code changes"),
    "refused",
    [["secret-found"]],
  ],
  [
    "the repository is full",
    hook(
      "GitLab: Your push to this repository has been rejected because this repository has exceeded its size limit of 1 GiB by 3 MiB.",
    ),
    "refused",
    [["repository-full"]],
  ],
  [
    "large files were not uploaded",
    hook("GitLab: LFS objects are missing. Ensure LFS is properly set up"),
    "refused",
    [["lfs-objects-missing"]],
  ],
  ["a file is locked", hook("GitLab: 'logo.psd' is locked in Git LFS by Mia"), "refused", [["path-locked"]]],
  [
    "a protected tag beside an accepted branch",
    [
      "remote: GitLab: You are not allowed to create this tag as it is protected.",
      TO,
      " * [new branch]      HEAD -> main",
      " ! [remote rejected] v2.0.0 -> v2.0.0 (pre-receive hook declined)",
    ],
    "refused",
    [["tag-protected"]],
  ],
  ["an unknown reason of the server", [`$ ${WITH_TOKEN}`, ...refused("it is Friday")], "refused", [[]]],
  ["an unknown status", [`$ ${WITH_TOKEN}`, ...http(418, "I am a teapot")], "refused", [[]]],
  // Git's own.
  ["a lost race", [`$ ${WITH_TOKEN}`, ...race, FAILED], "refused", [["fetch-first"]]],
  [
    "a lost race in the server's words",
    [`$ ${WITH_TOKEN}`, ...refused("cannot lock ref 'refs/heads/main': is at 1111 but expected 2222")],
    "refused",
    [["fetch-first"]],
  ],
  [
    "a branch where a folder is needed",
    [
      "remote: error: cannot lock ref 'refs/heads/a/b': 'refs/heads/a' exists; cannot create 'refs/heads/a/b'",
      ...refused("failed to update ref", "HEAD", "a/b"),
    ],
    "refused",
    [["branch-name-taken"]],
  ],
  [
    "a lease that is stale",
    ["$ git push --force-with-lease origin HEAD:main", ...refused("stale info", "HEAD", "main", "rejected")],
    "refused",
    [["lease-stale"]],
  ],
  [
    "a tag that is there",
    [
      "$ git push origin v1.4.0",
      ...refused("already exists", "v1.4.0", "v1.4.0", "rejected"),
      "hint: Updates were rejected because the tag already exists in the remote.",
      FAILED,
    ],
    "refused",
    [["tag-exists"]],
  ],
  ["a tag made twice", ["$ git tag v1.4.0", "fatal: tag 'v1.4.0' already exists", FAILED], "refused", [["tag-exists"]]],
  [
    "no upstream",
    ["$ git checkout -b bump", "$ git push", "fatal: The current branch bump has no upstream branch.", FAILED],
    "refused",
    [["no-upstream"]],
  ],
  [
    "a misspelt remote",
    [
      "$ git push orgin HEAD:main",
      "fatal: 'orgin' does not appear to be a git repository",
      "fatal: Could not read from remote repository.",
    ],
    "refused",
    [["remote-missing"]],
  ],
  [
    "a remote's name after an address",
    [
      "$ git checkout -b 1.2.3",
      `$ git push "https://ci:$GITOPS_TOKEN@h/a/b.git" --set-upstream origin 1.2.3`,
      "error: src refspec origin does not match any",
      `error: failed to push some refs to '${URL}'`,
    ],
    "refused",
    [["remote-after-address"]],
  ],
  [
    "a tag that was never made",
    [
      "$ git push origin HEAD:main",
      ...accepted(),
      "$ git push origin refs/tags/v9:refs/tags/v9",
      "error: src refspec refs/tags/v9 does not match any",
      `error: failed to push some refs to '${URL}'`,
    ],
    "refused",
    [["source-ref-missing", "detached-head"]],
  ],
  [
    "a checkout of somebody else",
    ["$ git push origin HEAD:main", "fatal: detected dubious ownership in repository at '/builds/xlink/gitops'"],
    "refused",
    [["dubious-ownership"]],
  ],
  [
    "no git in the image",
    ["$ git config user.name ci", "/bin/sh: eval: line 12: git: not found", FAILED],
    "refused",
    [["git-missing"]],
  ],
  [
    "no name to commit under",
    ["$ git commit -am bump", "Author identity unknown", "*** Please tell me who you are.", FAILED],
    "refused",
    [["no-identity"]],
  ],
  [
    "nothing to commit",
    ["$ git commit -am bump", "nothing to commit, working tree clean", FAILED],
    "refused",
    [["nothing-to-commit"]],
  ],
  [
    "nothing to commit, and the script goes on",
    [
      "$ git commit -am bump || true",
      "nothing to commit, working tree clean",
      "$ git push origin HEAD:main",
      "Everything up-to-date",
      SUCCEEDED,
    ],
    "none",
  ],
  [
    "a refusal in porcelain",
    [
      "$ git push --porcelain origin HEAD:main",
      TO,
      "!\tHEAD:refs/heads/main\t[remote rejected] (pre-receive hook declined)",
      "Done",
    ],
    "refused",
    [[...RULES, "server-hook", "push-rule"]],
  ],
  [
    "Git speaks German",
    [
      "$ git push origin main",
      "Fehler: Src-Refspec main entspricht keiner Referenz.",
      `Fehler: Fehler beim Versenden einiger Referenzen nach '${URL}'`,
    ],
    "refused",
    [[]],
  ],
  [
    "Git speaks French",
    ["$ ./deploy.sh", `fatal : impossible d'accéder à '${URL}/' : The requested URL returned error: 403`],
    "refused",
    [["job-token-remote", "token-role", "token-scope", "login-ban"]],
  ],
  ["a ref refused in Polish", ["$ ./deploy.sh", TO, " ! [odrzucono]   HEAD -> main (nieprzewinięte)"], "refused", [[]]],
  // What lies between.
  [
    "a proxy wants a password",
    [`$ ${WITH_TOKEN}`, `fatal: unable to access '${URL}/': Received HTTP code 407 from proxy after CONNECT`],
    "refused",
    [["proxy-refused"]],
  ],
  [
    "OpenSSL trusts nobody",
    [`$ ${WITH_TOKEN}`, `fatal: unable to access '${URL}/': SSL certificate problem: self-signed certificate`],
    "refused",
    [["certificate-untrusted"]],
  ],
  [
    "GnuTLS trusts nobody",
    [
      `$ ${WITH_TOKEN}`,
      `fatal: unable to access '${URL}/': server certificate verification failed. CAfile: none CRLfile: none`,
    ],
    "refused",
    [["certificate-untrusted"]],
  ],
  [
    "too large",
    [
      `$ ${WITH_TOKEN}`,
      "error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413",
      "fatal: the remote end hung up unexpectedly",
      "Everything up-to-date",
    ],
    "refused",
    [["push-too-large"]],
  ],
  ["too many", [`$ ${WITH_TOKEN}`, ...http(429)], "refused", [["rate-limited"]]],
  ["a bad gateway", [`$ ${WITH_TOKEN}`, ...http(502)], "refused", [["server-error", "gitaly-unavailable"]]],
  [
    "an internal error",
    [`$ ${WITH_TOKEN}`, ...hook("GitLab: Internal API unreachable")],
    "refused",
    [["server-error"]],
  ],
  [
    "another host",
    [
      "$ git push https://ci:${GH_TOKEN}@github.com/a/b.git HEAD:main",
      "fatal: unable to access 'https://github.com/a/b.git/': The requested URL returned error: 403",
    ],
    "refused",
    [["push-other-host"]],
  ],
  // SSH.
  [
    "a deploy key that may read",
    [
      "$ git push git@gitlab.example.com:a/b.git HEAD:main",
      "remote: ERROR: This deploy key does not have write access to this project.",
      "fatal: Could not read from remote repository.",
    ],
    "refused",
    [["deploy-key-read-only"]],
  ],
  [
    "an unknown host",
    [
      "$ git push git@gitlab.example.com:a/b.git HEAD:main",
      "Host key verification failed.",
      "fatal: Could not read from remote repository.",
    ],
    "refused",
    [["ssh-host-key"]],
  ],
  [
    "an unknown key",
    [
      "$ git push",
      "git@gitlab.example.com: Permission denied (publickey).",
      "fatal: Could not read from remote repository.",
    ],
    "refused",
    [["ssh-key-refused"]],
  ],
  [
    "an SSH that says nothing known",
    ["$ git push git@gitlab.example.com:a/b.git HEAD:main", "fatal: Could not read from remote repository."],
    "refused",
    [[]],
  ],
  // Tools that push.
  [
    "semantic-release",
    [
      "$ npx semantic-release",
      "[9:01:02 AM] [semantic-release] › ✘  EGITNOPERMISSION Cannot push to the Git repository.",
      FAILED,
    ],
    "refused",
    [["tool-hides-git"]],
  ],
  [
    "semantic-release's plugin",
    [
      "$ npx semantic-release",
      "[9:01:02 AM] [semantic-release] › ✘  EGLNOPUSHPERMISSION The GitLab token doesn't allow to push",
    ],
    "refused",
    [["token-role", "token-scope"]],
  ],
  [
    "a stack trace",
    [
      "[1:02:03 PM] [semantic-release] › ✘  Error: Command failed with exit code 1: git push --tags https://ci:[secure]@gitlab.example.com/xlink/gitops.git HEAD:main",
      ...hook(NOT_MINE),
      "    at makeError (/usr/lib/execa/error.js:59:11) {",
      `  stderr: 'remote: ${NOT_MINE}\\n' +`,
      "    ' ! [remote rejected] HEAD -> main (pre-receive hook declined)\\n',",
    ],
    "refused",
    [RULES],
  ],
  [
    "a log line in JSON",
    [
      `{"msg":"git push\\nremote: ${NOT_MINE}\\n${TO}\\n ! [remote rejected] HEAD -> main (pre-receive hook declined)"}`,
    ],
    "refused",
    [RULES],
  ],
  [
    "two calls of one tool",
    [
      "$ npx semantic-release",
      "Error: Command failed: git push --dry-run URL HEAD:main",
      ...http(403, "You are not allowed to upload code."),
      "Error: Command failed: git push --dry-run URL HEAD:main",
      "This repository is configured for Git LFS but 'git-lfs' was not found on your path.",
      `error: failed to push some refs to '${URL}'`,
    ],
    "refused",
    [["token-scope", "job-token-remote"], ["lfs-tool-missing"]],
  ],
  [
    "release-it",
    ["$ npx release-it --ci", "✖ git push --follow-tags", `ERROR error: failed to push some refs to '${URL}'`],
    "refused",
    [[]],
  ],
  [
    "npm version",
    ["$ npm version patch", "npm ERR! Git working directory not clean.", FAILED],
    "refused",
    [["checkout-not-clean"]],
  ],
  [
    "npm version without a name",
    ["$ npm version patch", "npm ERR! command git commit -m 1.0.1", "npm ERR! Author identity unknown", FAILED],
    "refused",
    [["no-identity"]],
  ],
  [
    "a tool's own code for what Git would say",
    ["$ npx lerna version", "lerna ERR! EBEHIND Local branch 'main' is behind remote upstream origin/main", FAILED],
    "refused",
    [["fetch-first"]],
  ],
  [
    "Maven, which keeps Git's words",
    ["$ mvn release:prepare", "[ERROR] Provider message:", "[ERROR] The git-push command failed.", FAILED],
    "refused",
    [["tool-hides-git"]],
  ],
  [
    "a tool that by its name does anything",
    ["$ bundle exec fastlane match", "Pushing changes to remote git repo...", ...http(404), FAILED],
    "refused",
    [["project-missing"]],
  ],
  [
    "a step of a Dockerfile",
    [
      "$ docker build .",
      "#9 [2/2] RUN git push https://ci:$(cat /t)@gitlab.example.com/xlink/gitops.git HEAD:main",
      ...refused("stale info").map((line) => `#9 0.812 ${line}`),
    ],
    "refused",
    [["lease-stale"]],
  ],
  // Libraries that speak Git's protocol themselves.
  [
    "JGit, a ref",
    [
      "$ ./gradlew release",
      'RemoteRefUpdate[remoteName=refs/heads/main, REJECTED_OTHER_REASON, (null)...7226fc7, srcRef=refs/heads/main, message="pre-receive hook declined"]',
    ],
    "refused",
    [[...RULES, "server-hook", "push-rule"]],
  ],
  [
    "JGit, a call",
    [
      "$ ./gradlew release",
      "> Task :pushTag FAILED",
      `> org.eclipse.jgit.api.errors.TransportException: ${URL}: git-receive-pack not permitted on '${URL}/'`,
      FAILED,
    ],
    "refused",
    [["job-token-remote", "token-role", "token-scope", "login-ban"]],
  ],
  [
    "go-git",
    ["$ ./bump", '{"level":"error","error":"failed to push: command error on refs/heads/main: it is Friday"}', FAILED],
    "refused",
    [[]],
  ],
  [
    "go-git, over SSH",
    ["$ ./bump", "failed to push: ssh: handshake failed: knownhosts: key is unknown", FAILED],
    "refused",
    [["ssh-host-key"]],
  ],
  [
    "a script that puts its name before all",
    ["$ ./ci.sh", ...refused("it is Friday").map((line) => `[ci] ${line}`), FAILED],
    "refused",
    [[]],
  ],
  [
    "libgit2",
    [
      "$ python3 release.py",
      '    repo.remotes["origin"].push(["refs/heads/main"])',
      "_pygit2.GitError: remote authentication required but no callback set",
    ],
    "refused",
    [["no-credential"]],
  ],
  [
    "isomorphic-git",
    [
      "$ node push.mjs",
      'PushRejectedError: Push rejected because it was not a simple fast-forward. Use "force: true" to override.',
    ],
    "refused",
    [["fetch-first"]],
  ],
  // Words that are not known beside a status that is.
  [
    "a 403 with a reason of its own",
    ["$ git push origin HEAD:main", ...http(403, "Your top-level group is in a read-only state."), FAILED],
    "refused",
    [[]],
  ],
  [
    "a connection that ends for a reason",
    [
      `$ ${WITH_TOKEN}`,
      "fatal: the receiving end does not support push options",
      "fatal: the remote end hung up unexpectedly",
    ],
    "refused",
    [[]],
  ],
  ["a push without a word", ["$ git push origin HEAD:main >/dev/null 2>&1", FAILED], "refused", [[]]],
  // Where in the job it happened.
  [
    "the runner's own fetch",
    [...SOURCES, ...http(403, "You are not allowed to download code from this project."), FAILED],
    "refused",
    [["sources-denied"]],
  ],
  [
    "a submodule",
    [
      ...SOURCES,
      CHECKED_OUT,
      "Updating/initializing submodules recursively...",
      "remote: The project you were looking for could not be found or you don't have permission to view it.",
      "fatal: repository 'https://gitlab.example.com/xlink/lib.git/' not found",
      FAILED,
    ],
    "refused",
    [["submodules-denied"]],
  ],
  [
    "the runner does not reach GitLab",
    [...SOURCES, `fatal: unable to access '${URL}/': Could not resolve host: gitlab.example.com`, FAILED],
    "refused",
    [["gitlab-unreachable"]],
  ],
  [
    "a fetch that went well the second time",
    [
      ...SOURCES,
      ...http(502),
      ...SOURCES.slice(1),
      CHECKED_OUT,
      "$ git push origin HEAD:main",
      ...accepted(),
      SUCCEEDED,
    ],
    "accepted",
  ],
  [
    "after_script",
    [
      "$ npm test",
      "Running after_script",
      "$ git push origin HEAD:main",
      ...http(403, "You are not allowed to push code to this project."),
      SUCCEEDED,
    ],
    "refused",
    [["job-token-remote"]],
  ],
  // The last word.
  [
    "a race that was won in the end",
    ["$ ./push-until-it-works.sh", ...race, ...race, ...accepted(), SUCCEEDED],
    "accepted",
  ],
  [
    "a loop that shows only what it lost",
    ["$ for i in 1 2 3; do git push -q origin HEAD:main && break; git pull -q --rebase; done", ...race, SUCCEEDED],
    "accepted",
  ],
  [
    "a loop that lost every time",
    [
      "$ for i in 1 2 3; do git push -q origin HEAD:main && break; git pull -q --rebase; done",
      ...race,
      ...race,
      ...race,
      SUCCEEDED,
    ],
    "refused",
    [["fetch-first"]],
  ],
  [
    "a loop until it is done",
    ["$ until git push -q origin HEAD:main; do git pull -q --rebase; done", ...race, ...race, SUCCEEDED],
    "accepted",
  ],
  [
    "a refusal that is swallowed",
    ["$ git push origin HEAD:main || true", ...race, SUCCEEDED],
    "refused",
    [["fetch-first"]],
  ],
  [
    "another credential helped",
    [
      "$ git push origin HEAD:main || ./push-with-token.sh",
      ...http(403, "You are not allowed to push code to this project."),
      ...accepted(),
      SUCCEEDED,
    ],
    "accepted",
  ],
  [
    "the job failed later",
    ["$ git push origin HEAD:main", ...accepted(), "$ npm publish", "npm ERR! 403", FAILED],
    "accepted",
  ],
  ["a quiet push", ["$ git push -q origin HEAD:main", "$ echo done", "done", SUCCEEDED], "accepted"],
  [
    "another branch was accepted later",
    [`$ ${WITH_TOKEN}`, ...race, "$ git push origin HEAD:other", ...accepted("other"), SUCCEEDED],
    "refused",
    [["fetch-first"]],
  ],
  [
    "a forced push under set -x",
    ["+ git push --force origin HEAD:main", TO, " + 1111111...2222222 HEAD -> main (forced update)", SUCCEEDED],
    "accepted",
  ],
  // The push job, of today and of before it gave ids.
  [
    "its hook",
    [
      ...hook("subject needs a ticket"),
      "push: refused: a push rule or server hook refuses the commit, in the words above",
      FAILED,
    ],
    "refused",
    [["server-hook", "push-rule"]],
  ],
  [
    "its hook, a known rule",
    [
      ...hook("GitLab: Commit message must contain a DCO signoff"),
      "push: refused: a push rule or server hook refuses the commit, in the words above [server-hook]",
    ],
    "refused",
    [["push-rule"]],
  ],
  [
    "its token",
    [
      `remote: HTTP Basic: Access denied`,
      `fatal: Authentication failed for '${URL}/'`,
      "push: refused: the token in T is expired, revoked or mistyped, or belongs to a project other than a/b [token-refused]",
    ],
    "refused",
    [
      [
        "token-expired",
        "token-revoked",
        "token-missing",
        "token-unknown",
        "token-wrong-project",
        "push-other-project",
        "variable-shadowed",
      ],
    ],
  ],
  [
    "its retry",
    [
      ...race,
      "push: another push to 'main' was faster: try 1 of 5 follows",
      "push: pushed 1a2b3c4 to 'main' of xlink/gitops",
      SUCCEEDED,
    ],
    "accepted",
  ],
  [
    "its lost races",
    [
      ...race,
      "push: another push to 'main' was faster [fetch-first]: try 1 of 1 follows",
      ...race,
      "push: gave up after 2 tries: another push to 'main' was faster [fetch-first]",
      FAILED,
    ],
    "refused",
    [["fetch-first"]],
  ],
  [
    "its image",
    [
      "push: the image of this job has no git",
      "push: for the whole way from the job to the branch, save this log and run: npx gitlab-ci-pusher doctor --job-log FILE",
      FAILED,
    ],
    "refused",
    [["git-missing"]],
  ],
  [
    "its variable",
    [
      "push: T holds the name of a variable, not a token: a variables: block sets it from one that this job does not get. Take that line out",
    ],
    "refused",
    [["variable-reference"]],
  ],
  [
    "its silence",
    [...http(429), "push: gave up after 6 tries: GitLab did not answer", FAILED],
    "refused",
    [["rate-limited"]],
  ],
  [
    "its connection",
    [
      `fatal: unable to access '${URL}/': Failed to connect to gitlab.example.com port 443: Connection refused`,
      "push: gave up after 6 tries: GitLab did not answer",
    ],
    "refused",
    [["gitlab-unreachable"]],
  ],
  [
    "its word for what it does not know",
    [...refused("it is Friday"), "push: refused: git says why above [unread]"],
    "refused",
    [[]],
  ],
  ["a word of a newer one", ["push: refused: the moon is full [moon]"], "refused", [[]]],
  ["its script", ["push: the script ended with exit code 7, nothing was pushed", FAILED], "none"],
  [
    "nothing for it to do",
    ["push: nothing to push: the script changed nothing on 'main' of xlink/gitops", SUCCEEDED],
    "none",
  ],
];

/** Logs in which nothing is pushed, though their words are like those of a refusal. */
const NO_PUSH: readonly (readonly [string, readonly string[]])[] = [
  ["nothing", []],
  ["tests", [...SOURCES, CHECKED_OUT, "$ npm test", "1 failing", FAILED]],
  [
    "a registry's login",
    [
      "$ docker login -u ci registry",
      'Error response from daemon: Get "https://r/v2/": denied: HTTP Basic: Access denied',
      FAILED,
    ],
  ],
  ["an image", ["$ docker push r/x:1", "denied: requested access to the resource is denied", FAILED]],
  [
    "an image, by another tool",
    ["$ /kaniko/executor --push", "error checking push: UNAUTHORIZED: authentication required"],
  ],
  [
    "a call of the API",
    [
      "$ curl -f -X POST $CI_API_V4_URL/projects/1/repository/commits",
      "curl: (22) The requested URL returned error: 403",
      FAILED,
    ],
  ],
  ["the names of tests", ["$ npx jest", "● push › non-fast-forward update: refs/heads/main", FAILED]],
  ["a package", ["$ ./gradlew publish", "> Could not PUT 'https://h/x'. Received status code 401", FAILED]],
  ["SSH to a machine", ["$ ssh deploy@host ls", "deploy@host: Permission denied (publickey).", FAILED]],
  ["rsync", ["$ rsync -a dist/ deploy@host:", "Host key verification failed.", FAILED]],
  ["packages", ["$ apt-get update", "Err:1 http://deb Could not resolve host: deb", FAILED]],
  [
    "modules",
    ["$ make build", "\tfatal: could not read Username for 'https://gitlab.com': terminal prompts disabled", FAILED],
  ],
  [
    "a package from Git",
    [
      "$ npm ci",
      "npm ERR! Host key verification failed.",
      "npm ERR! fatal: Could not read from remote repository.",
      FAILED,
    ],
  ],
  [
    "a clone with the job token",
    [
      "$ git clone https://gitlab-ci-token:${CI_JOB_TOKEN}@h/a/lib.git",
      ...http(403, "Authentication by CI/CD job token not allowed from app to lib."),
      FAILED,
    ],
  ],
  [
    "a clone from elsewhere",
    [
      "$ git clone https://github.com/a/b.git",
      "fatal: unable to access 'https://github.com/a/b.git/': The requested URL returned error: 403",
      FAILED,
    ],
  ],
  [
    "git describe",
    ["$ git describe --tags", "fatal: not a git repository (or any of the parent directories): .git", FAILED],
  ],
  ["an image's tag", ["$ docker build .", "error: tag 'v1' already exists", FAILED]],
  ["git status", ["$ git status", "nothing to commit, working tree clean", "$ npm test", FAILED]],
  [
    "git fetch --tags",
    [
      "$ git fetch --tags",
      `From ${URL.replace(".git", "")}`,
      " * [new branch]      topic      -> origin/topic",
      SUCCEEDED,
    ],
  ],
  [
    "artifacts",
    [
      "$ npm test",
      "Uploading artifacts for successful job",
      'ERROR: Uploading artifacts as "archive" to coordinator... 413 Request Entity Too Large',
      FAILED,
    ],
  ],
  [
    "words of a program",
    ["$ ./run-tests.sh", "Cache is empty", "DATABASE_URL is empty", "User is locked by admin", FAILED],
  ],
  [
    "a rebase",
    [
      "$ git pull --rebase origin main",
      `From ${URL}`,
      " * branch            main       -> FETCH_HEAD",
      "CONFLICT (content): Merge conflict in a",
      FAILED,
    ],
  ],
];

const STAMP = "2100-01-10T12:00:00.123456Z 01O ";
const BOLD_GREEN = "\u001b[32;1m";

/** The ways a log is dressed; each must be read alike. */
const DRESSES: readonly (readonly [string, (lines: readonly string[]) => string])[] = [
  ["as it is", (lines) => lines.join("\n")],
  ["Windows line ends", (lines) => lines.join("\r\n")],
  [
    "raw, with stamps and colours",
    (lines) =>
      lines
        .map((line) => `${STAMP}${line.startsWith("$ ") ? `${BOLD_GREEN}${line}\u001b[0;m` : `\u001b[0K${line}`}\r`)
        .join("\n"),
  ],
  [
    "sections",
    (lines) =>
      [`section_start:1700000000:step_script\r\u001b[0K\u001b[0K${lines[0] ?? ""}`, ...lines.slice(1)].join("\n"),
  ],
  [
    "cut in two by the runner",
    (lines) =>
      lines.flatMap((line) => [`${STAMP}${line.slice(0, 9)}`, `${STAMP.trimEnd()}+${line.slice(9)}`]).join("\n"),
  ],
  ["copied from the page", (lines) => lines.map((line, at) => `${at + 37}${line}`).join("\n")],
  ["copied from the page, with blanks", (lines) => lines.map((line, at) => `${at + 8} ${line}`).join("\n")],
  [
    "copied with the page's clock",
    (lines) => lines.map((line, at) => `${at + 1} 12:00:${10 + (at % 50)} ${line}`).join("\n"),
  ],
  [
    "colours that lost their escape",
    (lines) => lines.map((line) => (line.startsWith("$ ") ? `[32;1m${line}[0;m` : `[0K${line}`)).join("\n"),
  ],
  [
    "copied from the page, with the clock of every line",
    (lines) => lines.map((line, at) => `${at + 38}12:00:01 ${line}`).join("\n"),
  ],
  ["quoted in an issue", (lines) => lines.map((line) => `> ${line}`).join("\n")],
  ["PowerShell's prompt", (lines) => lines.map((line) => line.replace(/^\$ /, "PS C:\\builds\\xlink> ")).join("\n")],
  ["set -x", (lines) => lines.map((line) => line.replace(/^\$ /, "+ ")).join("\n")],
];

const causesOf = (log: string) => {
  const { outcome, refusals } = readJobLog(log);
  return { outcome, causes: refusals.map(({ causes }) => [...causes]) };
};

describe.each(DRESSES)("a job's log, %s", (_, dress) => {
  test.each<Row>(LOGS)("%s", (_what, lines, outcome, causes = []) => {
    expect(causesOf(dress(lines))).toEqual({ outcome, causes });
  });

  test.each(NO_PUSH)("without a push: %s", (_what, lines) => {
    expect(causesOf(dress(lines))).toEqual({ outcome: "none", causes: [] });
  });

  test("whatever is refused in Git's form is never called fine, and what nobody pushed has no cause", () => {
    // GIVEN what stands before, reasons, and what stands after, in every combination
    const before = [
      [],
      [...SOURCES, CHECKED_OUT, "$ npm ci", "added 3 packages"],
      ["$ git push origin v1", ...accepted("v1")],
    ];
    const commands = [
      `$ ${WITH_TOKEN}`,
      "$ ./release.sh",
      "$ make deploy # collapsed multi-line command",
      "$ if ! git push; then echo '! [rejected]'; fi",
    ];
    const whys = [
      "pre-receive hook declined",
      "fetch first",
      "stale info",
      "shallow update not allowed",
      "ÿ %$!",
      "a (b) c",
    ];
    const after = [[], [FAILED], [SUCCEEDED], ["$ echo done", "done", SUCCEEDED]];
    const hows = ["remote rejected", "rejected", "отклонено"];
    for (const start of before)
      for (const command of commands)
        for (const end of after) {
          const silent = dress([...start, command.replace(/.*push.*/, "$ npm test"), "all good", ...end]);
          expect(readJobLog(silent).refusals).toEqual([]);
          whys.forEach((why, at) => {
            // THEN
            const log = dress([...start, command, ...refused(why, "HEAD", "main", hows[at % 3]), ...end]);
            expect([readJobLog(log).outcome, log]).toEqual(["refused", log]);
          });
        }
  });
});

test("what a script shows of itself is no output, over several lines too", () => {
  const script = [
    `${BOLD_GREEN}$ if ! git push origin HEAD:main; then`,
    "  echo ' ! [remote rejected] HEAD -> main (pre-receive hook declined)'",
    "fi\u001b[0;m",
    ...accepted(),
    SUCCEEDED,
  ];
  expect(causesOf(script.join("\n"))).toEqual({ outcome: "accepted", causes: [] });
});

test("PowerShell's way to show an error stream hides no refusal", () => {
  const log = [
    "$ git push origin HEAD:main",
    "git : remote: HTTP Basic: Access denied. The provided password or token is incorrect",
    "At C:\\Windows\\TEMP\\build_script.ps1:1 char:1",
    "+ git push origin HEAD:main",
    "+ ~~~~~~~~~~~~~~~~~~~~~~~~~",
    "    + CategoryInfo          : NotSpecified: (remote: HTTP Basic: Access denied:String) [], RemoteException",
    "    + FullyQualifiedErrorId : NativeCommandError",
    `fatal: Authentication failed for '${URL}/'`,
    FAILED,
  ];
  expect(readJobLog(log.join("\n")).refusals.map(({ id }) => id)).toEqual(["access-denied"]);
});

test("what a command finds in files, or a page shows, is no refusal", () => {
  const log = [
    "$ grep -rn allowed docs",
    `docs/a.md:12: remote: ${NOT_MINE}`,
    "You may see `! [remote rejected]`.",
    SUCCEEDED,
  ];
  expect(causesOf(log.join("\n"))).toEqual({ outcome: "none", causes: [] });
});

test.each<[string, string[], string]>([
  [
    "another project's branch of that name",
    [
      "$ git -C a push",
      ...refused("it is Friday"),
      "$ git -C b push",
      "To https://gitlab.example.com/xlink/other.git",
      "   1111111..2222222  HEAD -> main",
      SUCCEEDED,
    ],
    "refused",
  ],
  [
    "a log that ends before the further try",
    [...race, "push: another push to 'main' was faster: try 1 of 5 follows"],
    "refused",
  ],
  ["an earlier push of the same script", ["$ ./release.sh", ...accepted(), ...hook(NOT_MINE), SUCCEEDED], "refused"],
  ["a push that is only tried out", ["$ git push --dry-run origin HEAD:main", ...accepted(), SUCCEEDED], "none"],
])("no later success is taken from %s", (_, log, outcome) => {
  expect(readJobLog(log.join("\n")).outcome).toBe(outcome);
});

test("the commands of Git's advice are no commands of the script", () => {
  const advice = ["To add an exception for this directory, call:", "", "\tgit config --global --add safe.directory /b"];
  const log = ["$ git add .", "fatal: detected dubious ownership in repository at '/b'", ...advice, FAILED];
  expect(causesOf(log.join("\n"))).toEqual({ outcome: "refused", causes: [["dubious-ownership"]] });
});

test("tells ref, target, branch and key, where the log does", () => {
  const log = [CHECKED_OUT, `$ ${WITH_TOKEN}`, ...hook(NOT_MINE)].join("\n");
  expect(readJobLog(log)).toMatchObject({ ref: "main", target: "xlink/gitops", branch: "main", key: "GITOPS_TOKEN" });
  expect(readJobLog("")).toEqual({ outcome: "none", refusals: [], notes: [] });
});

test("an unknown refusal is told by its line, its kind and the server's words", () => {
  const [refusal] = readJobLog(
    [`$ ${WITH_TOKEN}`, ...hook("", "=====", "GitLab: ask Olga", "=====")].join("\n"),
  ).refusals;
  expect(refusal).toMatchObject({ id: "server-hook", kind: "hook", line: 7, words: "ask Olga" });
});

test("of a hook of the checkout too the line before Git's own is told", () => {
  const log = [`$ ${WITH_TOKEN}`, "husky - pre-push hook failed", `error: failed to push some refs to '${URL}'`];
  expect(readJobLog(log.join("\n")).refusals[0]).toMatchObject({
    id: "unknown",
    words: "husky - pre-push hook failed",
  });
});

test("of SSH the line before Git's own is told", () => {
  const said = "Unable to negotiate with 192.0.2.9 port 22: no matching host key type found. Their offer: ssh-rsa";
  const log = ["$ git push git@h:a/b.git HEAD:main", said, "fatal: Could not read from remote repository."].join("\n");
  expect(readJobLog(log).refusals[0]).toMatchObject({ id: "unknown", kind: "ssh", words: said });
});

test("a hook's words are quoted without tokens, passwords and control characters", () => {
  const said = "see https://bot:hunter2@h/a and glpat-abcdefghijklmnopqrst\u001b[31m";
  const [refusal] = readJobLog(hook(said).join("\n")).refusals;
  expect(refusal?.words).toBe("see https://h/a and [a token]");
});

test("notes say what is no finding", () => {
  expect(readJobLog([...race, ...accepted(), FAILED].join("\n")).notes).toEqual([
    "line 2: (fetch first): a later try went through",
    "the job failed after its push, for another reason",
  ]);
  expect(readJobLog(["$ git push || true", ...race, SUCCEEDED].join("\n")).notes[0]).toContain("|| true");
});

test("a log of many long lines, or of many refusals, is read in time that grows with its length", () => {
  const tries = ["+ git push origin HEAD:main", ...race].join("\n");
  const log = `${"Commit message ".repeat(5_000)}\n${`${tries}\n`.repeat(2_000)}`;
  expect(readJobLog(log).refusals).toHaveLength(1);
});
