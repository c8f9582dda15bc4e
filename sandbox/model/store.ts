import { join } from "node:path";
import type { Repository } from "../git/repository";
import type { Job, Pipeline } from "./ci/job";
import type { JobArtifact } from "./ci/job-artifact";
import type { Runner } from "./ci/runner";
import type { Variable } from "./ci/variable";
import { Clock } from "./clock";
import { Faults } from "./control/fault";
import { RequestLog } from "./control/request-log";
import type { Group, Namespace } from "./groups/namespace";
import { RELEASE } from "./instance/release";
import { defaultSettings, type Edition, type Package, type Settings } from "./instance/settings";
import { Memberships } from "./members/member";
import type { MergeRequest, Note } from "./merge-requests/merge-request";
import type { DeployKey } from "./projects/deploy-key";
import type { Project } from "./projects/project";
import type { Share } from "./projects/share";
import type { ProtectedBranch, ProtectedTag } from "./protected-refs/protected-branch";
import { Table } from "./table";
import type { TerraformState } from "./terraform/state";
import type { AccessToken } from "./tokens/access-token";
import type { DeployToken } from "./tokens/deploy-token";
import type { User } from "./users/user";

export interface StoreOptions {
  /** Holds everything on disk: the bare repositories. */
  readonly directory: string;
  /** @default "free" */
  readonly edition?: Edition;
  /** @default - of a free one ce */
  readonly package?: Package;
  /** The release it says it is, `17.6.0`. @default {@link RELEASE} */
  readonly version?: string;
  readonly clock?: Clock;
  readonly settings?: Partial<Settings>;
}

/** All that the sandbox's GitLab knows, in memory; only Git repositories are on disk. */
export class Store {
  readonly directory: string;
  readonly edition: Edition;
  readonly package: Package;
  readonly version: string;
  readonly clock: Clock;
  readonly settings: Settings;
  /** `http://127.0.0.1:PORT`, known once the server listens. */
  url = "http://127.0.0.1";

  readonly users = new Table<User>();
  readonly namespaces = new Table<Namespace>();
  readonly projects = new Table<Project>();
  readonly memberships = new Memberships();
  readonly tokens = new Table<AccessToken>();
  readonly variables = new Table<Variable>();
  readonly protectedBranches = new Table<ProtectedBranch>();
  readonly protectedTags = new Table<ProtectedTag>();
  readonly jobs = new Table<Job>();
  readonly artifacts = new Table<JobArtifact>();
  readonly pipelines = new Table<Pipeline>();
  readonly mergeRequests = new Table<MergeRequest>();
  readonly notes = new Table<Note>();
  readonly runners = new Table<Runner>();
  readonly deployKeys = new Table<DeployKey>();
  readonly deployTokens = new Table<DeployToken>();
  readonly shares = new Table<Share>();
  /** Keyed `<project id>/<name>`. */
  readonly terraformStates = new Map<string, TerraformState>();
  /** Those that were asked for, by the project's id. */
  readonly repositories = new Map<number, Repository>();
  readonly faults = new Faults();
  readonly requests = new RequestLog();
  /** The words with which the server's own pre-receive hook, beside GitLab's checks, refuses every push; undefined = it has none. */
  serverHook: string | undefined;

  readonly userByUsername = this.users.uniqueIndex((user) => user.username.toLowerCase());
  readonly userByEmail = this.users.uniqueIndex((user) => user.email.toLowerCase());
  readonly tokenByDigest = this.tokens.uniqueIndex((token) => token.digest);
  readonly tokensOfUser = this.tokens.index((token) => token.userId);
  readonly tokensOfFamily = this.tokens.index((token) => token.familyId);
  readonly botsOf = this.users.index((user) => (user.botOf ? `${user.botOf.source}:${user.botOf.id}` : ""));
  readonly groupsIn = this.namespaces.index((namespace) => (namespace.kind === "group" ? namespace.parentId : "user"));
  readonly projectsIn = this.projects.index((project) => project.namespaceId);
  readonly variablesOf = this.variables.index((variable) => `${variable.source}:${variable.sourceId}`);
  readonly variablesByKey = this.variables.index(
    (variable) => `${variable.source}:${variable.sourceId}:${variable.key}`,
  );
  readonly branchRulesOf = this.protectedBranches.index((rule) => `${rule.source}:${rule.sourceId}`);
  readonly branchRuleByName = this.protectedBranches.uniqueIndex(
    (rule) => `${rule.source}:${rule.sourceId}:${rule.name}`,
  );
  readonly tagRulesOf = this.protectedTags.index((rule) => rule.projectId);
  readonly jobByDigest = this.jobs.uniqueIndex((job) => job.tokenDigest);
  readonly jobsOf = this.jobs.index((job) => job.projectId);
  readonly jobsOfPipeline = this.jobs.index((job) => job.pipelineId);
  readonly artifactsOf = this.artifacts.index((artifact) => artifact.jobId);
  readonly pipelinesOf = this.pipelines.index((pipeline) => pipeline.projectId);
  readonly mergeRequestsOf = this.mergeRequests.index((mergeRequest) => mergeRequest.projectId);
  readonly notesOf = this.notes.index((note) => note.mergeRequestId);
  readonly runnerByDigest = this.runners.uniqueIndex((runner) => runner.tokenDigest);
  readonly deployTokensOf = this.deployTokens.index((token) => `${token.source}:${token.sourceId}`);
  readonly deployTokenByDigest = this.deployTokens.uniqueIndex((token) => token.digest);
  readonly sharesOf = this.shares.index((share) => share.projectId);
  readonly sharesWith = this.shares.index((share) => share.groupId);

