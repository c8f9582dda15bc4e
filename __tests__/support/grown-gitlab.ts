import { Sandbox, type SandboxOptions } from "../../sandbox/sandbox";
import { ApiClient } from "./api-client";
import { TODAY } from "./deployment";

/** A key of which only the form counts. */
const PUBLIC_KEY = `ssh-ed25519 ${Buffer.from("mirror".repeat(6)).toString("base64")} mirror`;

/** The job of the first article. */
const JOB = [
  "deploy:",
  "  script:",
  '    - git remote set-url origin "https://x:${GITOPS_TOKEN}@${CI_SERVER_FQDN}/${CI_PROJECT_PATH}.git"',
  '    - git push origin "HEAD:main"',
  "",
].join("\n");

/** Who and what is there before anything grows. */
export const GROWN: SandboxOptions["seed"] = {
  users: [{ username: "dana", name: "Dana" }, { username: "olga" }, { username: "mia" }, { username: "dev" }],
  groups: [{ path: "xlink", members: { olga: "owner", dana: "maintainer", mia: "maintainer", dev: "developer" } }],
  projects: [
    {
      path: "xlink/gitops",
      visibility: "private",
      files: { "README.md": "x\n", ".gitlab-ci.yml": JOB },
      branches: ["release/1.0"],
    },
    { path: "xlink/apps/shop", visibility: "private", files: { "README.md": "x\n" } },
    { path: "xlink/apps/empty", visibility: "private" },
    { path: "xlink/old", visibility: "private", files: { "README.md": "x\n" }, archived: true },
  ],
};

/** Set-ups as they grow by hand: tokens, variables, rules, keys and jobs that nobody declared. */
export class GrownGitLab {
  private constructor(
    readonly sandbox: Sandbox,
    readonly api: ApiClient,
    /** Every token's value, by its name. */
    readonly values: ReadonlyMap<string, string>,
  ) {}

  static async start(options: SandboxOptions = {}): Promise<GrownGitLab> {
    const sandbox = await Sandbox.start({
      seed: GROWN,
      now: () => new Date(`${TODAY}T12:00:00Z`),
      provider: "registry",
      ...options,
    });
    return GrownGitLab.in(sandbox);
  }

  /** In a sandbox that began with {@link GROWN}. */
  static async in(sandbox: Sandbox): Promise<GrownGitLab> {
    const grown = new GrownGitLab(sandbox, ApiClient.admin(sandbox), new Map());
    await grown.grow();
    return grown;
  }

  stop(): Promise<void> {
    return this.sandbox.stop();
  }

  /** A token of a person that may read only. */
  async reader(username: string): Promise<string> {
    return this.token(`/users/${await this.userId(username)}/personal_access_tokens`, `${username} looks`, {
      scopes: ["read_api"],
    });
  }

  /** The API calls since {@link forgetCalls}, `METHOD path` each. */
  async calls(): Promise<string[]> {
    const { body } = await this.api.control("GET", "requests");
    return (body as { method: string; path: string }[]).map(({ method, path }) => `${method} ${path}`);
  }

  async forgetCalls(): Promise<void> {
    await this.api.control("DELETE", "requests");
  }

