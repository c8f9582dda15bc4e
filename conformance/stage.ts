import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import * as path from "node:path";
import { Commands } from "../demo/command";
import { type OpsFiles, OpsRepository } from "../demo/ops-repository";
import { plainEnvironment } from "../demo/plain-environment";
import { findTerraform, NoTerraformError } from "../terraform/binary";
import { NotTried } from "./case";
import { inDays } from "./days";
import { type Git, type Pushed, passed, type WorkingCopy } from "./git";
import { type Answer, field, type Server } from "./server";
import type { Subgroup } from "./subgroup";

/** GitLab's numbers of the roles and levels that cases speak of. */
export const LEVEL = { "no one": 0, reporter: 20, developer: 30, maintainer: 40, owner: 50 } as const;

type Role = Exclude<keyof typeof LEVEL, "no one">;

/** Days that a token lives which nothing revoked. */
const LIFETIME = 2;

/** The rest of the way to the registry; and, where a sandbox gave it, to its provider. */
const PASSED = /^(NODE_EXTRA_CA_CERTS|NODE_OPTIONS|TF_CLI_CONFIG_FILE|TF_REATTACH_PROVIDERS)$/;

/** The ground that cases are played on: projects, tokens and pushes within the run's own subgroup, and nothing outside it. */
export class Stage {
  constructor(
    /** The server as the operator sees it. */
    readonly server: Server,
    /** The operator's token, for Git. */
    private readonly token: string,
    readonly subgroup: Subgroup,
    /** The operator's id. */
    readonly operator: number,
    private readonly git: Git,
    /** Where repositories of operators are made. */
    private readonly folder: string,
    /** Ends the programs that run there. @default - nothing does */
    private readonly signal: AbortSignal = new AbortController().signal,
  ) {}

  /** An operator's repository of this inventory, in which commands act as the operator. @throws NotTried where no Terraform is and none can be fetched */
  async ops(files: OpsFiles): Promise<OpsRepository> {
    const terraform = await findTerraform({ directory: this.folder }).catch((error: unknown) => {
      throw error instanceof NoTerraformError ? new NotTried(error.message) : error;
    });
    const directory = await mkdtemp(path.join(this.folder, "ops-"));
    const operator = { GITLAB_BASE_URL: this.server.baseUrl, GITLAB_TOKEN: this.token };
    const plain = { ...passed(PASSED), ...(await plainEnvironment(directory)) };
    const commands = new Commands({ ...plain, ...operator, TERRAFORM_BINARY_NAME: terraform }, this.signal);
    return OpsRepository.create(directory, commands, {}, files);
  }

  /** A new private project with a README on its default branch, or an empty one. @throws NotTried */
  async project(settings: { readonly empty?: boolean } = {}): Promise<Project> {
    const made = succeeded(
      "a project",
      await this.server.post(["projects"], {
        name: `case-${randomBytes(4).toString("hex")}`,
        namespace_id: this.subgroup.id,
        visibility: "private",
        initialize_with_readme: !settings.empty,
      }),
    );
    const id = Number(field(made, "id"));
    return new Project(this, id, String(field(made, "path_with_namespace")), String(field(made, "default_branch")));
  }

  /** A branch of a project in a folder, or a commit that is in none. */
  async copy(project?: Project): Promise<WorkingCopy> {
    const copy = await this.git.init();
    if (project) await copy.fetch(project.url, this.token, project.branch);
    else await copy.commit("first");
    return copy;
  }

  /** A push of one new commit, by the operator where no token is named. */
  async push(project: Project, refs: string | readonly string[], token = this.token, user?: string): Promise<Pushed> {
    const copy = await this.copy(project);
    await copy.commit(`a change ${randomBytes(4).toString("hex")}`);
    return copy.push(project.url, token, [refs].flat(), user);
  }
}

/** A project of the subgroup's. */
export class Project {
  constructor(
    private readonly stage: Stage,
    readonly id: number,
    readonly path: string,
    /** Its default branch. */
    readonly branch: string,
  ) {}

  /** Of its repository, on the server that the run was told: an answer's own address might be another one. */
  get url(): string {
    return `${this.stage.server.baseUrl}/${this.path}.git`;
  }

  /** Segments of a path below the project. */
  at(...segments: (string | number)[]): (string | number)[] {
    return ["projects", this.id, ...segments];
  }

  /** A project access token with its bot. @throws NotTried where there are none */
  async bot(role: Role, scopes: readonly string[] = ["write_repository"]): Promise<Bot> {
    const made = succeeded(
      "a project access token",
      await this.stage.server.post(this.at("access_tokens"), {
        name: "bot",
        scopes,
        access_level: LEVEL[role],
        expires_at: inDays(LIFETIME),
      }),
    );
    const value = String(field(made, "token"));
    const [id, userId] = [Number(field(made, "id")), Number(field(made, "user_id"))];
    return { id, userId, value, api: this.stage.server.as(value) };
  }

  /** A rule for a branch or a pattern. @throws NotTried */
  async rule(name: string, settings: object = {}): Promise<void> {
    succeeded("a rule", await this.stage.server.post(this.at("protected_branches"), { name, ...settings }));
  }

  /** Makes the rule of the default branch another one. @throws NotTried */
  async ruleInstead(settings: object): Promise<void> {
    await this.stage.server.delete(this.at("protected_branches", this.branch));
    await this.rule(this.branch, settings);
  }

  /** A commit by the API. @throws NotTried */
  async commit(branch: string, from: string = this.branch): Promise<string> {
    const made = succeeded(
      "a commit",
      await this.stage.server.post(this.at("repository", "commits"), {
        branch,
        ...(branch === from ? {} : { start_branch: from }),
        commit_message: "a commit",
        actions: [{ action: "create", file_path: `file-${randomBytes(4).toString("hex")}`, content: "text\n" }],
      }),
    );
    return String(field(made, "id"));
  }
}

/** A project access token and the user behind it. */
export interface Bot {
  /** The token's id. */
  readonly id: number;
  readonly userId: number;
  readonly value: string;
  /** The server as the bot sees it. */
  readonly api: Server;
}

/** The body of an answer that is a success. @throws NotTried with what was refused */
export function succeeded(what: string, { status, body }: Answer): unknown {
  if (status >= 200 && status < 300) return body;
  throw new NotTried(`${what} could not be made: ${status} ${JSON.stringify(body)}`);
}
