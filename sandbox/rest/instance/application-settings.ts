import { GitLabError } from "../../model/gitlab-error";
import type { DefaultBranchProtection, Settings, Visibility } from "../../model/instance/settings";
import { RULE_LEVELS } from "../../model/members/access-level";
import type { Call } from "../call";
import {
  filledText,
  flag,
  integer,
  isRecord,
  oneOf,
  type Parameter,
  readParameters,
  records,
  required,
} from "../parameters";
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

const ENTRIES = records({ access_level: required(integer(RULE_LEVELS)) });

/** The rules of a new default branch, of the instance or of a group; what is left out stays. */
export function protectionDefaults(): Parameter<Partial<DefaultBranchProtection> | undefined> {
  return {
    required: false,
    read: (value, name) => {
      if (!isRecord(value)) throw new GitLabError(400, { error: `${name} is invalid` });
      const shape = {
        allowed_to_push: ENTRIES,
        allowed_to_merge: ENTRIES,
        allow_force_push: flag(),
        code_owner_approval_required: flag(),
        developer_can_initial_push: flag(),
      };
      const read = readParameters(shape, value, name);
      return Object.fromEntries(Object.entries(read).filter(([, each]) => each !== undefined));
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
