import { anyObject, type Form, formOf, listOf, maybe, optional, text, whole, yesOrNo } from "../gitlab/answer-form";
import type { ApiClient, ApiPath, Query } from "../gitlab/api-client";
import { ApiError } from "../gitlab/api-error";
import { ExpectedError } from "../gitlab/expected-error";
import { ACCESS_ENTRY, type AccessEntry, PROTECTED_BRANCH, type ProtectedBranch } from "../gitlab/protected-branch";
import { RUNNER, type Runner } from "../gitlab/runner";
import { CI_VARIABLE, type CiVariable } from "../gitlab/variable-exposure";
import { Identities, type Identity, TOKEN_RECORD, type TokenRecord } from "./identities";

/** An answer of GitLab, or the reason why there is none. */
export type Seen<T> =
  | { readonly seen: true; readonly value: T }
  | { readonly seen: false; readonly status: number; readonly reason: string };

export const ifSeen = <T>(seen: Seen<T> | undefined): T | undefined => (seen?.seen ? seen.value : undefined);

/** Tells whether something is not there, or not there for this operator. */
export const isAbsent = (seen: Seen<unknown>): boolean => !seen.seen && seen.status === 404;

/** A project as the API shows it; settings are left out for those who are no member. */
export interface Project {
  readonly id: number;
  readonly path_with_namespace: string;
  /** Of an empty repository the name that the first branch is to have; null in older releases. Left out for whoever may not read it. */
  readonly default_branch: string | null;
  readonly archived?: boolean;
  readonly empty_repo?: boolean;
  readonly visibility: string;
  readonly repository_access_level?: string;
  readonly namespace: { readonly kind: string; readonly full_path: string };
  readonly ci_default_git_depth?: number | null;
  readonly build_git_strategy?: string;
  /** GitLab 18.4. */
  readonly ci_push_repository_for_job_token_allowed?: boolean;
  /** GitLab 19.0. */
  readonly cross_project_push_for_job_token_allowed?: boolean;
  readonly protect_merge_request_pipelines?: boolean;
}

const PROJECT = formOf<Project>({
  id: whole,
  path_with_namespace: text,
  default_branch: maybe(text),
  archived: optional(yesOrNo),
  empty_repo: optional(yesOrNo),
  visibility: optional(text),
  repository_access_level: optional(text),
  namespace: formOf<Project["namespace"]>({ kind: text, full_path: text }),
  ci_default_git_depth: maybe(whole),
  build_git_strategy: optional(text),
  ci_push_repository_for_job_token_allowed: optional(yesOrNo),
  cross_project_push_for_job_token_allowed: optional(yesOrNo),
  protect_merge_request_pipelines: optional(yesOrNo),
});

/** The default branch, if there is one yet that may be read. */
export const defaultBranchOf = ({ default_branch: branch, empty_repo: empty }: Project): string | null =>
  empty ? null : (branch ?? null);

/** The user whose token GitLab is asked with. */
export interface Operator {
  readonly is_admin?: boolean;
}

export interface Lint {
  readonly valid: boolean;
  readonly errors: readonly string[];
  readonly merged_yaml: string | null;
}

const LINT = formOf<Lint>({ valid: yesOrNo, errors: listOf(text), merged_yaml: maybe(text) });

/** A rule for tags as `GET /projects/:id/protected_tags` lists it. */
export interface TagRule {
  /** A tag, or a pattern with `*`. */
  readonly name: string;
  readonly create_access_levels: readonly AccessEntry[];
}

const TAG_RULE = formOf<TagRule>({ name: text, create_access_levels: listOf(ACCESS_ENTRY) });

/** An SSH key of a project. */
export interface DeployKey {
  readonly id: number;
  readonly title: string;
  readonly can_push: boolean;
  readonly created_at: string;
  readonly expires_at?: string | null;
  /** Newer GitLabs tell. */
  readonly last_used_at?: string | null;
}

const DEPLOY_KEY = formOf<DeployKey>({
  id: whole,
  title: text,
  can_push: yesOrNo,
  created_at: text,
  expires_at: maybe(text),
  last_used_at: maybe(text),
});

const NAMED = formOf<{ name: string }>({ name: text });

/** The kinds of things that have tokens and variables, as the API's paths name them. */
export type Kind = "projects" | "groups";

const named = (kind: Kind, path: string): string => `${kind === "groups" ? "group " : ""}${path}`;

/** Something the operator could not see: said in the report, never fatal. */
export interface NotSeen {
  readonly what: string;
  readonly status: number;
  readonly reason: string;
}

/** A GitLab as it calls itself, as far as it does. */
export interface ToldGitLab {
  /** Such as `18.11.3-ee`. */
  readonly version?: string;
  /** Tells whether Enterprise Edition is installed, with a licence or without. */
  readonly enterprise?: boolean;
}

