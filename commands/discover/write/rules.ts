import type { BranchPicture, ProjectPicture } from "../../../estate/estate";
import { type Who, whoOf, whoText } from "../../../estate/who";
import { ACCESS_LEVELS, type AccessLevel, admits, type BotRole, levelOf } from "../../../gitlab/access-level";
import { BranchPattern } from "../../../gitlab/branch-pattern";
import { openings, type ProtectedBranch } from "../../../gitlab/protected-branch";
import { MAINTAINER } from "../../../gitlab/role";

/** A rule that the inventory says exactly as it stands. */
export interface TakenRule {
  readonly branch: string;
  readonly push: AccessLevel;
  readonly merge: AccessLevel;
  readonly forcePush: boolean;
  readonly codeOwners: boolean;
  /** The default branch's is taken over without `import`. */
  readonly import: boolean;
}

export interface RuleProposal {
  readonly taken: readonly TakenRule[];
  /** Rules that stay as they are, and that no deploy knows of. */
  readonly left: readonly { readonly branch: string; readonly today: string; readonly why: string }[];
  /** Whether no rule that is taken lets the bot in. */
  readonly closesAll: boolean;
  readonly premium: boolean;
}

const NOTHING: RuleProposal = { taken: [], left: [], closesAll: false, premium: false };

/** The rules of a target: those that an inventory can say exactly, so that a deploy changes nothing of them, and the others with why. */
export function rulesOf(
  project: ProjectPicture | undefined,
  role: BotRole,
  isDeclared: (branch: string) => boolean,
): RuleProposal {
  const { rules, branches, defaultBranch } = project ?? {};
  if (!rules || !branches) return NOTHING;
  const opening = new Set(openings(rules).map(({ wildcard }) => wildcard));
  const guards = new Set(branches.filter(({ guard }) => guard).map(({ name }) => name));
  const judged = rules
    .filter(({ name }) => !guards.has(name) && !isDeclared(name))
    .map((rule) => ({ rule, why: opening.has(rule) ? OPENS : reasonToLeave(rule, role) }));
  const taken = judged.filter(({ why }) => why === undefined).map(({ rule }) => takenRule(rule, defaultBranch ?? null));
  return {
    taken,
    left: judged.flatMap(({ rule, why }) =>
      why === undefined ? [] : [{ branch: rule.name, today: todayText(rule), why }],
    ),
    closesAll: taken.length > 0 && taken.every(({ push }) => !admits(push, role)),
    premium: rules.some((rule) => rule.code_owner_approval_required !== undefined),
  };
}

const OPENS =
  "it opens what a narrower rule closes, which a synth refuses: close it or narrow it by hand, then declare it";

function reasonToLeave(rule: ProtectedBranch, role: BotRole): string | undefined {
  if (rule.inherited) return "it is the group's";
  if (BranchPattern.problem(rule.name)) return "no inventory takes its name";
  const [push, merge] = [levelIn(rule.push_access_levels), levelIn(rule.merge_access_levels)];
  if (push === undefined || merge === undefined)
    return "it names people, groups, keys or bots, whom a plain level would shut out";
  const unprotect = rule.unprotect_access_levels && whoOf(rule.unprotect_access_levels);
  if (unprotect?.length && !isLevel(unprotect, MAINTAINER))
    return `others may unprotect it than a deploy would let: ${whoText(unprotect)}`;
  if (push === "maintainer" && !admits(push, role)) return `a ${role}'s bot is not let in`;
  return undefined;
}

/** The one level that a list says; undefined: it says more than that. */
function levelIn(entries: ProtectedBranch["push_access_levels"]): AccessLevel | undefined {
  const who = whoOf(entries);
  if (who.length === 0) return "no one";
  return ACCESS_LEVELS.find((level) => isLevel(who, levelOf(level)));
}

const isLevel = (who: readonly Who[], level: number): boolean =>
  who.length === 1 && who[0]!.kind === "role" && who[0]!.level === level;

const takenRule = (rule: ProtectedBranch, defaultBranch: BranchPicture["name"] | null): TakenRule => ({
  branch: rule.name,
  push: levelIn(rule.push_access_levels) as AccessLevel,
  merge: levelIn(rule.merge_access_levels) as AccessLevel,
  forcePush: rule.allow_force_push,
  codeOwners: rule.code_owner_approval_required === true,
  import: rule.name !== defaultBranch,
});

const todayText = (rule: ProtectedBranch): string =>
  `push: ${whoText(whoOf(rule.push_access_levels))}; merge: ${whoText(whoOf(rule.merge_access_levels))}${rule.allow_force_push ? "; force push" : ""}`;
