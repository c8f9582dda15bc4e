import { rm } from "node:fs/promises";
import { finishJob } from "../../../sandbox/model/ci/jobs";
import type { Settings } from "../../../sandbox/model/instance/settings";
import { AccessLevel } from "../../../sandbox/model/members/access-level";
import type { Project } from "../../../sandbox/model/projects/project";
import { createProject } from "../../../sandbox/model/projects/projects";
import { roleEntry } from "../../../sandbox/model/protected-refs/protected-refs";
import { createUser } from "../../../sandbox/model/users/users";
import { GitClient, type GitRun, type WorkingCopy } from "../../support/git-client";
import { GitServer, TODAY } from "../../support/git-server";

const ACCESS_DENIED =
  "remote: HTTP Basic: Access denied. If a password was provided for Git authentication, the password was incorrect or you're required to use a token instead of a password. If a token was provided, it was either incorrect, expired, or improperly scoped. See $URL/help/topics/git/troubleshooting_git.md#error-on-git-fetch-http-basic-access-denied";
const UNAUTHORIZED = { code: 128, says: [ACCESS_DENIED, "fatal: Authentication failed for '$REMOTE/'"] };
const NOT_FOUND =
  "remote: The project you were looking for could not be found or you don't have permission to view it.";

const { Developer, Guest, Maintainer, NoAccess, Planner, Reporter } = AccessLevel;

let server: GitServer;
let client: GitClient;

beforeAll(async () => {
  server = await GitServer.start();
  client = new GitClient();
});

afterAll(async () => {
  await server.stop();
  await client.remove();
});

interface Attempt {
  readonly run: GitRun;
  /** The project's URL without credentials. */
  readonly remote: string;
}

/** One row of the table of refusals: what is tried, and what the client then prints, in this order. */
interface Row {
  readonly when: string;
  readonly attempt: () => Promise<Attempt>;
  readonly code: number;
  /** Whole lines; `$URL` stands for the sandbox's URL, `$REMOTE` for the project's. */
  readonly says: readonly (string | RegExp)[];
}

function forbidden(text: string): Pick<Row, "code" | "says"> {
  return {
    code: 128,
    says: [`remote: ${text}`, "fatal: unable to access '$REMOTE/': The requested URL returned error: 403"],
  };
}

function notFound(text: string): Pick<Row, "code" | "says"> {
  return { code: 128, says: [text, "fatal: repository '$REMOTE/' not found"] };
}

function declined(text: string, ref: string): Pick<Row, "code" | "says"> {
  return { code: 1, says: [`remote: GitLab: ${text}`, `${ref} (pre-receive hook declined)`] };
}

/** Pushes one new commit on top of what the project holds. */
async function push(
  project: Project,
  secret: string | undefined,
  options: { username?: string; to?: string; from?: (copy: WorkingCopy) => Promise<void>; args?: string[] } = {},
): Promise<Attempt> {
  const copy = project.defaultBranch
    ? await client.clone(server.remote(project, server.personalToken(server.root, "api")))
    : await client.init("unused");
  if (project.defaultBranch) await copy.commit("change");
  await options.from?.(copy);
  const refspec = options.to ?? "HEAD:refs/heads/main";
  const run = await copy.run(
    "push",
    ...(options.args ?? []),
    server.remote(project, secret, options.username),
    ...refspec.split(" "),
  );
  return { run, remote: server.remote(project) };
}

/** Pushes to a URL nothing can be cloned from. */
async function pushBlindly(target: Project | string, secret: string): Promise<Attempt> {
  const copy = await client.init("unused");
  return { run: await copy.run("push", server.remote(target, secret), "HEAD:main"), remote: server.remote(target) };
}

async function whileSetting<Key extends keyof Settings>(
  key: Key,
  value: Settings[Key],
  attempt: () => Promise<Attempt>,
): Promise<Attempt> {
  const before = server.store.settings[key];
  server.store.settings[key] = value;
  try {
    return await attempt();
  } finally {
    server.store.settings[key] = before;
  }
}

async function asMember(
  accessLevel: number,
  options: Parameters<typeof push>[2] & { project?: Project } = {},
): Promise<Attempt> {
  const project = options.project ?? (await server.project());
  const token = server.personalToken(server.member(project, accessLevel), "write_repository");
  return push(project, token, options);
}

