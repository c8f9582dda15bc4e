import { formOf, listOf, maybe, optional, text, whole, yesOrNo } from "./answer-form";
import { BranchPattern } from "./branch-pattern";
import { commonBranch } from "./common-branch";
import { DEVELOPER, INSTANCE_ADMIN, MAINTAINER, roleName } from "./role";
import { wildcardCovers } from "./wildcard";

/** One "who" of a rule: a role and every higher one, or one user, group or deploy key (Premium). */
export interface AccessEntry {
  /** 0 no one, 30, 40, 60 instance admins. Entries of users and groups carry one too, which decides nothing. */
  readonly access_level: number | null;
  readonly access_level_description?: string;
  readonly user_id?: number | null;
  readonly group_id?: number | null;
  readonly deploy_key_id?: number | null;
}

export const ACCESS_ENTRY = formOf<AccessEntry>({
  access_level: maybe(whole),
  access_level_description: optional(text),
  user_id: maybe(whole),
  group_id: maybe(whole),
  deploy_key_id: maybe(whole),
});

/** A protected-branch rule as `GET /projects/:id/protected_branches` lists it. */
export interface ProtectedBranch {
  /** A branch, or a pattern with `*`. */
  readonly name: string;
  readonly push_access_levels: readonly AccessEntry[];
  readonly merge_access_levels: readonly AccessEntry[];
  /** Premium. */
  readonly unprotect_access_levels?: readonly AccessEntry[];
  readonly allow_force_push: boolean;
  /** Premium. */
  readonly code_owner_approval_required?: boolean;
  /** Premium: the rule is the top-level group's and cannot be changed in the project. */
  readonly inherited?: boolean;
}

export const PROTECTED_BRANCH = formOf<ProtectedBranch>({
  name: text,
  push_access_levels: listOf(ACCESS_ENTRY),
  merge_access_levels: listOf(ACCESS_ENTRY),
  unprotect_access_levels: optional(listOf(ACCESS_ENTRY)),
  allow_force_push: yesOrNo,
  code_owner_approval_required: optional(yesOrNo),
  inherited: optional(yesOrNo),
});

/** The one who pushes, as far as it is known. */
export interface RuleSubject {
  readonly userId?: number;
  /** Role in the project by membership, 0 to 50. Being an administrator adds nothing here. */
  readonly level?: number;
}

export type Answer = "yes" | "no" | "unknown";

/** The answer of a project's rules to a push. */
export interface PushDecision {
  /** `unprotected`: no rule matches, and every Developer may push. */
  readonly outcome: "unprotected" | "allowed" | "refused" | "unknown";
  readonly matching: readonly ProtectedBranch[];
  /** A rule that lets the pusher in. */
  readonly opener?: ProtectedBranch;
}

/** The rules that apply to a branch, exact ones first. */
export function matchingRules(rules: readonly ProtectedBranch[], branch: string): ProtectedBranch[] {
  return rules
    .filter(({ name }) => wildcardCovers(name, branch))
    .sort((a, b) => Number(isWildcard(a)) - Number(isWildcard(b)));
}

/**
 * Tells whether the rules let a push through: the most permissive answer of all that match, so an exact name overrides no wildcard.
 * @see https://docs.gitlab.com/user/project/repository/branches/protected/
 */
export function pushDecision(rules: readonly ProtectedBranch[], branch: string, who: RuleSubject): PushDecision {
  const matching = matchingRules(rules, branch);
  if (matching.length === 0) return { outcome: "unprotected", matching };
  const answers = matching.map((rule) => letsPush(rule, who));
  const opener = matching[answers.indexOf("yes")];
  if (opener) return { outcome: "allowed", matching, opener };
  return { outcome: answers.includes("unknown") ? "unknown" : "refused", matching };
}

/** Tells whether one rule alone lets somebody push. */
export function letsPush(
  { push_access_levels: entries }: Pick<ProtectedBranch, "push_access_levels">,
  who: RuleSubject,
): Answer {
  const answers = entries.map((entry) => admits(entry, who));
  if (answers.includes("yes")) return "yes";
  return answers.includes("unknown") ? "unknown" : "no";
}

