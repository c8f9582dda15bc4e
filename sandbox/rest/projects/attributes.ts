import { flag, integer, type Parameter, text } from "../parameters";

const ENABLED = "enabled";

/**
 * Project settings that GitLab lets clients write and read back and that change nothing in the sandbox: name and the
 * value of a new project.
 */
const DEFAULTS: Record<string, string | number | boolean | null> = {
  ci_default_git_depth: 20,
  ci_forward_deployment_enabled: true,
  ci_forward_deployment_rollback_allowed: true,
  ci_separated_caches: true,
  ci_allow_fork_pipelines_to_run_in_parent_project: true,
  ci_id_token_sub_claim_components: null,
  ci_pipeline_variables_minimum_override_role: "no_one_allowed",
  ci_restrict_pipeline_cancellation_role: "developer",
  ci_delete_pipelines_in_seconds: null,
  ci_config_path: null,
  build_git_strategy: "fetch",
  build_timeout: 3600,
  auto_cancel_pending_pipelines: ENABLED,
  auto_devops_enabled: false,
  auto_devops_deploy_strategy: "continuous",
  keep_latest_artifact: true,
  restrict_user_defined_variables: true,
  public_jobs: true,
  shared_runners_enabled: true,
  group_runners_enabled: true,
  runner_token_expiration_interval: null,
  container_registry_enabled: true,
  packages_enabled: true,
  lfs_enabled: true,
  issues_enabled: true,
  merge_requests_enabled: true,
  wiki_enabled: true,
  jobs_enabled: true,
  snippets_enabled: true,
  service_desk_enabled: false,
  can_create_merge_request_in: true,
  issues_access_level: ENABLED,
  repository_access_level: ENABLED,
  merge_requests_access_level: ENABLED,
  forking_access_level: ENABLED,
  wiki_access_level: ENABLED,
  builds_access_level: ENABLED,
  snippets_access_level: ENABLED,
  pages_access_level: "private",
  analytics_access_level: ENABLED,
  container_registry_access_level: ENABLED,
  security_and_compliance_access_level: "private",
  releases_access_level: ENABLED,
  environments_access_level: ENABLED,
  feature_flags_access_level: ENABLED,
  infrastructure_access_level: ENABLED,
  monitor_access_level: ENABLED,
  model_experiments_access_level: ENABLED,
  model_registry_access_level: ENABLED,
  package_registry_access_level: ENABLED,
  requirements_access_level: ENABLED,
  merge_method: "merge",
  squash_option: "default_off",
  squash_commit_template: null,
  merge_commit_template: null,
  suggestion_commit_message: null,
  issue_branch_template: null,
  only_allow_merge_if_pipeline_succeeds: false,
  allow_merge_on_skipped_pipeline: null,
  only_allow_merge_if_all_discussions_are_resolved: false,
  remove_source_branch_after_merge: true,
  printing_merge_request_link_enabled: true,
  resolve_outdated_diff_discussions: false,
  request_access_enabled: true,
  autoclose_referenced_issues: true,
  enforce_auth_checks_on_uploads: true,
  emails_enabled: true,
  warn_about_potentially_unwanted_characters: true,
  import_url: null,
  mirror: false,
};

/** The readers of each of them; texts and numbers may be emptied with null. */
export const ATTRIBUTE_PARAMETERS: Record<string, Parameter<unknown>> = Object.fromEntries(
  Object.entries(DEFAULTS).map(([name, value]) => [name, parameterFor(value)]),
);

/** The settings of a project as the API shows them. */
export function shownAttributes(written: Record<string, unknown>): Record<string, unknown> {
  return { ...DEFAULTS, ...written };
}

/** The known settings among the parameters of a call. */
export function writtenAttributes(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => name in DEFAULTS && value !== undefined));
}

function parameterFor(value: string | number | boolean | null): Parameter<unknown> {
  if (typeof value === "boolean") return flag();
  return typeof value === "number" ? integer() : text();
}
