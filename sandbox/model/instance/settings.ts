import { AccessLevel } from "../members/access-level";

/** `free` answers as GitLab Community Edition, `premium` as Enterprise Edition with a Premium licence. */
export type Edition = "free" | "premium";

/** The package that is installed: Community Edition, or Enterprise Edition, which without a licence is free. */
export type Package = "ce" | "ee";

export type Visibility = "private" | "internal" | "public";

/** The levels that GitLab writes into the rule it makes for a new default branch (`default_branch_protection_defaults`). */
export interface DefaultBranchProtection {
  /** Role entries of `allowed_to_push`; an empty list means no rule is made. */
  allowed_to_push: { access_level: number }[];
  allowed_to_merge: { access_level: number }[];
  allow_force_push: boolean;
  code_owner_approval_required?: boolean;
  /** A Developer may make the first push to an empty repository. */
  developer_can_initial_push: boolean;
}

/** Instance settings, under the names of GitLab's `application/settings` API. */
export interface Settings {
  default_branch_name: string;
  default_branch_protection_defaults: DefaultBranchProtection;
  default_project_visibility: Visibility;
  default_group_visibility: Visibility;
  /** Absent `expires_at` becomes today + the maximum lifetime when true, "never" when false. */
  require_personal_access_token_expiry: boolean;
  /** Days; 365, or 400 where `buffered_token_expiration_limit` is on. */
  max_personal_access_token_lifetime: number;
  /** Days an inactive bot and its token records are kept; null = for ever. */
  inactive_resource_access_tokens_delete_after_days: number | null;
  /** A caller's address is answered 403 for an hour after 30 failed Git logins in 3 minutes. */
  failed_git_login_ban_enabled: boolean;
  git_http_enabled: boolean;
  /** As `artifacts:expire_in`. */
  default_artifacts_expire_in: string;
  /** Megabytes. */
  max_artifacts_size: number;
  /** Bytes; 0 = no limit. */
  max_terraform_state_size_bytes: number;
  /** Git over HTTP and the API refuse writes, as a Geo secondary or a maintenance window does. */
  maintenance_mode: boolean;
}

export function defaultSettings(): Settings {
  return {
    default_branch_name: "main",
    default_branch_protection_defaults: {
      allowed_to_push: [{ access_level: AccessLevel.Maintainer }],
      allowed_to_merge: [{ access_level: AccessLevel.Maintainer }],
      allow_force_push: false,
      developer_can_initial_push: false,
    },
    default_project_visibility: "private",
    default_group_visibility: "private",
    require_personal_access_token_expiry: true,
    max_personal_access_token_lifetime: 365,
    inactive_resource_access_tokens_delete_after_days: 30,
    failed_git_login_ban_enabled: false,
    git_http_enabled: true,
    default_artifacts_expire_in: "30 days",
    max_artifacts_size: 100,
    max_terraform_state_size_bytes: 0,
    maintenance_mode: false,
  };
}