function admits(entry: AccessEntry, { userId, level }: RuleSubject): Answer {
  // A deploy key pushes over SSH, not with a token.
  if (entry.deploy_key_id) return "no";
  if (entry.user_id) return userId === undefined ? "unknown" : userId === entry.user_id ? "yes" : "no";
  if (entry.group_id) return "unknown";
  if (entry.access_level === null || entry.access_level === 0) return "no";
  if (level !== undefined) return level >= entry.access_level ? "yes" : "no";
  return entry.access_level > 50 ? "no" : "unknown";
}

/** Any matching rule that allows it is enough; an unprotected branch may be rewritten by whoever may push. */
export function mayForcePush(rules: readonly ProtectedBranch[], branch: string): boolean {
  const matching = matchingRules(rules, branch);
  return matching.length === 0 || matching.some(({ allow_force_push }) => allow_force_push);
}

/** The most restrictive wins here: one matching rule that asks for code owners is enough. */
export const codeOwnerRule = (rules: readonly ProtectedBranch[], branch: string): ProtectedBranch | undefined =>
  matchingRules(rules, branch).find(({ code_owner_approval_required }) => code_owner_approval_required);

/** Tells whether a ref counts as protected: protected variables and runners serve it. */
export const isProtected = (rules: readonly ProtectedBranch[], branch: string): boolean =>
  matchingRules(rules, branch).length > 0;

/** A rule that lets happen what another one forbids on a branch that both match. */
export interface Opening {
  readonly opener: ProtectedBranch;
  readonly closed: ProtectedBranch;
  /** A branch that both match. */
  readonly branch: string;
  /** In words, such as `push (Developers + Maintainers instead of No one)`. */
  readonly opens: readonly string[];
}

/**
 * Every rule that opens what another one closes. A rule for a part of the branches of a wider one is there to open them; and a guard is no
 * rule of its own: it is closed so that its rule decides.
 * @param branch looks at the rules that match it only
 */
export function openings(rules: readonly ProtectedBranch[], branch?: string): Opening[] {
  const guards = guardsOf(rules);
  const looked = branch === undefined ? rules : matchingRules(rules, branch);
  return looked
    .filter((closed) => !guards.has(closed))
    .flatMap((closed) =>
      looked.flatMap((opener) => {
        if (opener === closed || isPartOf(opener, closed)) return [];
        const common = commonBranch(opener.name, closed.name);
        if (common === undefined) return [];
        return [{ opener, closed, branch: branch ?? common, opens: opensBeyond(opener, closed) }];
      }),
    )
    .filter(({ opens }) => opens.length > 0);
}

/** Tells whether a rule matches some of the branches that another one matches, and no others. */
const isPartOf = ({ name }: ProtectedBranch, whole: ProtectedBranch): boolean =>
  wildcardCovers(whole.name, name) && !wildcardCovers(name, whole.name);

/** Tells whether a rule opens every branch of the one that it opens, which a synth refuses. */
export const isWhole = ({ opener, closed }: Opening): boolean => wildcardCovers(opener.name, closed.name);

/** `"rel*" (push: …) beside "release/*" (push: …)`, with a branch that both match where neither is one. */
export const openingText = ({ opener, closed, branch, opens }: Opening): string =>
  `${ruleText(opener)} beside ${ruleText(closed)}${[opener, closed].every(isWildcard) ? `, such as on ${branch}` : ""}: ${opens.join(", ")}`;

/** The rules that only keep a branch shut while its own rule is replaced: nobody may do anything by them, and their names are companions. */
export function guardsOf(rules: readonly ProtectedBranch[]): ReadonlySet<ProtectedBranch> {
  const companions = new Set(rules.flatMap(({ name }) => companionOf(name)));
  return new Set(rules.filter((rule) => companions.has(rule.name) && isShut(rule)));
}

function companionOf(name: string): string[] {
  const pattern = BranchPattern.read(name);
  return pattern instanceof BranchPattern ? [pattern.companion()] : [];
}