function toldIn(told: unknown): ToldGitLab {
  const { version, enterprise } = Object(told) as Record<string, unknown>;
  return {
    ...(typeof version === "string" && /^\d+\.\d+[\w.+-]*$/.test(version) && { version }),
    ...(typeof enterprise === "boolean" && { enterprise }),
  };
}

/** Runners whose details are asked for one by one. */
const MOST_RUNNERS = 50;

/** Reads what GitLab holds, each thing once. Only GETs. */
export class Reader {
  private readonly answers = new Map<string, Promise<Seen<unknown>>>();
  private readonly refusals = new Map<string, NotSeen>();

  /** @param identities that other readers of this GitLab have asked for; @default - none */
  constructor(
    private readonly client: ApiClient,
    private readonly identities = new Identities(client),
  ) {}

  get baseUrl(): string {
    return this.client.baseUrl;
  }

  /** @throws ExpectedError when GitLab cannot be reached, is none, or takes the operator's own token for dead: there is nothing to see then */
  async requireLiving(): Promise<void> {
    try {
      await this.me();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { status = 0 } = error;
      if (status < 400 || status === 401 || status >= 500) throw error;
      // Every GitLab has this page: another answers.
      if (status === 404) {
        throw new ExpectedError({
          got: `${error.reason} for GET /user at ${this.baseUrl}`,
          allowed: "GitLab's own address, with its path if it has one",
          fix: "let GITLAB_BASE_URL be what stands before the group in a project's address",
        });
      }
    }
  }

  /** The user who asks. @throws ApiError when GitLab cannot be reached, is none, or does not take the operator's token for it */
  async me(): Promise<Operator> {
    const user = await this.client.get<Operator & { readonly id?: unknown }>(["user"]);
    if (whole.fits(user.id)) return user;
    throw ApiError.answered("GET /user", 200, "an answer that is no user of a GitLab");
  }

  /** The token GitLab is asked with. GitLab before 15.5 does not say, nor of what is no access token. */
  ownToken(): Promise<Seen<TokenRecord>> {
    return this.one("the operator's token", ["personal_access_tokens", "self"], TOKEN_RECORD);
  }

  /** Every token that may read the API may ask. What is no release, or neither yes nor no, is not told. */
  async version(): Promise<Seen<ToldGitLab>> {
    const answer = await this.one<unknown>("the version", ["version"], anyObject);
    return answer.seen ? { seen: true, value: toldIn(answer.value) } : answer;
  }

  /**
   * Full paths of the projects where the operator may list access tokens: all of them for an administrator, those of a Maintainer otherwise.
   * @throws ApiError when GitLab does not list them
   */
  async manageable({ is_admin: isAdmin }: Operator): Promise<string[]> {
    const query = {
      simple: true,
      order_by: "id",
      sort: "asc",
      pagination: "keyset",
      min_access_level: isAdmin ? undefined : 40,
    };
    const form = formOf<{ path_with_namespace: string }>({ path_with_namespace: text });
    const projects = await this.client.list<{ path_with_namespace: string }>(["projects"], query, form);
    return projects.map((project) => project.path_with_namespace);
  }

  /** Without what is simply not there. */
  get notSeen(): NotSeen[] {
    return this.refused.filter(({ status }) => status !== 404);
  }

  /** All that was asked for and not shown. GitLab says 404 of what is not there and of what may not be seen. */
  get refused(): NotSeen[] {
    return [...this.refusals.values()];
  }

  project(path: string): Promise<Seen<Project>> {
    return this.one(`project ${path}`, ["projects", path], PROJECT);
  }

  rules(path: string): Promise<Seen<ProtectedBranch[]>> {
    return this.all(`branch rules of ${path}`, ["projects", path, "protected_branches"], PROTECTED_BRANCH);
  }

  tagRules(path: string): Promise<Seen<TagRule[]>> {
    return this.all(`tag rules of ${path}`, ["projects", path, "protected_tags"], TAG_RULE);
  }

  branch(path: string, name: string): Promise<Seen<{ name: string }>> {
    return this.one(`branch ${name} of ${path}`, ["projects", path, "repository", "branches", name], NAMED);
  }

  tag(path: string, name: string): Promise<Seen<{ name: string; protected: boolean }>> {
    return this.one(
      `tag ${name} of ${path}`,
      ["projects", path, "repository", "tags", name],
      formOf<{ name: string; protected: boolean }>({ name: text, protected: yesOrNo }),
    );
  }

  branches(path: string): Promise<Seen<{ name: string }[]>> {
    return this.all(`branches of ${path}`, ["projects", path, "repository", "branches"], NAMED);
  }

  tokens(path: string): Promise<Seen<TokenRecord[]>> {
    return this.all(`access tokens of ${path}`, ["projects", path, "access_tokens"], TOKEN_RECORD);
  }

  /** Those of a project or group that work; GitLab before 17.2 gives the others too. */
  livingTokens(kind: Kind, path: string): Promise<Seen<TokenRecord[]>> {
    return this.all(`access tokens of ${named(kind, path)}`, [kind, path, "access_tokens"], TOKEN_RECORD, {
      state: "active",
    });
  }

