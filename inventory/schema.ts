import { z } from "zod";
import type { CiPusherBranch, CiPusherTag, VariableHome } from "../constructs";
import { ACCESS_LEVELS, BOT_ROLES, UNPROTECT_LEVELS } from "../gitlab/access-level";
import { BranchPattern } from "../gitlab/branch-pattern";
import { DEFAULT_TOKEN_NAME, DEFAULT_VARIABLE_KEY } from "../gitlab/defaults";
import type { ExpectedError } from "../gitlab/expected-error";
import { DEFAULT_LIFETIME_LIMIT, EXTENDED_LIFETIME_LIMIT, ExpiryDate } from "../gitlab/expiry-date";
import type { Named } from "../gitlab/named";
import { describe, type Problem, quoted } from "../gitlab/problem";
import { groupPathProblem, projectPathProblem } from "../gitlab/project-path";
import { usernameProblem } from "../gitlab/username";
import { variableKeyProblem } from "../gitlab/variable-key";
import { writtenTextProblem } from "../gitlab/written-text";
import type { Misfit } from "./misfit";
import { withoutMark } from "./prototype-key";

const ID = /^[a-z][a-z0-9-]{0,62}$/;

/** The one id of that form that every tree of constructs takes for there already. */
const INHERITED = "constructor";

/** A string that `problem` has nothing against. */
const text = (problemOf: (value: string) => Problem | undefined) =>
  z.string().superRefine((value, context) => {
    const problem = problemOf(value);
    if (problem) context.addIssue(issueOf(problem));
  });

/** A problem as zod carries it. */
const issueOf = (problem: Problem) => ({ code: "custom" as const, message: describe(problem), params: { problem } });

const projectPath = text(projectPathProblem).meta({ examples: ["xlink/xlink-k8s-gitops"] });
const groupPath = text(groupPathProblem).meta({ examples: ["xlink/apps"] });

const expiryDate = z
  .string()
  .meta({
    pattern: "^\\d{4}-\\d{2}-\\d{2}$",
    description: "The day the token dies, at 00:00 UTC. A later date rotates the token.",
    examples: ["2027-03-01"],
  })
  .transform((value, context) => {
    try {
      return ExpiryDate.parse(value);
    } catch (error) {
      context.addIssue(issueOf((error as ExpectedError).problem as Problem));
      return z.NEVER;
    }
  });

const tokenKeys = z
  .strictObject({
    expires: z
      .union([expiryDate, z.array(expiryDate).min(1).max(2)])
      .meta({
        description: "One date for one slot, two for two; the position is the slot. Bump the earlier one to rotate.",
      })
      .transform((dates): readonly ExpiryDate[] => [dates].flat()),
    allow_interruption: z.boolean().default(false).meta({
      description: "The next deploy may take away the token that running jobs hold. Remove after that deploy.",
    }),
    role: z.enum(BOT_ROLES).default("developer").meta({ description: "Role of the bot in the target project." }),
    name: z
      .string()
      .min(1)
      .max(253)
      .default(DEFAULT_TOKEN_NAME)
      .meta({ description: "Name of the token. Changing it replaces the token and its bot." }),
  })
  .meta({ description: "The project access token in the target project; its only scope is write_repository." });

const token = tokenKeys.transform(({ allow_interruption: allowInterruption, ...kept }) => ({
  ...kept,
  allowInterruption,
}));

const home = z
  .union([projectPath, z.strictObject({ project: projectPath }), z.strictObject({ group: groupPath })])
  .transform((value): VariableHome => (typeof value === "string" ? { project: value } : value));

const variableKeys = z
  .strictObject({
    key: text(variableKeyProblem).default(DEFAULT_VARIABLE_KEY).meta({ description: "Key of the variable." }),
    in: z
      .array(home)
      .min(1)
      .optional()
      .meta({ description: "Source projects and groups whose jobs read the variable. Default: the target itself." }),
    environment: z
      .string()
      .min(1)
      .max(255)
      .default("*")
      .meta({ description: "Environments whose jobs get it; * is a wildcard." }),
    protected: z.boolean().default(true).meta({ description: "Only pipelines on protected branches and tags get it." }),
    hidden: z
      .boolean()
      .default(false)
      .meta({ description: "Nobody can read the value in GitLab again. Cannot be changed later." }),
    import: z
      .boolean()
      .default(false)
      .meta({ description: "The variable exists already and is adopted. Remove after that deploy." }),
  })
  .meta({ description: "The masked CI/CD variable that hands the token to jobs." });