  /** An API call by the administrator that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  async must(method: string, path: string, body?: Record<string, unknown>): Promise<any> {
    const answer = await this.api.send(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Premium: people, groups, keys and the old bot by name, nobody set to unprotect, and a job that pushes tags. */
  async growByName(): Promise<void> {
    const gitops = "/projects/xlink%2Fgitops";
    const [[{ user_id: bot }], [{ id: key }], { id: group }, dana] = await Promise.all([
      this.must("GET", `${gitops}/access_tokens`),
      this.must("GET", `${gitops}/deploy_keys`),
      this.must("GET", "/groups/xlink"),
      this.userId("dana"),
    ]);
    const release = "    - git push origin HEAD:refs/tags/v1\n";
    await this.must("PUT", `${gitops}/repository/files/.gitlab-ci.yml`, {
      branch: "main",
      commit_message: "release",
      content: `${JOB}${release}`,
    });
    await this.must("DELETE", `${gitops}/protected_branches/main`);
    const { unprotect_access_levels: levels } = await this.must("POST", `${gitops}/protected_branches`, {
      name: "main",
      push_access_level: 0,
      allowed_to_push: [{ user_id: bot }, { user_id: dana }, { deploy_key_id: key }],
      merge_access_level: 0,
      allowed_to_merge: [{ group_id: group }],
    });
    await this.must("PATCH", `${gitops}/protected_branches/main`, {
      allowed_to_unprotect: levels.map(({ id }: { id: number }) => ({ id, _destroy: true })),
    });
    await this.must("DELETE", `${gitops}/protected_tags/v*`);
    await this.must("POST", `${gitops}/protected_tags`, {
      name: "v*",
      create_access_level: 0,
      allowed_to_create: [{ user_id: bot }, { user_id: dana }],
    });
  }

  private async grow(): Promise<void> {
    const [gitops, shop, apps] = [
      "/projects/xlink%2Fgitops",
      "/projects/xlink%2Fapps%2Fshop",
      "/groups/xlink%2Fapps",
    ] as const;
    const bot = await this.token(`${gitops}/access_tokens`, "gitops", {
      scopes: ["api"],
      access_level: 40,
      expires_at: "2100-12-01",
    });
    const dana = await this.token(`/users/${await this.userId("dana")}/personal_access_tokens`, "laptop", {
      scopes: ["api"],
      expires_at: "2100-01-20",
    });
    const dead = await this.token(`${shop}/access_tokens`, "dead", { scopes: ["write_repository"], access_level: 30 });
    const { body: tokens } = await this.api.get(`${shop}/access_tokens`);
    await this.must("DELETE", `${shop}/access_tokens/${tokens[0].id}`);
    const reads = await this.token(`${shop}/access_tokens`, "reads", { scopes: ["read_repository"], access_level: 30 });
    await this.token(`${apps}/access_tokens`, "group bot", {
      scopes: ["write_repository"],
      access_level: 30,
      expires_at: "2100-06-01",
    });
    const variable = (place: string, key: string, value: string, more = {}) =>
      this.must("POST", `${place}/variables`, { key, value, masked: true, protected: true, raw: true, ...more });
    await variable(gitops, "GITOPS_TOKEN", bot, { protected: false });
    await variable(shop, "TOKEN_OF_GITOPS", bot);
    await variable(shop, "PUSH_URL", `https://oauth2:${dana}@gitlab.example.com/xlink/gitops.git`, { masked: false });
    await variable(shop, "OLD_TOKEN", dead);
    await variable(shop, "READ_TOKEN", reads);
    await variable(shop, "SONAR_TOKEN", "sqp_0123456789abcdef0123456789abcdef");
    await variable(apps, "GIT_PUSH_TOKEN", bot, { masked_and_hidden: true });
    await this.must("POST", `${gitops}/protected_branches`, { name: "release/*", push_access_level: 40 });
    await this.must("POST", `${gitops}/protected_branches`, { name: "rel*", push_access_level: 30 });
    await this.must("POST", `${gitops}/protected_tags`, { name: "v*", create_access_level: 40 });
    await this.must("POST", `${gitops}/deploy_keys`, { title: "mirror", key: PUBLIC_KEY, can_push: true });
    await this.must("PUT", shop, { ci_push_repository_for_job_token_allowed: true });
  }

  private async token(place: string, name: string, body: Record<string, unknown>): Promise<string> {
    const { token } = await this.must("POST", place, { name, ...body });
    (this.values as Map<string, string>).set(name, token);
    return token;
  }

  private async userId(username: string): Promise<number> {
    return (await this.must("GET", `/users?username=${username}`))[0].id;
  }
}
