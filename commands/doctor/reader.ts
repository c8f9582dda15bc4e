import type { ApiClient, ApiPath, Query } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";
import type { ProtectedBranch } from "../../gitlab/protected-branch";
import type { Runner } from "../../gitlab/runner";
import type { CiVariable } from "../../gitlab/variable-exposure";

/** What GitLab showed, or why it did not. */
export type Seen<T> =
  | { readonly seen: true; readonly value: T }
  | { readonly seen: false; readonly status: number; readonly reason: string };

export const ifSeen = <T>(seen: Seen<T> | undefined): T | undefined => (seen?.seen ? seen.value : undefined);

/** Whether something is not there, or not there for this operator. */
export const isAbsent = (seen: Seen<unknown>): boolean => !seen.seen && seen.status === 404;

/** A project as the API shows it; settings are left out for those who are no member. */
export interface Project {
  readonly id: number;
  readonly path_with_namespace: string;
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
  readonly protect_merge_request_pipelines?: boolean;
}

export interface Lint {
  readonly valid: boolean;
  readonly errors: readonly string[];
  readonly merged_yaml: string | null;
}

/** A project access token, never its value. */
export interface TokenRecord {
  readonly id: number;
  readonly name: string;
  readonly description?: string | null;
  readonly user_id: number;
  readonly scopes: readonly string[];
  readonly active: boolean;
  readonly revoked: boolean;
  readonly expires_at: string | null;
  readonly access_level?: number | null;
}

/** What GitLab says to a credential that asks about itself. */
export type Identity =
  | { readonly kind: "token"; readonly token: TokenRecord }
  | { readonly kind: "refused"; readonly status: "expired" | "revoked" | "unknown" }
  | { readonly kind: "unclear"; readonly reason: string };

/** What the operator could not see: said in the report, never fatal. */
export interface NotSeen {
  readonly what: string;
  readonly status: number;
  readonly reason: string;
}

/** Runners whose details are asked for one by one. */
const MOST_RUNNERS = 50;

/** Reads what the doctor looks at, each thing once. Only GETs. */
export class Reader {
  private readonly answers = new Map<string, Promise<Seen<unknown>>>();
  private readonly refusals = new Map<string, NotSeen>();

  constructor(private readonly client: ApiClient) {}

  get baseUrl(): string {
    return this.client.baseUrl;
  }

  /** Without what is simply not there. */
  get notSeen(): NotSeen[] {
    return [...this.refusals.values()];
  }

  project(path: string): Promise<Seen<Project>> {
    return this.one(`project ${path}`, ["projects", path]);
  }

  rules(path: string): Promise<Seen<ProtectedBranch[]>> {
    return this.all(`branch rules of ${path}`, ["projects", path, "protected_branches"]);
  }

  branch(path: string, name: string): Promise<Seen<{ name: string }>> {
    return this.one(`branch ${name} of ${path}`, ["projects", path, "repository", "branches", name]);
  }

  tag(path: string, name: string): Promise<Seen<{ name: string; protected: boolean }>> {
    return this.one(`tag ${name} of ${path}`, ["projects", path, "repository", "tags", name]);
  }

  branches(path: string): Promise<Seen<{ name: string }[]>> {
    return this.all(`branches of ${path}`, ["projects", path, "repository", "branches"]);
  }

  tokens(path: string): Promise<Seen<TokenRecord[]>> {
    return this.all(`access tokens of ${path}`, ["projects", path, "access_tokens"]);
  }

  member(path: string, user: number): Promise<Seen<{ access_level: number }>> {
    return this.one(`member ${user} of ${path}`, ["projects", path, "members", "all", user]);
  }

  variables(kind: "projects" | "groups", path: string): Promise<Seen<CiVariable[]>> {
    return this.all(`variables of ${kind === "groups" ? "group " : ""}${path}`, [kind, path, "variables"]);
  }

  lint(path: string, ref: string): Promise<Seen<Lint>> {
    return this.one(`CI configuration of ${path} on ${ref}`, ["projects", path, "ci", "lint"], { content_ref: ref });
  }

  /** With tags and protection, where they are shown. */
  runners(path: string): Promise<Seen<Runner[]>> {
    return this.once(`runners of ${path}`, async () => {
      const listed = await this.client.list<Runner>(["projects", path, "runners"]);
      return Promise.all(listed.map((runner, index) => (index < MOST_RUNNERS ? this.runner(runner) : runner)));
    });
  }

  /** Asks GitLab what a credential is, with that credential; GitLab counts it as a use. Nothing of it is kept. */
  async identify(value: string): Promise<Identity> {
    let owner: ApiClient;
    try {
      owner = this.client.as(value);
    } catch {
      return { kind: "refused", status: "unknown" };
    }
    try {
      return { kind: "token", token: await owner.get<TokenRecord>(["personal_access_tokens", "self"]) };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status === undefined) throw error;
      if (error.status !== 401) return { kind: "unclear", reason: `${error.status} ${error.reason}` };
      const [status = "unknown"] = (["expired", "revoked"] as const).filter((word) => error.reason.includes(word));
      return { kind: "refused", status };
    }
  }

  private async runner(listed: Runner): Promise<Runner> {
    const detail = await this.one<Runner>(`runner ${listed.id}`, ["runners", listed.id]);
    return detail.seen ? detail.value : listed;
  }

  private one<T>(what: string, path: ApiPath, query?: Query): Promise<Seen<T>> {
    return this.once(what, () => this.client.get<T>(path, query));
  }

  private all<T>(what: string, path: ApiPath): Promise<Seen<T[]>> {
    return this.once(what, () => this.client.list<T>(path));
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
      if (status !== 404) this.refusals.set(what, { what, status, reason });
      return { seen: false, status, reason };
    }
  }
}
