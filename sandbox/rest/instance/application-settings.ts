import { GitLabError } from "../../model/gitlab-error";
import type { Settings, Visibility } from "../../model/instance/settings";
import type { Call } from "../call";
import { filledText, flag, integer, isRecord, oneOf, type Parameter } from "../parameters";
import { get, put } from "../route";

const VISIBILITIES = ["private", "internal", "public"] as const satisfies readonly Visibility[];

/** The settings a client may change; numbers may be emptied with null where GitLab lets them. */
const PARAMETERS: { [Key in keyof Settings]: Parameter<unknown> } = {
  default_branch_name: filledText(),
  default_branch_protection_defaults: protectionDefaults(),
  default_project_visibility: oneOf(VISIBILITIES),
  default_group_visibility: oneOf(VISIBILITIES),
  require_personal_access_token_expiry: flag(),
  max_personal_access_token_lifetime: integer(),
  inactive_resource_access_tokens_delete_after_days: integer(),
  failed_git_login_ban_enabled: flag(),
  git_http_enabled: flag(),
  default_artifacts_expire_in: filledText(),
  max_artifacts_size: integer(),
  max_terraform_state_size_bytes: integer(),
  maintenance_mode: flag(),
};

function protectionDefaults(): Parameter<unknown> {
  return {
    required: false,
    read: (value) => {
      if (!isRecord(value)) throw new GitLabError(400, { error: "default_branch_protection_defaults is invalid" });
      return value;
    },
  };
}

function show(call: Call): unknown {
  call.requireAdmin();
  return call.store.settings;
}

function update(call: Call): unknown {
  call.requireAdmin();
  const { settings } = call.store;
  const written = Object.entries(call.read(PARAMETERS)).filter(([, value]) => value !== undefined);
  for (const [name, value] of written) {
    if (name === "default_branch_protection_defaults") {
      Object.assign(settings.default_branch_protection_defaults, value);
    } else {
      Object.assign(settings, { [name]: value });
    }
  }
  if (call.raw.inactive_resource_access_tokens_delete_after_days === null) {
    settings.inactive_resource_access_tokens_delete_after_days = null;
  }
  return settings;
}

export const applicationSettingsRoutes = [get("/application/settings", show), put("/application/settings", update)];