/** Lists what one rule lets happen that another one alone does not, in words, such as `merge (Maintainers instead of No one)`. */
export function opensBeyond(wide: ProtectedBranch, narrow: ProtectedBranch): string[] {
  const actions = [
    ["push", wide.push_access_levels, narrow.push_access_levels],
    ["merge", wide.merge_access_levels, narrow.merge_access_levels],
  ] as const;
  const opened = actions.flatMap(([action, from, than]) => opensMore(action, from, than));
  return wide.allow_force_push && !narrow.allow_force_push ? [...opened, "force push"] : opened;
}

/** `create (Developers + Maintainers instead of Maintainers)` where a list lets somebody in whom another keeps out; else nothing. */
export function opensMore(action: string, from: readonly AccessEntry[], than: readonly AccessEntry[]): string[] {
  if (lowestRole(from) >= lowestRole(than) && !strangers(from, than)) return [];
  return [`${action} (${entriesText(from)} instead of ${entriesText(than)})`];
}

const lowestRole = (entries: readonly AccessEntry[]): number =>
  Math.min(...entries.filter(isRole).map(({ access_level }) => access_level || Number.POSITIVE_INFINITY));

/** Tells whether a list names users or groups that another list does not. */
function strangers(from: readonly AccessEntry[], than: readonly AccessEntry[]): boolean {
  const known = new Set(than.map(nameOf));
  return from.some((entry) => !isRole(entry) && !known.has(nameOf(entry)));
}

const nameOf = ({ user_id, group_id, deploy_key_id }: AccessEntry): string =>
  `${user_id ?? ""}/${group_id ?? ""}/${deploy_key_id ?? ""}`;

/** Tells whether an entry is a role, and no user, group or deploy key. */
export const isRole = ({ user_id, group_id, deploy_key_id }: AccessEntry): boolean =>
  !user_id && !group_id && !deploy_key_id;

export const isWildcard = ({ name }: ProtectedBranch): boolean => name.includes("*");

/** Tells whether nobody gets in by role, user or group: the rule only closes. */
export const isClosed = ({ push_access_levels: entries }: ProtectedBranch): boolean =>
  entries.every((entry) => isRole(entry) && !entry.access_level);

/** Tells whether nobody may do anything by this rule. */
const isShut = (rule: ProtectedBranch): boolean =>
  isClosed(rule) && !rule.allow_force_push && lowestRole(rule.merge_access_levels) === Number.POSITIVE_INFINITY;

/** Those who may take a rule away: Maintainers where nobody is set, as on Free and in the rule that a new project gets. */
export const unprotecters = ({ unprotect_access_levels: entries = [] }: ProtectedBranch): readonly AccessEntry[] =>
  entries.length > 0 ? entries : [{ access_level: MAINTAINER }];

/** Tells whether a rule names users or groups, which needs Premium. */
export const namesPeople = ({ push_access_levels: entries }: ProtectedBranch): boolean =>
  entries.some((entry) => entry.user_id || entry.group_id);

/** `"release/*" (push: Maintainers)`, with where it comes from when it is the group's. */
export const ruleText = (rule: ProtectedBranch): string =>
  `${JSON.stringify(rule.name)} (push: ${entriesText(rule.push_access_levels)}${rule.inherited ? ", inherited from the group" : ""})`;

/** `Maintainers, user 7`; `No one` of an empty list. */
export function entriesText(entries: readonly AccessEntry[]): string {
  return entries.map(entryText).join(", ") || "No one";
}

const LEVEL_TEXTS: Readonly<Record<number, string>> = {
  0: "No one",
  [DEVELOPER]: "Developers + Maintainers",
  [MAINTAINER]: "Maintainers",
  [INSTANCE_ADMIN]: "Instance admins",
};

function entryText(entry: AccessEntry): string {
  if (entry.user_id) return `user ${entry.user_id}`;
  if (entry.group_id) return `group ${entry.group_id}`;
  if (entry.deploy_key_id) return `deploy key ${entry.deploy_key_id}`;
  const level = entry.access_level ?? 0;
  return LEVEL_TEXTS[level] ?? entry.access_level_description ?? roleName(level);
}
