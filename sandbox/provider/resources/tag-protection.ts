import { isNotFound, messageOf } from "../gitlab-api-error";
import { segment } from "../gitlab-client";
import { DiagnosticError } from "../protocol/diagnostic";
import { requiresReplace, useStateForUnknown } from "../protocol/plan-modifier";
import { blockElements, objectOf, type Schema } from "../protocol/schema";
import { exactlyOneInBlock, lengthAtLeast, oneOf } from "../protocol/validator";
import { equalValues, isKnown, type ObjectValue } from "../protocol/value";
import type { Resource } from "../resource";
import { parseTwoPartId } from "../resource-id";
import { levelName, levelOf } from "./access-level";
import { API_ERROR, reporting } from "./reporting";

const LEVELS = ["no one", "developer", "maintainer", "admin"];
const BLOCK = "allowed_to_create";
const CHOICES = ["access_level", "user_id", "group_id"];

const schema: Schema = {
  version: 0,
  attributes: {
    id: { type: "string", computed: true, modifiers: [useStateForUnknown] },
    project: { type: "string", required: true, modifiers: [requiresReplace], validators: [lengthAtLeast(1)] },
    tag: { type: "string", required: true, modifiers: [requiresReplace], validators: [lengthAtLeast(1)] },
    create_access_level: {
      type: "string",
      optional: true,
      computed: true,
      default: "maintainer",
      modifiers: [requiresReplace],
      validators: [oneOf(LEVELS)],
    },
  },
  blocks: {
    // Without deploy_key_id, which came with 18.9: how the provider reads one back is not known.
    [BLOCK]: {
      access_level: { type: "string", optional: true, computed: true },
      access_level_description: { type: "string", computed: true },
      user_id: { type: "number", optional: true },
      group_id: { type: "number", optional: true },
    },
  },
};

interface CreateEntry {
  readonly access_level: number | null;
  readonly access_level_description: string;
  readonly user_id?: number | null;
  readonly group_id?: number | null;
}

interface ProtectedTag {
  readonly name: string;
  readonly create_access_levels: readonly CreateEntry[];
}

/**
 * `gitlab_tag_protection`: every change replaces the rule, one that a rotation makes unknown too.
 *
 * Whatever the creation is refused for, the provider takes away what is there and tries once more: a rule that exists is taken over, and
 * after a refusal for another reason there is none; where there was none, the first refusal's reason is lost.
 */
export const tagProtection: Resource = {
  typeName: "gitlab_tag_protection",
  schema,

  validate: (config) => blockElements(config[BLOCK]).flatMap((element) => exactlyOneInBlock(BLOCK, CHOICES, element)),

  modifyPlan({ plan, requiresReplace: replaced }, { state }) {
    if (state !== null && !equalValues(plan[BLOCK] ?? null, state[BLOCK] ?? null)) replaced.push([BLOCK]);
  },

  async read({ client }, state) {
    const id = String(state.id);
    const parts = parseTwoPartId(id);
    if (parts === null) {
      const detail = `The resource ID '${id}' has an invalid format. It should be '<project-id>:<tag>'.`;
      throw new DiagnosticError("Invalid resource ID format", detail);
    }
    const [project, tag] = parts;
    try {
      return stateOf(project, await client.get<ProtectedTag>(rulePath(project, tag)));
    } catch (error) {
      if (isNotFound(error)) return null;
      throw new DiagnosticError(
        "GitLab API error occured",
        `Unable to read protected tag details: ${messageOf(error)}`,
      );
    }
  },

  async create({ client }, plan) {
    const [project, tag] = [String(plan.project), String(plan.tag)];
    const wanted = blockElements(plan[BLOCK]).map(optionsOf);
    const options = {
      name: tag,
      create_access_level: levelOf(String(plan.create_access_level)),
      allowed_to_create: wanted,
    };
    const protect = () => client.post<ProtectedTag>(rulesPath(project), options);
    const rule = await protect().catch(async () => {
      await reporting("Unable to unprotect repository tag", () => client.delete(rulePath(project, tag)));
      return reporting("Unable to protect repository tag", protect);
    });
    if (wanted.length > rule.create_access_levels.length - 1) {
      const detail =
        "feature unavailable: `allowed_to_create`, Premium or Ultimate license required. Warning: Changes have partially been persisted!";
      throw new DiagnosticError(API_ERROR, detail);
    }
    return stateOf(project, rule);
  },

  async update() {
    const detail = "Somehow the resource was requested to perform an in-place upgrade which is not possible.";
    throw new DiagnosticError("Provider Error, report upstream", detail);
  },

  async delete({ client }, state) {
    try {
      await client.delete(rulePath(String(state.project), String(state.tag)));
    } catch (error) {
      throw new DiagnosticError("Failed to delete gitlab tag protection", messageOf(error));
    }
  },
};

function optionsOf({ access_level: level, user_id, group_id }: ObjectValue): object {
  return {
    ...(isKnown(level) ? { access_level: levelOf(String(level)) } : {}),
    ...(isKnown(user_id) ? { user_id } : {}),
    ...(isKnown(group_id) ? { group_id } : {}),
  };
}

/** The first role entry is the level, whatever it came from; all others are the list. */
function stateOf(project: string, rule: ProtectedTag): ObjectValue {
  const level = rule.create_access_levels.find((entry) => !entry.user_id && !entry.group_id);
  const listed = rule.create_access_levels.filter((entry) => entry !== level);
  return objectOf(schema, {
    id: `${project}:${rule.name}`,
    project,
    tag: rule.name,
    create_access_level: level === undefined ? null : levelName(level.access_level),
    [BLOCK]: listed.map((entry) => ({
      access_level: levelName(entry.access_level),
      access_level_description: entry.access_level_description,
      user_id: entry.user_id || null,
      group_id: entry.group_id || null,
    })),
  });
}

function rulesPath(project: string): string {
  return `projects/${segment(project)}/protected_tags`;
}

function rulePath(project: string, tag: string): string {
  return `${rulesPath(project)}/${segment(tag)}`;
}