const AUTHENTICATION: Row[] = [
  {
    when: "the token is unknown",
    attempt: async () => push(await server.project(), "glpat-nobody-knows-this-one"),
    ...UNAUTHORIZED,
  },
  {
    when: "the token is mistyped",
    attempt: async () => {
      const project = await server.project();
      return push(project, `${server.bot(project).value}x`);
    },
    ...UNAUTHORIZED,
  },
  {
    when: "the variable is empty",
    attempt: async () => push(await server.project(), ""),
    ...UNAUTHORIZED,
  },
  {
    when: "the token was revoked",
    attempt: async () => {
      const project = await server.project();
      const { token, value } = server.bot(project);
      token.revoked = true;
      return push(project, value);
    },
    ...UNAUTHORIZED,
  },
  {
    when: "today is the day in expires_at",
    attempt: async () => {
      const project = await server.project();
      return push(project, server.bot(project, { expiresAt: TODAY }).value);
    },
    ...UNAUTHORIZED,
  },
  {
    when: "the bot belongs to another project and this one is private",
    attempt: async () => {
      const other = await server.project();
      return push(await server.project(), server.bot(other, { accessLevel: Maintainer, scopes: ["api"] }).value);
    },
    ...UNAUTHORIZED,
  },
  {
    when: "the user is blocked",
    attempt: async () => {
      const project = await server.project();
      const user = server.member(project, Maintainer);
      const token = server.personalToken(user, "api");
      user.state = "blocked";
      return push(project, token);
    },
    ...UNAUTHORIZED,
  },
  {
    when: "the CI job has ended",
    attempt: async () => {
      const project = await server.project();
      project.jobTokenPushAllowed = true;
      const { job, token } = server.job(project, server.member(project, Maintainer));
      finishJob(server.store, job);
      return push(project, token);
    },
    ...UNAUTHORIZED,
  },
  {
    when: "CI_JOB_TOKEN goes with another user name than gitlab-ci-token",
    attempt: async () => {
      const project = await server.project();
      project.jobTokenPushAllowed = true;
      const { token } = server.job(project, server.member(project, Maintainer));
      return push(project, token, { username: "oauth2" });
    },
    ...UNAUTHORIZED,
  },
  {
    when: "a push comes without credentials, to a public project",
    attempt: async () => push(await server.project({ visibility: "public" }), undefined),
    code: 128,
    says: [`fatal: could not read Username for '$URL': terminal prompts disabled`],
  },
  {
    when: "a private project is cloned without credentials",
    attempt: async () => {
      const remote = server.remote(await server.project());
      return { run: await client.run(["clone", remote, "nowhere"]), remote };
    },
    code: 128,
    says: [`fatal: could not read Username for '$URL': terminal prompts disabled`],
  },
];

const SCOPES: Row[] = [
  ...["read_repository", "read_api", "write_registry"].map((scope) => ({
    when: `a push comes with scope ${scope} only`,
    attempt: async () => {
      const project = await server.project();
      return push(project, server.bot(project, { accessLevel: Maintainer, scopes: [scope] }).value);
    },
    ...forbidden("You are not allowed to upload code."),
  })),
  {
    when: "a fetch comes with scope write_registry only",
    attempt: async () => {
      const project = await server.project();
      const { value } = server.bot(project, { accessLevel: Maintainer, scopes: ["write_registry"] });
      return { run: await client.run(["ls-remote", server.remote(project, value)]), remote: server.remote(project) };
    },
    ...forbidden("You are not allowed to download code."),
  },
  {
    when: "scope and project are both wrong: the scope is looked at first",
    attempt: async () => {
      const project = await server.project();
      const { value } = server.bot(project, { scopes: ["read_repository"] });
      return pushBlindly("xlink/missing", value);
    },
    ...forbidden("You are not allowed to upload code."),
  },
];