const variable = variableKeys.prefault({}).transform(({ import: adopt, ...kept }) => ({ ...kept, adopt }));

const level = z.enum(ACCESS_LEVELS);

const number = z.int().min(1);

const KINDS = "bot, {user: …}, {group: …}, or {deploy_key: …} to push";

const someone = z
  .strictObject({
    user: z
      .union([text(usernameProblem), number])
      .meta({ description: "Username, or the user's number." })
      .optional(),
    group: z.union([groupPath, number]).meta({ description: "Full path of the group, or its number." }).optional(),
    deploy_key: number.meta({ description: "Number of a deploy key of the target with write access." }).optional(),
  })
  .superRefine((value, context) => {
    const kinds = Object.keys(value);
    // An unknown key is told of already.
    if (kinds.length === 1 || context.issues.length > 0) return;
    const got = kinds.length === 0 ? "an empty mapping" : `${kinds.join(" and ")} in one entry`;
    context.addIssue(issueOf({ got, allowed: KINDS, fix: "write an entry for each, `- user: anna`" }));
  })
  .meta({ minProperties: 1, maxProperties: 1 })
  .transform(({ deploy_key: deployKey, ...other }) => (deployKey === undefined ? other : { deployKey }) as Named);

const bot = text((value) =>
  value === "bot"
    ? undefined
    : {
        got: quoted(value),
        allowed: KINDS,
        fix: `write {${value.includes("/") ? "group" : "user"}: ${quoted(value)}}`,
      },
)
  .meta({ const: "bot" })
  .transform(() => "bot" as const);

const listed = z.array(z.union([someone, bot])).default([]);

const branchKeys = z.strictObject({
  push: z
    .enum([...ACCESS_LEVELS, "bot"])
    .meta({ description: "Who may push: a role and every higher one, no one, or bot: nobody but the bot (Premium)." }),
  merge: level.default("maintainer").meta({ description: "Who may merge: a role and every higher one, or no one." }),
  unprotect: z
    .enum(UNPROTECT_LEVELS)
    .default("maintainer")
    .meta({ description: "Who may change the rule or take it away: a role and every higher one (Premium)." }),
  allowed_to_push: listed.meta({
    description: "Who may push by name, beside the level: bot, users, groups, deploy keys (Premium).",
  }),
  allowed_to_merge: listed.meta({
    description: "Who may merge by name, beside the level: bot, users, groups (Premium).",
  }),
  allowed_to_unprotect: z.array(someone).default([]).meta({
    description: "Who may change the rule or take it away by name, beside the level: users, groups (Premium).",
  }),
  force_push: z
    .boolean()
    .default(false)
    .meta({ description: "Whether those who may push may also rewrite the branch." }),
  code_owner_approval: z.boolean().default(false).meta({ description: "Code owners must approve (Premium)." }),
  guard: z
    .boolean()
    .default(true)
    .meta({ description: "Keep the branch closed while the provider replaces the rule." }),
  import: z.boolean().default(false).meta({
    description: "The rule exists already and is adopted, in two deploys (one without a guard). Remove after that.",
  }),
  with: z.array(z.string()).default([]).meta({ description: "Pushers above whose bots come in wherever bot does." }),
});

const branch = branchKeys.transform(
  (keys): Required<CiPusherBranch> => ({
    push: keys.push,
    merge: keys.merge,
    unprotect: keys.unprotect,
    allowedToPush: keys.allowed_to_push,
    allowedToMerge: keys.allowed_to_merge,
    allowedToUnprotect: keys.allowed_to_unprotect,
    allowForcePush: keys.force_push,
    codeOwnerApproval: keys.code_owner_approval,
    guard: keys.guard,
    adopt: keys.import,
    with: keys.with,
  }),
);

const tagKeys = z.strictObject({
  create: z.enum([...ACCESS_LEVELS, "bot"]).meta({
    description: "Who may create such tags: a role and every higher one, no one, or bot: nobody but the bot (Premium).",
  }),
  allowed_to_create: listed.meta({
    description: "Who may create such tags by name, beside the level: bot, users, groups (Premium).",
  }),
  guard: z.boolean().default(true).meta({ description: "Keep the tags closed while the provider replaces the rule." }),
  with: z.array(z.string()).default([]).meta({ description: "Pushers above whose bots come in wherever bot does." }),
});