  private lastAccessEntryId = 0;

  private readonly namespaceByPlace = this.namespaces.uniqueIndex((namespace) => {
    const parent = namespace.kind === "group" ? (namespace.parentId ?? "") : "";
    return `${parent}/${namespace.path.toLowerCase()}`;
  });
  private readonly projectByPlace = this.projects.uniqueIndex(
    (project) => `${project.namespaceId}/${project.path.toLowerCase()}`,
  );

  constructor(options: StoreOptions) {
    this.directory = options.directory;
    this.edition = options.edition ?? "free";
    this.package = this.premium ? "ee" : (options.package ?? "ce");
    this.version = options.version ?? RELEASE;
    this.clock = options.clock ?? new Clock();
    this.settings = { ...defaultSettings(), ...options.settings };
  }

  /** Ids of the entries inside branch and tag rules. */
  nextAccessEntryId(): number {
    this.lastAccessEntryId += 1;
    return this.lastAccessEntryId;
  }

  get premium(): boolean {
    return this.edition === "premium";
  }

  /** Enterprise Edition, with or without a licence. */
  get enterprise(): boolean {
    return this.package === "ee";
  }

  /** The keys that are enabled for a project. */
  deployKeysOf(projectId: number): DeployKey[] {
    return this.deployKeys.all().filter((key) => key.canPushTo.has(projectId));
  }

  /** Path is `group/subgroup/…` or a user's name; not case-sensitive, as in GitLab. */
  namespaceByPath(path: string): Namespace | undefined {
    let found: Namespace | undefined;
    for (const segment of path.toLowerCase().split("/")) {
      found = this.namespaceByPlace(`${found?.id ?? ""}/${segment}`);
      if (!found) return undefined;
    }
    return found;
  }

  projectByPath(path: string): Project | undefined {
    const slash = path.lastIndexOf("/");
    if (slash < 1) return undefined;
    const namespace = this.namespaceByPath(path.slice(0, slash));
    return namespace && this.projectByPlace(`${namespace.id}/${path.slice(slash + 1).toLowerCase()}`);
  }

  /** @param idOrPath `"42"` or `"group/project"` */
  findProject(idOrPath: string): Project | undefined {
    return /^\d+$/.test(idOrPath) ? this.projects.get(Number(idOrPath)) : this.projectByPath(idOrPath);
  }

  findNamespace(idOrPath: string): Namespace | undefined {
    return /^\d+$/.test(idOrPath) ? this.namespaces.get(Number(idOrPath)) : this.namespaceByPath(idOrPath);
  }

  findGroup(idOrPath: string): Group | undefined {
    const namespace = this.findNamespace(idOrPath);
    return namespace?.kind === "group" ? namespace : undefined;
  }

  group(id: number): Group | undefined {
    const namespace = this.namespaces.get(id);
    return namespace?.kind === "group" ? namespace : undefined;
  }

  /** The group itself, then its parent, up to the top level. */
  groupAndAncestors(namespaceId: number): Group[] {
    const chain: Group[] = [];
    for (let group = this.group(namespaceId); group; ) {
      chain.push(group);
      group = group.parentId === null ? undefined : this.group(group.parentId);
    }
    return chain;
  }

  namespaceFullPath(namespace: Namespace): string {
    if (namespace.kind === "user") return namespace.path;
    const chain = this.groupAndAncestors(namespace.id).map((group) => group.path);
    return chain.reverse().join("/");
  }

  namespaceFullName(namespace: Namespace): string {
    if (namespace.kind === "user") return namespace.name;
    const chain = this.groupAndAncestors(namespace.id).map((group) => group.name);
    return chain.reverse().join(" / ");
  }

  projectFullPath(project: Project): string {
    return `${this.namespaceFullPath(this.namespaces.get(project.namespaceId)!)}/${project.path}`;
  }

  /** The bare repository's folder; it exists from the project's creation on unless somebody took it away. */
  repositoryPath(project: Project): string {
    return join(this.directory, "repositories", `${project.id}.git`);
  }
}