const ROLES: Row[] = [
  ...[Guest, Planner, Reporter].map((accessLevel) => ({
    when: `a push comes from access level ${accessLevel}`,
    attempt: async () => {
      const project = await server.project();
      return push(project, server.bot(project, { accessLevel }).value, { to: "HEAD:refs/heads/feature" });
    },
    ...forbidden("You are not allowed to push code to this project."),
  })),
  {
    when: "a stranger pushes to a public project",
    attempt: async () => {
      const project = await server.project({ visibility: "public" });
      const stranger = createUser(server.store, { username: "stranger-1" });
      return push(project, server.personalToken(stranger, "api"));
    },
    ...forbidden("You are not allowed to push code to this project."),
  },
  {
    when: "a Guest fetches from a private project",
    attempt: async () => {
      const project = await server.project();
      const { value } = server.bot(project, { accessLevel: Guest });
      return { run: await client.run(["ls-remote", server.remote(project, value)]), remote: server.remote(project) };
    },
    ...forbidden("You are not allowed to download code from this project."),
  },
];

const JOB_TOKENS: Row[] = [
  {
    when: "CI_JOB_TOKEN pushes and ci_push_repository_for_job_token_allowed is off",
    attempt: async () => {
      const project = await server.project();
      return push(project, server.job(project, server.member(project, Maintainer)).token);
    },
    ...forbidden("You are not allowed to push code to this project."),
  },
  {
    when: "CI_JOB_TOKEN pushes and a Reporter started the job",
    attempt: async () => {
      const project = await server.project();
      project.jobTokenPushAllowed = true;
      return push(project, server.job(project, server.member(project, Reporter)).token);
    },
    ...forbidden("You are not allowed to push code to this project."),
  },
  {
    when: "CI_JOB_TOKEN pushes to a project whose allowlist does not name the job's",
    attempt: async () => {
      const { target, token } = await jobOfAnotherProject("target-1");
      return push(target, token);
    },
    code: 128,
    says: [
      /^remote: Authentication by CI\/CD job token not allowed from app-\d+ to target-1\.$/,
      "fatal: unable to access '$REMOTE/': The requested URL returned error: 403",
    ],
  },
  {
    when: "CI_JOB_TOKEN pushes to another project that allowlists the job's: reading is all it may",
    attempt: async () => {
      const { source, target, token } = await jobOfAnotherProject("target-2");
      target.jobTokenPushAllowed = true;
      target.jobTokenAllowedProjects.add(source.id);
      return push(target, token);
    },
    ...forbidden("You are not allowed to push code to this project."),
  },
  {
    when: "an allowlisted project's job was started by someone who cannot read the target",
    attempt: async () => {
      const source = await server.project();
      const target = await namedProject("target-3");
      target.jobTokenAllowedProjects.add(source.id);
      return push(target, server.job(source, server.member(source, Maintainer)).token);
    },
    ...forbidden("Insufficient permissions to pull from the repository of project target-3."),
  },
  {
    when: "CI_JOB_TOKEN meets a branch rule that the job's user does not pass",
    attempt: async () => {
      const project = await server.project();
      project.jobTokenPushAllowed = true;
      return push(project, server.job(project, server.member(project, Developer)).token);
    },
    ...declined(
      "You are not allowed to push code to protected branches on this project.",
      " ! [remote rejected] HEAD -> main",
    ),
  },
];

const PROJECTS: Row[] = [
  {
    when: "the project is missing",
    attempt: async () => pushBlindly("xlink/missing", server.bot(await server.project()).value),
    ...notFound(NOT_FOUND),
  },
  {
    when: "the project is invisible to the user",
    attempt: async () => {
      const stranger = createUser(server.store, { username: "stranger-2" });
      return push(await server.project(), server.personalToken(stranger, "api"));
    },
    ...notFound(NOT_FOUND),
  },
  {
    when: "the group is missing",
    attempt: async () => pushBlindly("nowhere/missing", server.bot(await server.project()).value),
    ...notFound("remote: The namespace you were looking for could not be found."),
  },
  {
    when: "the repository is missing",
    attempt: async () => {
      const project = await server.project({ files: null });
      await rm(server.store.repositoryPath(project), { recursive: true });
      return pushBlindly(project, server.bot(project).value);
    },
    ...notFound("remote: A repository for this project does not exist yet."),
  },
  {
    when: "the project is archived",
    attempt: async () => {
      const project = await server.project();
      const { value } = server.bot(project);
      project.archived = true;
      return push(project, value);
    },
    ...forbidden("You can't push code to an archived project."),
  },
  {
    when: "the repository is read-only for the moment",
    attempt: async () => {
      const project = await server.project();
      project.repositoryReadOnly = true;
      return push(project, server.bot(project).value);
    },
    ...forbidden("The repository is temporarily read-only. Please try again later."),
  },
  {
    when: "the instance is read-only",
    attempt: async () => {
      const project = await server.project();
      return whileSetting("maintenance_mode", true, () => push(project, server.bot(project).value));
    },
    ...forbidden("You can't push code to a read-only GitLab instance."),
  },
  {
    when: "Git over HTTP is switched off",
    attempt: async () => {
      const project = await server.project();
      return whileSetting("git_http_enabled", false, () => pushBlindly(project, server.bot(project).value));
    },
    ...forbidden("Git access over HTTP is not allowed"),
  },
];

