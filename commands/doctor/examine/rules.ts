import { levelOf } from "../../../gitlab/access-level";
import {
  codeOwnerRule,
  isClosed,
  isProtected,
  isWildcard,
  letsPush,
  mayForcePush,
  namesPeople,
  openings,
  type ProtectedBranch,
  type PushDecision,
  pushDecision,
  type RuleSubject,
  ruleText,
} from "../../../gitlab/protected-branch";
import { DEVELOPER, roleName } from "../../../gitlab/role";
import type { CauseId } from "../cause";
import type { Facts } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";

/** Finds the rules that match the branch, the one that decides, and whether it lets the pusher in. */
export function examineRules(facts: Facts): Link[] {
  const { rules, walk, target } = facts;
  if (!target.seen) return [];
  if (!rules.seen) return [unknown("rules", `the branch rules of ${walk.target} are not shown to this token`)];
  return [
    ...push(facts, rules.value),
    ...force(facts, rules.value),
    ...openings(rules.value, walk.branch).map(({ opener, closed, opens }) =>
      wrong("rules", "wildcard-opens", `${ruleText(opener)} opens beside ${ruleText(closed)}: ${opens.join(", ")}`),
    ),
    ...codeOwners(rules.value, walk.branch),
  ];
}

function push(facts: Facts, rules: readonly ProtectedBranch[]): Link[] {
  const { walk } = facts;
  const who = subject(facts);
  const decision = pushDecision(rules, walk.branch, who);
  const { outcome, matching, opener } = decision;
  const all = matching.map(ruleText).join(", ");
  if (outcome === "unprotected") return [ok("rules", `no rule matches ${walk.branch}: every Developer may push`)];
  if (outcome === "unknown") return [unknown("rules", `${all}: whether they let the pusher in depends on who it is`)];
  if (outcome === "refused") return [wrong("rules", refusedBy(decision), `${all}${pusherText(who)}`)];
  const group = matching.find((rule) => rule.inherited && letsPush(rule, who) === "no");
  if (group && opener && !opener.inherited) {
    return [
      unknown(
        "rules",
        `${ruleText(opener)} lets the pusher in, ${ruleText(group)} does not: GitLab's documentation gives the group's rule precedence, its code the most permissive one`,
      ),
    ];
  }
  const others = matching.length - 1;
  return [
    ok(
      "rules",
      `${ruleText(opener as ProtectedBranch)} lets the pusher in${others > 0 ? ` (${others} more match)` : ""}`,
    ),
  ];
}

/** The rule named like the branch is the one people look at; without it, a wildcard came unexpected. */
function refusedBy({ matching: [first, ...others] }: PushDecision): CauseId {
  const exact = first as ProtectedBranch;
  if ([exact, ...others].every(({ inherited }) => inherited)) return "rule-inherited";
  if (isWildcard(exact)) return "wildcard-closes";
  if (isClosed(exact)) return "rule-no-one";
  return namesPeople(exact) ? "rule-bot-not-listed" : "rule-level-above-role";
}

/** The token's user; before it is known, or as long as it has no role to push with, what the inventory declares; for a job token, whoever starts the job. */
function subject({ token, walk, pipeline }: Facts): RuleSubject {
  if (pipeline?.best && pipeline.best.toTarget !== false && pipeline.best.push.credential.kind === "job-token")
    return {};
  if (typeof token.level === "number" && token.level >= DEVELOPER && token.userId !== undefined)
    return { userId: token.userId, level: token.level };
  if (token.identity?.kind === "token" || !walk.declared) return {};
  return { level: levelOf(walk.declared.role) };
}

const pusherText = ({ userId, level }: RuleSubject): string =>
  level === undefined ? "" : `; the pusher is ${roleName(level)}${userId === undefined ? "" : ` (user ${userId})`}`;

function force({ walk, pipeline }: Facts, rules: readonly ProtectedBranch[]): Link[] {
  const best = pipeline?.best;
  if (!best || best.toTarget === false || best.toBranch === false) return [];
  if (best.push.deletes && isProtected(rules, walk.branch)) {
    return [wrong("branch", "branch-deletion", `job ${best.job.name} deletes ${walk.branch}, which is protected`)];
  }
  if (!best.push.force || mayForcePush(rules, walk.branch)) return [];
  return [
    wrong("rules", "rule-force-push", `job ${best.job.name} pushes with force; no rule of ${walk.branch} allows it`),
  ];
}

function codeOwners(rules: readonly ProtectedBranch[], branch: string): Link[] {
  const rule = codeOwnerRule(rules, branch);
  return rule
    ? [
        unknown(
          "rules",
          `${ruleText(rule)} asks for code owners: changes to files that CODEOWNERS names are refused (rule-code-owner)`,
        ),
      ]
    : [];
}