const tag = tagKeys.transform(
  ({ allowed_to_create: allowedToCreate, ...kept }): Required<CiPusherTag> => ({ ...kept, allowedToCreate }),
);

/** Rules by the values of their names; without those whose name is none, which {@link keyProblems} tells of. */
const byPattern = <Rule>(rules: Readonly<Record<string, Rule>>, patternOf: (name: string) => BranchPattern | Problem) =>
  new Map(
    Object.entries(rules).flatMap(([key, rule]): [BranchPattern, Rule][] => {
      const pattern = patternOf(withoutMark(key));
      return pattern instanceof BranchPattern ? [[pattern, rule]] : [];
    }),
  );

const unprotectedBranches = z.boolean().default(false).meta({
  description: "The bot pushes to branches that no rule matches, so that rules may all refuse it.",
});

const was = text(idProblem).optional();

const tokenDefaults = tokenKeys.omit({ expires: true, allow_interruption: true }).meta({
  description: "Role and name of tokens. Dates stand at each pusher, so that one is rotated without another.",
});

const defaults = z
  .strictObject({
    token: tokenDefaults.optional(),
    variable: variableKeys
      .omit({ import: true })
      .meta({ description: "Settings of variables, one by one." })
      .optional(),
    branches: z
      .record(z.string(), branchKeys.omit({ import: true, with: true }))
      .meta({ description: "Branch rules. A pusher's own rule for one of these branches stands in place of it." })
      .optional(),
    tags: z
      .record(z.string(), tagKeys.omit({ with: true }))
      .meta({ description: "Tag rules. A pusher's own rule for one of these tags stands in place of it." })
      .optional(),
    unprotected_branches: unprotectedBranches.optional(),
  })
  .meta({ description: "What every pusher of this file has that does not say otherwise." });

const pusher = z
  .strictObject({
    target: projectPath.meta({ description: "Full path of the project the push goes to." }),
    token,
    variable,
    branches: z
      .record(z.string(), branch)
      .default({})
      .meta({ description: "Branch rules of the target project, by branch or pattern." })
      .transform((rules) => byPattern(rules, BranchPattern.read)),
    tags: z
      .record(z.string(), tag)
      .default({})
      .meta({
        description: "Tag rules of the target project, by tag or pattern; those that exist already are taken over.",
      })
      .transform((rules) => byPattern(rules, BranchPattern.readTag)),
    unprotected_branches: unprotectedBranches,
    was: was.meta({
      description:
        "The id it was first deployed under, when it has been renamed since. It stays: its tokens bear that id.",
    }),
  })
  .transform(({ unprotected_branches, variable, ...kept }) => ({
    ...kept,
    unprotectedBranches: unprotected_branches,
    variable: { ...variable, in: variable.in ?? [{ project: kept.target }] },
  }));

const IGNORED = ["branch", "tag", "token", "deploy_key", "job_token"] as const;
const HOMES = ["project", "group"] as const;

/** GitLab's own name of something, or its number. */
const nameOrNumber = z.union([z.string().min(1).max(255), number]);

const ignored = z
  .strictObject({
    project: projectPath.meta({ description: "Full path of the target project that has it." }).optional(),
    group: groupPath.meta({ description: "Full path of the group that has the token." }).optional(),
    branch: z.string().min(1).max(255).meta({ description: "Pattern of a branch rule, as GitLab has it." }).optional(),
    tag: z.string().min(1).max(255).meta({ description: "Pattern of a tag rule, as GitLab has it." }).optional(),
    token: nameOrNumber.meta({ description: "Name of an access token, or its number." }).optional(),
    deploy_key: nameOrNumber.meta({ description: "Title of a deploy key, or its number." }).optional(),
    job_token: z.literal(true).meta({ description: "That jobs may push with their own token." }).optional(),
    reason: text((value) =>
      value.trim() === "" ? { got: "no reason", allowed: "a few words", fix: "write why it may stay" } : undefined,
    ).meta({ pattern: "\\S", description: "Why it may stay, for those who review it." }),
  })
  .superRefine((value, context) => {
    const problem = ignoredProblem(Object.keys(value));
    // An unknown key is told of already.
    if (problem !== undefined && context.issues.length === 0) context.addIssue(issueOf(problem));
  })
  .meta({ minProperties: 3, maxProperties: 3 });