const BRANCHES: Row[] = [
  {
    when: "a Developer pushes to a protected branch",
    attempt: () => asMember(Developer, { to: "HEAD:main" }),
    ...declined(
      "You are not allowed to push code to protected branches on this project.",
      " ! [remote rejected] HEAD -> main",
    ),
  },
  {
    when: "a Maintainer pushes to a branch nobody may push to",
    attempt: async () => {
      const project = await server.project();
      await server.seed(project, "release/1", {});
      server.protect(project, "release/*", { push: NoAccess });
      const from = async (copy: WorkingCopy): Promise<void> => {
        await copy.must("reset", "--quiet", "--hard", "origin/release/1");
        await copy.commit("change");
      };
      return asMember(Maintainer, { project, from, to: "HEAD:release/1" });
    },
    ...declined(
      "You are not allowed to push code to protected branches on this project.",
      " ! [remote rejected] HEAD -> release/1",
    ),
  },
  {
    when: "a Maintainer force-pushes to a protected branch",
    attempt: () => asMember(Maintainer, { from: rewrite, args: ["--force"], to: "HEAD:main" }),
    ...declined(
      "You are not allowed to force push code to a protected branch on this project.",
      " ! [remote rejected] HEAD -> main",
    ),
  },
  {
    when: "a Developer force-pushes to a protected branch: the force is looked at before the role",
    attempt: () => asMember(Developer, { from: rewrite, args: ["--force"], to: "HEAD:main" }),
    ...declined(
      "You are not allowed to force push code to a protected branch on this project.",
      " ! [remote rejected] HEAD -> main",
    ),
  },
  {
    when: "a Developer creates a branch that a rule matches",
    attempt: async () => {
      const project = await server.project();
      server.protect(project, "release/*");
      return asMember(Developer, { project, to: "HEAD:refs/heads/release/1" });
    },
    ...declined(
      "You are not allowed to create protected branches on this project.",
      " ! [remote rejected] HEAD -> release/1",
    ),
  },
  {
    when: "who may merge but not push creates a protected branch from a new commit",
    attempt: async () => {
      const project = await server.project();
      server.protect(project, "release/*", { push: NoAccess, merge: Developer });
      return asMember(Developer, { project, to: "HEAD:refs/heads/release/1" });
    },
    ...declined(
      "You can only use an existing protected branch ref as the basis of a new protected branch.",
      " ! [remote rejected] HEAD -> release/1",
    ),
  },
  {
    when: "who may merge but not push creates a protected branch from a protected one",
    attempt: async () => {
      const project = await server.project();
      server.protect(project, "release/*", { push: NoAccess, merge: Developer });
      return asMember(Developer, { project, to: "origin/main:refs/heads/release/1" });
    },
    ...declined(
      "You can only create protected branches using the web interface and API.",
      " ! [remote rejected] origin/main -> release/1",
    ),
  },
  {
    when: "a Developer deletes a protected branch",
    attempt: async () => {
      const project = await server.project();
      await server.seed(project, "release/1", {});
      server.protect(project, "release/*");
      return asMember(Developer, { project, to: ":release/1" });
    },
    ...declined(
      "You are not allowed to delete protected branches from this project. Only a project maintainer or owner can delete a protected branch.",
      " ! [remote rejected] release/1",
    ),
  },
  {
    when: "a Maintainer deletes a protected branch",
    attempt: async () => {
      const project = await server.project();
      await server.seed(project, "release/1", {});
      server.protect(project, "release/*");
      return asMember(Maintainer, { project, to: ":release/1" });
    },
    ...declined("You can only delete protected branches using the web interface.", " ! [remote rejected] release/1"),
  },
  {
    when: "the default branch is deleted, protected or not",
    attempt: async () => {
      const project = await server.project();
      for (const rule of server.store.branchRulesOf(`project:${project.id}`))
        server.store.protectedBranches.delete(rule);
      return asMember(Maintainer, { project, to: ":main" });
    },
    ...declined("The default branch of a project cannot be deleted.", " ! [remote rejected] main"),
  },
  {
    when: "a branch is named like a commit",
    attempt: () => asMember(Maintainer, { to: `HEAD:refs/heads/${"0123456789".repeat(4)}` }),
    ...declined(
      "You cannot create a branch with a 40-character hexadecimal branch name.",
      ` ! [remote rejected] HEAD -> ${"0123456789".repeat(4)}`,
    ),
  },
  {
    when: "one of several refs is refused, all are",
    attempt: () => asMember(Developer, { to: "HEAD:refs/heads/feature HEAD:main" }),
    code: 1,
    says: [
      "remote: GitLab: You are not allowed to push code to protected branches on this project.",
      " ! [remote rejected] HEAD -> main (pre-receive hook declined)",
      " ! [remote rejected] HEAD -> feature (pre-receive hook declined)",
    ],
  },
  {
    when: "a Developer makes the first push",
    attempt: async () => asMember(Developer, { project: await namedProject("empty-1", null) }),
    code: 1,
    says: [
      "remote: GitLab:",
      "remote: A default branch (e.g. main) does not yet exist for xlink/empty-1",
      "remote: Ask a project Owner or Maintainer to create a default branch:",
      "remote:",
      "remote:   $URL/xlink/empty-1/-/project_members",
      "remote:",
      " ! [remote rejected] HEAD -> main (pre-receive hook declined)",
    ],
  },
  {
    when: "GitLab's own refs are written to",
    attempt: () => asMember(Maintainer, { to: "HEAD:refs/merge-requests/1/head" }),
    code: 1,
    says: [" ! [remote rejected] HEAD -> refs/merge-requests/1/head (deny updating a hidden ref)"],
  },
];

