import type { Home } from "../gitlab/home";
import type { ProtectedBranch } from "../gitlab/protected-branch";
import type { PipelineKind } from "./jobs/pipeline";
import type { NotSeen } from "./reader";
import type { Who } from "./who";

/** The contents of a GitLab, declared or not: who may push where, and with what. What could not be read is undefined, and in {@link notSeen}. */
export interface Estate {
  /** Address of GitLab. */
  readonly gitlab: string;
  readonly readAt: Date;
  readonly projects: readonly ProjectPicture[];
  /** Living tokens that can push: of the projects, of the groups above them, and what variables carry. */
  readonly tokens: readonly TokenPicture[];
  /** Variables that carry such a token, or seem to. */
  readonly variables: readonly VariablePicture[];
  /** Things that GitLab would not show. */
  readonly notSeen: readonly NotSeen[];
}

export interface ProjectPicture {
  readonly id: number;
  /** Full path. */
  readonly path: string;
  /** null: the repository is empty, or GitLab does not tell whoever is no member. */
  readonly defaultBranch: string | null;
  /** GitLab's own words, as they were read. */
  readonly rules: readonly ProtectedBranch[] | undefined;
  /** The default branch, every rule, and what no rule matches. */
  readonly branches: readonly BranchPicture[] | undefined;
  /** Tells whether GitLab showed the tokens of the project and of all groups above it; else there may be more than are told. */
  readonly allTokensSeen: boolean;
  readonly tags: readonly TagPicture[] | undefined;
  /** Those that may write. */
  readonly deployKeys: readonly DeployKeyPicture[] | undefined;
  readonly jobToken: JobTokenPicture;
  /** The `git push` of its jobs, in pipelines of the default branch. */
  readonly pushes: readonly PushPicture[] | undefined;
}

/** The rights on the branches of one name or pattern: by its own rule and by every rule that covers it. */
export interface BranchPicture {
  /** A branch or a pattern; `*` for {@link kind} `others`. */
  readonly name: string;
  /** `rule`: protected by a rule of this name. `default`: the default branch, which has no rule of its own. `others`: what no rule matches. */
  readonly kind: "rule" | "default" | "others";
  /** Tells whether any rule covers it: protected variables reach jobs on it. */
  readonly protected: boolean;
  /** The rule is the group's. */
  readonly inherited: boolean;
  /** It lets nobody in, and keeps a branch shut while its rule is replaced. */
  readonly guard: boolean;
  readonly push: readonly Who[];
  readonly merge: readonly Who[];
  /** Those who may take the rule away, where GitLab tells (Premium). */
  readonly unprotect: readonly Who[] | undefined;
  readonly forcePush: boolean;
  /** Tells whether changes of files in CODEOWNERS are refused, where GitLab tells (Premium). */
  readonly codeOwners: boolean | undefined;
  /** Ids of the tokens that may push. */
  readonly tokens: readonly number[];
}

export interface TagPicture {
  readonly name: string;
  readonly create: readonly Who[];
}

/** A living access token that can push. */
export interface TokenPicture {
  readonly id: number;
  readonly name: string;
  readonly kind: "project" | "group" | "personal" | "unknown";
  /** Full path of the project or group; undefined for a person's. */
  readonly home: string | undefined;
  /** The bot, or the person. */
  readonly userId: number;
  readonly username: string | undefined;
  readonly scopes: readonly string[];
  /** Role of the bot in its home; undefined: not told. */
  readonly level: number | undefined;
  readonly createdAt: string | undefined;
  /** `YYYY-MM-DD`; null = never. */
  readonly expiresAt: string | null;
  /** null = never; undefined: not told. */
  readonly lastUsedAt: string | null | undefined;
  /** Construct path of the slot of an inventory that declares it; undefined: made by hand. */
  readonly slot: string | undefined;
}

export interface VariablePicture {
  readonly key: string;
  readonly home: Home;
  readonly environment: string;
  readonly protected: boolean;
  readonly masked: boolean;
  readonly hidden: boolean;
  /** Tells whether the value is a token and nothing else; not in an address, a text or a file. A hidden one may be either. */
  readonly alone: boolean;
  readonly carries: Carried;
}

/** The content of a variable, as far as it may be known. */
export type Carried =
  | { readonly kind: "token"; readonly token: number }
  /** GitLab does not take it any more. */
  | { readonly kind: "dead"; readonly status: "expired" | "revoked" | "unknown" }
  /** It looks like a token, and nobody asked, or GitLab would not say. */
  | { readonly kind: "not known"; readonly reason: string }
  /** The value is shown to nobody; its name, or a job that pushes with it, tells. */
  | { readonly kind: "by name" };

export interface DeployKeyPicture {
  readonly id: number;
  readonly title: string;
  readonly createdAt: string;
  /** null = never. */
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null | undefined;
}

/** Tells whether jobs may push with their own token. */
export interface JobTokenPicture {
  /** Jobs of the project itself; undefined: not told, or GitLab is older than 18.4. */
  readonly push: boolean | undefined;
  /** Jobs of others, GitLab 19.0; undefined: not told, or older. */
  readonly crossProject: boolean | undefined;
  /** Tells whether only those of the lists get in; undefined: not asked, as no job token may push. */
  readonly limited: boolean | undefined;
  /** Full paths of projects on the list; the API does not tell which of them may push. */
  readonly projects: readonly string[] | undefined;
  /** Addresses of groups on the list. */
  readonly groups: readonly string[] | undefined;
}

/** A `git push` in a job's script. */
export interface PushPicture {
  readonly job: string;
  /** Full path of the project it goes to; undefined: only the running job knows. */
  readonly project: string | undefined;
  readonly branch: string | undefined;
  readonly tags: boolean;
  readonly with: "job token" | "variable" | "helper" | "nothing" | "other";
  /** Key of the variable. */
  readonly key: string | undefined;
  /** Kinds of pipelines that have the job, of the default branch or of tags. */
  readonly pipelines: readonly PipelineKind[];
}