/** Something in GitLab that nobody declares, and that may stay. */
export type Ignored = z.output<typeof ignored>;

/** Problem of an entry that is not one thing in one place. */
function ignoredProblem(keys: readonly string[]): Problem | undefined {
  const [homes, things] = [HOMES, IGNORED].map((all) => all.filter((key) => keys.includes(key))) as [
    string[],
    string[],
  ];
  if (homes.length === 1 && things.length === 1 && (homes[0] === "project" || things[0] === "token")) return undefined;
  return {
    got: [...homes, ...things].join(" and ") || "neither a place nor a thing",
    allowed: `project with one of ${IGNORED.join(", ")}; or group with token`,
    fix: "write an entry for each, `- { project: xlink/app, branch: hotfix/*, reason: … }`",
  };
}

/** One inventory file: one stack. */
export const pushersFile = z
  .strictObject({
    edition: z.enum(["free", "premium"]).default("free").meta({ description: "Which GitLab features may be used." }),
    package: z.enum(["ce", "ee"]).default("ee").meta({
      description:
        "What is installed: Community Edition, or Enterprise Edition, with a licence or without. Provider 19 has to know.",
    }),
    token_lifetime_limit: z
      .int()
      .min(1)
      .max(EXTENDED_LIFETIME_LIMIT)
      .default(DEFAULT_LIFETIME_LIMIT)
      .meta({ description: "Longest life of a token in days: 365, or 400 where the instance allows it." }),
    deletion_protection: z
      .boolean()
      .default(true)
      .meta({ description: "Rules of branches and tags outlive their pushers, and `cdktf destroy` is refused." }),
    was: was.meta({
      description:
        "The file's name, without .yaml, when it was first deployed. It stays: the state is kept under that name.",
    }),
    defaults: defaults.optional(),
    ignore: z.array(ignored).default([]).meta({
      description:
        "What nobody declares in the target projects and may stay, each with a reason: drift does not tell of it.",
    }),
    pushers: z.record(z.string(), pusher).meta({
      propertyNames: { pattern: ID.source },
      description: "The pushers by id. The id is part of the Terraform address: changing it replaces the token.",
    }),
  })
  .meta({ title: "Pushers of one stack", description: "Inventory of gitlab-ci-pusher." });

export type PushersFile = z.output<typeof pushersFile>;
/** An entry of the inventory, as {@link CiPusher} takes it, with all that was left out. */
export type Pusher = z.output<typeof pusher>;

/**
 * Problems with the keys people choose themselves: ids of pushers, branches and tags. Apart from the schema, which would check nothing
 * below a key it refuses.
 */
export function keyProblems(value: unknown): Misfit[] {
  return [
    ...nameProblems(["defaults"], entry(value, "defaults")),
    ...entries(entry(value, "pushers")).flatMap(([id, pusher]) => [
      ...found(["pushers", id], idProblem(id)),
      ...nameProblems(["pushers", id], pusher),
    ]),
  ];
}

const nameProblems = (path: string[], pusher: unknown): Misfit[] => [
  ...entries(entry(pusher, "branches")).flatMap(([branch]) =>
    found([...path, "branches", branch], BranchPattern.problem(branch)),
  ),
  ...entries(entry(pusher, "tags")).flatMap(([tag]) => found([...path, "tags", tag], BranchPattern.tagProblem(tag))),
];

const found = (path: string[], problem: Problem | undefined): Misfit[] => (problem ? [{ path, problem }] : []);

const entry = (value: unknown, key: string): unknown => (value as Record<string, unknown> | null | undefined)?.[key];

const entries = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

/** Ids and stack names stand in Terraform addresses, so only what is taken over unchanged there is allowed. */
export function idProblem(id: string): Problem | undefined {
  const written = writtenTextProblem(id);
  if (written) return written;
  if (id === INHERITED) {
    return {
      got: `the id ${JSON.stringify(id)}`,
      allowed: "an id that JavaScript's objects do not have of their own",
      fix: `write ${id}s, or another word`,
    };
  }
  if (ID.test(id)) return undefined;
  const fixed = id
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^[^a-z]+/, "");
  return {
    got: `the id ${quoted(id)}`,
    allowed: "a lower-case letter, then up to 62 of a-z, 0-9 and -, because the id is part of the Terraform address",
    fix: `write ${fixed.slice(0, 63) || "gitops"}`,
  };
}