const TAGS: Row[] = [
  {
    when: "a Developer creates a protected tag",
    attempt: async () => asMember(Developer, { project: await withTagRule(Maintainer), to: "HEAD:refs/tags/v2" }),
    ...declined("You are not allowed to create this tag as it is protected.", " ! [remote rejected] HEAD -> v2"),
  },
  {
    when: "a Maintainer moves a protected tag",
    attempt: async () =>
      asMember(Maintainer, { project: await withTagRule(Maintainer), args: ["--force"], to: "HEAD:refs/tags/v1" }),
    ...declined("Protected tags cannot be updated.", " ! [remote rejected] HEAD -> v1"),
  },
  {
    when: "a Developer deletes a protected tag",
    attempt: async () => asMember(Developer, { project: await withTagRule(Developer), to: ":refs/tags/v1" }),
    ...declined(
      "You are not allowed to delete protected tags from this project. Only a project maintainer or owner can delete a protected tag.",
      " ! [remote rejected] v1",
    ),
  },
  {
    when: "a Maintainer deletes a protected tag",
    attempt: async () => asMember(Maintainer, { project: await withTagRule(Maintainer), to: ":refs/tags/v1" }),
    ...declined("You can only delete protected tags using the web interface.", " ! [remote rejected] v1"),
  },
  {
    when: "a tag is named like the default branch",
    attempt: () => asMember(Maintainer, { to: "HEAD:refs/tags/main" }),
    ...declined("You cannot use default branch name to create a tag", " ! [remote rejected] HEAD -> main"),
  },
  {
    when: "a tag is named like a commit",
    attempt: () => asMember(Maintainer, { to: `HEAD:refs/tags/${"ab".repeat(20)}` }),
    ...declined(
      "You cannot create a tag with a SHA-1 or SHA-256 tag name.",
      ` ! [remote rejected] HEAD -> ${"ab".repeat(20)}`,
    ),
  },
];