  deployKeys(path: string): Promise<Seen<DeployKey[]>> {
    return this.all(`deploy keys of ${path}`, ["projects", path, "deploy_keys"], DEPLOY_KEY);
  }

  /** The limits on whose job tokens may reach a project. */
  jobTokenScope(path: string): Promise<Seen<{ inbound_enabled: boolean }>> {
    return this.one(
      `job token scope of ${path}`,
      ["projects", path, "job_token_scope"],
      formOf<{ inbound_enabled: boolean }>({ inbound_enabled: yesOrNo }),
    );
  }

  jobTokenProjects(path: string): Promise<Seen<{ id: number; path_with_namespace: string }[]>> {
    return this.all(
      `job token allowlist of ${path}`,
      ["projects", path, "job_token_scope", "allowlist"],
      formOf<{ id: number; path_with_namespace: string }>({ id: whole, path_with_namespace: text }),
    );
  }

  jobTokenGroups(path: string): Promise<Seen<{ id: number; web_url: string; name: string }[]>> {
    return this.all(
      `job token group allowlist of ${path}`,
      ["projects", path, "job_token_scope", "groups_allowlist"],
      formOf<{ id: number; web_url: string; name: string }>({ id: whole, web_url: text, name: text }),
    );
  }

  group(path: string): Promise<Seen<{ id: number; full_path: string }>> {
    return this.one(
      `group ${path}`,
      ["groups", path],
      formOf<{ id: number; full_path: string }>({ id: whole, full_path: text }),
      { with_projects: false },
    );
  }

  /** The projects of a group and of the groups below that are not archived; none that was only shared with them. */
  projectsOf(group: string): Promise<Seen<Project[]>> {
    const query = { include_subgroups: true, with_shared: false, archived: false, order_by: "id", sort: "asc" };
    return this.all(`projects of group ${group}`, ["groups", group, "projects"], PROJECT, query);
  }

  user(id: number): Promise<Seen<{ id: number; username: string; name?: string; bot?: boolean }>> {
    return this.one(
      `user ${id}`,
      ["users", id],
      formOf<{ id: number; username: string; name?: string; bot?: boolean }>({
        id: whole,
        username: text,
        name: optional(text),
        bot: optional(yesOrNo),
      }),
    );
  }

  /** The one user of that name; none is an empty list. */
  userNamed(username: string): Promise<Seen<{ id: number }[]>> {
    return this.all(`user named ${username}`, ["users"], formOf<{ id: number }>({ id: whole }), { username });
  }

  member(path: string, user: number): Promise<Seen<{ access_level: number }>> {
    return this.one(
      `member ${user} of ${path}`,
      ["projects", path, "members", "all", user],
      formOf<{ access_level: number }>({ access_level: whole }),
    );
  }

  variables(kind: Kind, path: string): Promise<Seen<CiVariable[]>> {
    return this.all(`variables of ${named(kind, path)}`, [kind, path, "variables"], CI_VARIABLE);
  }

  lint(path: string, ref: string): Promise<Seen<Lint>> {
    return this.one(`CI configuration of ${path} on ${ref}`, ["projects", path, "ci", "lint"], LINT, {
      content_ref: ref,
    });
  }

  /** With tags and protection, where they are shown. */
  runners(path: string): Promise<Seen<Runner[]>> {
    return this.once(`runners of ${path}`, async () => {
      const listed = await this.client.list<Runner>(["projects", path, "runners"], {}, RUNNER);
      return Promise.all(listed.map((runner, index) => (index < MOST_RUNNERS ? this.runner(runner) : runner)));
    });
  }

  /** GitLab's word on what a credential is; it counts that as a use. */
  identify(value: string): Promise<Identity> {
    return this.identities.of(value);
  }

  private async runner(listed: Runner): Promise<Runner> {
    const detail = await this.one<Runner>(`runner ${listed.id}`, ["runners", listed.id], RUNNER);
    return detail.seen ? detail.value : listed;
  }

  private one<T>(what: string, path: ApiPath, form: Form<T>, query?: Query): Promise<Seen<T>> {
    return this.once(what, () => this.client.get<T>(path, query, form));
  }

  private all<T>(what: string, path: ApiPath, form: Form<T>, query?: Query): Promise<Seen<T[]>> {
    return this.once(what, () => this.client.list<T>(path, query, form));
  }

  /** @throws ApiError when GitLab cannot be reached, or takes the operator's own token for dead */
  private once<T>(what: string, read: () => Promise<T>): Promise<Seen<T>> {
    const known = this.answers.get(what) ?? this.look(what, read);
    this.answers.set(what, known);
    return known as Promise<Seen<T>>;
  }

  private async look<T>(what: string, read: () => Promise<T>): Promise<Seen<T>> {
    try {
      return { seen: true, value: await read() };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === undefined) throw error;
      const { status, reason } = error;
      this.refusals.set(what, { what, status, reason });
      return { seen: false, status, reason };
    }
  }
}
