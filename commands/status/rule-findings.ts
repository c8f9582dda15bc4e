import { describe, type Problem } from "../../gitlab/problem";
import { ruleText } from "../../gitlab/protected-branch";
import type { Finding, FindingCode } from "./finding";
import type { RuleStatus } from "./report";
import type { Opened, RuleVerdict } from "./rule-verdict";

/** What is wrong with a branch rule, as far as GitLab shows it. */
export function ruleFindings(status: RuleStatus): Finding[] {
  const { rule, verdict } = status;
  if (!verdict) return [];
  return problems(status, verdict).map(([code, problem]) => ({
    code,
    subject: `rule ${rule.branch} of ${rule.project}`,
    location: rule.locate(),
    message: describe(problem),
  }));
}

function problems({ rule }: RuleStatus, verdict: RuleVerdict): [FindingCode, Problem][] {
  const { state, found, opened, closes } = verdict;
  const wider = opened.map((each): [FindingCode, Problem] => ["rule-wider", widerProblem(each)]);
  if (!found) return [...wider, ["rule-missing", missingProblem(verdict)]];
  if (closes.length > 0) {
    const problem = { got: ruleText(found), allowed: `${closes.join(", ")}, as declared`, fix: "deploy" };
    return [...wider, ["rule-narrower", problem]];
  }
  if (state !== "no guard") return wider;
  const problem = {
    got: `no rule ${JSON.stringify(rule.guard)} that lets nobody in`,
    allowed: `that guard beside ${rule.branch}, which keeps it closed while its rule is replaced`,
    fix: "deploy",
  };
  return [["rule-unguarded", problem]];
}

const missingProblem = ({ isProtected }: RuleVerdict): Problem => ({
  got: isProtected
    ? "no such rule"
    : "no rule that matches: every Developer may push, and jobs of the branch get no protected variable",
  allowed: "the one of the inventory",
  fix: "deploy",
});

function widerProblem({ rule, opens, isOwn }: Opened): Problem {
  const got = `${ruleText(rule)}, which opens ${opens.join(", ")}`;
  if (isOwn) return { got, allowed: "what the inventory declares", fix: "deploy, and find out who changed it" };
  return {
    got,
    allowed: "no other rule that opens what this one closes: of all that match the most permissive decides",
    fix: rule.inherited
      ? "change it in the group, or declare what it allows"
      : "remove it (Settings > Repository > Protected branches), or declare what it allows",
  };
}