const NOT_CREDENTIALS: Row[] = [
  {
    when: "the runner's HEAD is detached",
    attempt: async () => {
      const project = await server.project();
      const copy = await client.clone(server.remote(project, server.personalToken(server.root, "api")));
      await copy.must("checkout", "--quiet", "--detach");
      await copy.must("branch", "--delete", "--force", "main");
      const run = await copy.run("push", server.remote(project, server.bot(project).value), "main");
      return { run, remote: server.remote(project) };
    },
    code: 1,
    says: ["error: src refspec main does not match any", "error: failed to push some refs to '$REMOTE'"],
  },
  {
    when: "somebody pushed first",
    attempt: async () => {
      const project = await server.project();
      return asMember(Maintainer, {
        project,
        from: async () => void (await server.seed(project, "main", { "other.txt": "other\n" })),
        to: "HEAD:main",
      });
    },
    code: 1,
    says: [" ! [rejected]        HEAD -> main (fetch first)", "error: failed to push some refs to '$REMOTE'"],
  },
  {
    when: "a shallow clone is pushed to a remote without its boundary",
    attempt: async () => {
      const full = await server.project();
      await server.seed(full, "main", { "second.txt": "second\n" });
      const empty = await server.project({ files: null });
      const root = server.personalToken(server.root, "api");
      const copy = await client.clone(server.remote(full, root), "--depth=1");
      return { run: await copy.run("push", server.remote(empty, root), "HEAD:main"), remote: server.remote(empty) };
    },
    code: 1,
    says: [" ! [remote rejected] HEAD -> main (shallow update not allowed)"],
  },
];

/** Puts another commit in the place of the one that `main` is at. */
async function rewrite(copy: WorkingCopy): Promise<void> {
  await copy.must("reset", "--quiet", "--hard", "origin/main");
  await copy.must("commit", "--quiet", "--amend", "-m", "rewritten");
}

async function namedProject(
  path: string,
  files: Record<string, string> | null = { "README.md": "" },
): Promise<Project> {
  const namespace = server.store.namespaceByPath("xlink")!;
  const project = await createProject(server.store, server.root, { path, namespace });
  if (files) await server.seed(project, "main", files);
  return project;
}

async function jobOfAnotherProject(path: string) {
  const source = await server.project();
  const target = await namedProject(path);
  const user = server.member(target, Maintainer);
  return { source, target, token: server.job(source, user).token };
}

/** A project with the tag `v1` and a rule `v*`. */
async function withTagRule(accessLevel: number): Promise<Project> {
  const project = await server.project();
  const copy = await client.clone(server.remote(project, server.personalToken(server.root, "api")));
  await copy.must("push", "--quiet", "origin", "HEAD:refs/tags/v1");
  server.store.protectedTags.insert({
    id: server.store.protectedTags.nextId(),
    projectId: project.id,
    name: "v*",
    create: [roleEntry(server.store, accessLevel)],
  });
  return project;
}

/** The lines that are expected, in their order; all lines when one is missing, so that the difference can be read. */
function linesSaid(lines: readonly string[], expected: readonly (string | RegExp)[]): readonly string[] {
  const said: string[] = [];
  for (const line of lines) {
    const next = expected[said.length];
    if (typeof next === "string" ? next === line : next?.test(line)) said.push(line);
  }
  return said.length === expected.length ? said : lines;
}

describe.each([
  ["authentication", AUTHENTICATION],
  ["scopes", SCOPES],
  ["roles", ROLES],
  ["job tokens", JOB_TOKENS],
  ["projects", PROJECTS],
  ["branches", BRANCHES],
  ["tags", TAGS],
  ["what looks like credentials and is not", NOT_CREDENTIALS],
])("GIVEN %s", (_group, rows) => {
  test.each(rows)("WHEN $when THEN the client is told so", async ({ attempt, code, says }) => {
    const { run, remote } = await attempt();
    const expected = says.map((line) =>
      typeof line === "string" ? line.replaceAll("$URL", server.store.url).replaceAll("$REMOTE", remote) : line,
    );
    expect(linesSaid(run.lines, expected)).toEqual(
      expected.map((line) => (typeof line === "string" ? line : expect.stringMatching(line))),
    );
    expect(run.code).toBe(code);
  });
});
