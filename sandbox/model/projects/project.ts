import type { Visibility } from "../instance/settings";

export interface Project {
  readonly id: number;
  namespaceId: number;
  name: string;
  path: string;
  description: string | null;
  visibility: Visibility;
  archived: boolean;
  /** null until the repository has a first commit. */
  defaultBranch: string | null;
  /** The branch a first commit through the API or README goes to; from the creation request or the instance setting. */
  initialBranch: string;
  readonly creatorId: number;
  readonly createdAt: string;
  lastActivityAt: string;
  /** A job of this same project may push with its CI_JOB_TOKEN (`ci_push_repository_for_job_token_allowed`). */
  jobTokenPushAllowed: boolean;
  /** The inbound allowlist is enforced (`ci_job_token_scope_enabled` of GitLab's UI: "limit access to this project"). */
  jobTokenScopeEnabled: boolean;
  /** Projects, besides itself, whose job tokens may reach this one. */
  readonly jobTokenAllowedProjects: Set<number>;
  readonly jobTokenAllowedGroups: Set<number>;
  /** The repository refuses writes for the moment (storage move). */
  repositoryReadOnly: boolean;
  /** Merge-request pipelines get protected variables when source and target are both protected. */
  protectMergeRequestPipelines: boolean;
  /** Everything else clients may set and read back, by API name. */
  attributes: Record<string, unknown>;
}
