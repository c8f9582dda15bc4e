import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { SandboxOptions } from "../../sandbox/sandbox";
import { Deployment, inventory, TODAY } from "./deployment";
import { type DoctorJson, type DoctorRun, doctor, examined } from "./doctor";
import { type JobRequest, type JobRun, Runner } from "./runner";

export const KEY = "GITLAB_PUSHER_TOKEN";

/** The inventory that all is well with: `xlink/gitops` pushes to itself, and `xlink/shop` to it. */
export const HEALTHY = inventory({ branches: "{main: {push: developer}, release/*: {push: developer}}" });

const SEED: SandboxOptions["seed"] = {
  users: [{ username: "ann" }, { username: "mia" }, { username: "olga" }],
  groups: [{ path: "xlink", members: { olga: "owner" } }],
  projects: ["xlink/gitops", "xlink/shop", "xlink/lib"].map((path) => ({
    path,
    visibility: "private" as const,
    files: { "README.md": `${path}\n` },
    branches: ["feature", "release/1.0"],
    members: { ann: "developer" as const, mia: "maintainer" as const },
  })),
};

/** A job's `.gitlab-ci.yml`. */
export interface JobFile {
  /** What comes before the change: where to, and with which credential. */
  readonly prepare?: readonly string[];
  /** @default a new text in one file, and its commit */
  readonly change?: readonly string[];
  readonly push?: string;
  /** More keys of the job: tags, rules, variables, environment. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export const address = (project: string, password = `\${${KEY}}`, user = "gitlab-ci-token"): string =>
  `http://${user}:${password}@\${CI_SERVER_FQDN}/${project}.git`;

const CHANGE = [
  'echo "$CI_JOB_ID" > image.txt',
  "git add image.txt",
  'git commit --quiet -m "[auto ci] job $CI_JOB_ID"',
];

/** The first article's job; sandboxes speak plain HTTP on a port. */
export const ciFile = ({ prepare, change = CHANGE, push, more }: JobFile = {}): string =>
  stringify({
    deploy: {
      ...more,
      script: [
        ...(prepare ?? [`git remote set-url origin "${address("${CI_PROJECT_PATH}")}"`]),
        ...change,
        push ?? 'git push origin "HEAD:refs/heads/$CI_COMMIT_REF_NAME"',
      ],
    },
  });

/** A job that clones the target, changes it there and pushes to its `main`. */
export const cloningJob = (target = "xlink/gitops", more?: JobFile["more"]): string =>
  ciFile({
    prepare: [`git clone --quiet "${address(target, undefined, "oauth2")}" target`, "cd target"],
    push: "git push origin HEAD:refs/heads/main",
    more,
  });

/** A sandbox with a runner, an operator who may only read, and what a case needs to be made and mended. */
export class PushScene {
  private projects = 0;
  private readonly pushers = mkdtempSync(join(tmpdir(), "pushers-"));
  private readonly committed = new Map<string, string>();
  /** Values of variables and tokens made by hand. */
  private readonly made = new Set<string>();
  private runnerToken = "";
  runnerId = 0;

  private constructor(
    readonly deployment: Deployment,
    readonly runner: Runner,
    /** A `read_api` token of olga, Owner of the group. */
    readonly operator: string,
    /** A `read_api` token of mia, Maintainer of the projects. */
    readonly maintainer: string,
  ) {}

  static async start(options: SandboxOptions = {}): Promise<PushScene> {
    const deployment = await Deployment.start({ seed: SEED, ...options });
    const token = async (username: string) => {
      const { body: users } = await deployment.api.get(`/users?username=${username}`);
      const made = await deployment.api.post(`/users/${users[0].id}/personal_access_tokens`, {
        name: "look",
        scopes: ["read_api"],
      });
      return made.body.token as string;
    };
    const runner = new Runner(deployment.api, join(deployment.sandbox.directory, "repositories"));
    const scene = new PushScene(deployment, runner, await token("olga"), await token("mia"));
    await scene.newRunner();
    return scene;
  }

  async stop(): Promise<void> {
    rmSync(this.pushers, { recursive: true, force: true });
    await this.runner.remove();
    await this.deployment.stop();
  }

  /** Registers a runner of the group that takes untagged jobs, and lets it say hello. */
  async newRunner(): Promise<void> {
    const { body: group } = await this.deployment.api.get("/groups/xlink");
    const { id, token } = await this.must("POST", "/user/runners", {
      runner_type: "group_type",
      group_id: group.id,
      run_untagged: true,
    });
    this.runnerId = id;
    this.runnerToken = token;
    await this.hello();
  }

  /** The runner asks for work. */
  hello(): Promise<unknown> {
    return this.must("POST", "/runners/verify", { token: this.runnerToken });
  }

  /** Deploys an inventory, and leaves it where the doctor reads it. */
  async deploy(text: string, today = TODAY): Promise<void> {
    writeFileSync(join(this.pushers, "ops.yaml"), text);
    await this.deployment.deploy(text, today);
  }

  /** All as it should be: inventory deployed, jobs in place. */
  async healthy(text = HEALTHY): Promise<void> {
    await this.deploy(text);
    await this.commit("xlink/gitops", ciFile());
    await this.commit("xlink/shop", cloningJob());
  }

  /** Runs a job; {@link JobRequest.project} is `xlink/gitops` unless told otherwise. */
  run(request: Partial<JobRequest> = {}): Promise<JobRun> {
    return this.runner.run({ project: "xlink/gitops", ...request });
  }

  /** Asks the doctor, as the operator. */
  examine(args: readonly string[], token = this.operator, now?: string): Promise<DoctorRun & { json: DoctorJson }> {
    return examined([...args, "--inventory", this.pushers], { url: this.deployment.sandbox.url, token, now });
  }

  /** The same for a person's eyes. */
  report(args: readonly string[], token = this.operator): Promise<DoctorRun> {
    return doctor([...args, "--inventory", this.pushers], { url: this.deployment.sandbox.url, token });
  }

  /** Commits a job's file past the rules' edge, as the group's creator. */
  async commit(project: string, content: string, branch = "main", file = ".gitlab-ci.yml"): Promise<void> {
    const place = `${project}:${branch}:${file}`;
    if (this.committed.get(place) === content) return;
    const path = `${api(project)}/repository/files/${encodeURIComponent(file)}`;
    const body = { branch, content, commit_message: `Change ${file}` };
    const changed = await this.deployment.api.put(path, body);
    if (changed.status >= 300) await this.must("POST", path, body);
    this.committed.set(place, content);
  }

  /** A private project of its own, with a commit on `main` unless `empty`; ann is a Developer, mia a Maintainer. */
  async project(job?: string, options: { empty?: boolean } = {}): Promise<string> {
    this.projects += 1;
    const { body: group } = await this.deployment.api.get("/groups/xlink");
    const made = await this.must("POST", "/projects", {
      name: `app-${this.projects}`,
      namespace_id: group.id,
      visibility: "private",
    });
    const project = made.path_with_namespace as string;
    if (!options.empty) {
      await this.commit(project, `${project}\n`, "main", "README.md");
      await this.commit(project, job ?? ciFile());
    }
    for (const [username, access_level] of [
      ["ann", 30],
      ["mia", 40],
    ] as const) {
      const { body: users } = await this.deployment.api.get(`/users?username=${username}`);
      await this.must("POST", `${api(project)}/members`, { user_id: users[0].id, access_level });
    }
    return project;
  }

  /** A project made by hand, all well: a token, its variable, and a rule that lets Developers in. */
  async handmade(job?: string): Promise<string> {
    const project = await this.project(job);
    await this.setVariable(project, await this.token(project));
    await this.rule(project, "main", 30);
    return project;
  }

  /** A project access token's value. */
  async token(project: string, options: Record<string, unknown> = {}): Promise<string> {
    const made = await this.must("POST", `${api(project)}/access_tokens`, {
      name: "by hand",
      scopes: ["write_repository"],
      access_level: 30,
      expires_at: "2100-06-01",
      ...options,
    });
    this.made.add(made.token);
    return made.token as string;
  }

  /** Makes the variable, or changes it. */
  async setVariable(project: string, value: string, more: Record<string, unknown> = {}): Promise<void> {
    this.made.add(value);
    const body = { key: KEY, value, masked: true, protected: true, raw: true, ...more };
    const changed = await this.deployment.api.put(`${api(project)}/variables/${KEY}`, body);
    if (changed.status === 404) await this.must("POST", `${api(project)}/variables`, body);
    else if (changed.status >= 300) throw new Error(JSON.stringify(changed.body));
  }

  /** Makes a rule anew. */
  async rule(project: string, name: string, level: number, more: Record<string, unknown> = {}): Promise<void> {
    await this.deployment.api.delete(`${api(project)}/protected_branches/${encodeURIComponent(name)}`);
    await this.must("POST", `${api(project)}/protected_branches`, { name, push_access_level: level, ...more });
  }

  /** The newest living token of the pusher that the state knows. */
  async botToken(): Promise<{ id: number; user_id: number }> {
    const { body } = await this.deployment.api.get(
      "/projects/xlink%2Fgitops/access_tokens?state=active&sort=created_desc",
    );
    return body.find(({ name }: { name: string }) => name === "GITLAB_CI_PUSHER");
  }

  /** Every secret there is: what jobs hold, and the operators' own. */
  async secrets(): Promise<string[]> {
    const deployed = ["projects/xlink%2Fgitops", "projects/xlink%2Fshop", "projects/xlink%2Flib", "groups/xlink"];
    const held = await Promise.all(deployed.map((place) => this.deployment.api.get(`/${place}/variables`)));
    const values = held.flatMap(({ body }) => body).map(({ value }: { value: string | null }) => value ?? "");
    values.push(...this.made, this.operator, this.maintainer, this.deployment.sandbox.adminToken);
    return [...new Set<string>(values)].filter((value) => value.length > 7);
  }

  /** An API call by the administrator that must succeed. */
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  async must(method: string, path: string, body?: Record<string, unknown>): Promise<any> {
    const answer = await this.deployment.api.send(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }
}

/** A project's place in the API. */
export const api = (project: string): string => `/projects/${encodeURIComponent(project)}`;
