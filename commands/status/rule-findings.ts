import { ruleText } from "../../gitlab/protected-branch";
import type { Finding } from "./finding";
import { ruleProblems } from "./rule-problems";
import type { RuleStatus } from "./rule-verdict";

/** Findings about a branch rule, as far as GitLab shows it. */
export function ruleFindings({ rule, verdict }: RuleStatus): Finding[] {
  if (!verdict) return [];
  const words = {
    name: rule.branch,
    guard: rule.guard,
    text: ruleText,
    unprotected: "every Developer may push, and jobs of the branch get no protected variable",
    settings: "Settings > Repository > Protected branches",
  };
  return ruleProblems(verdict, words).map(([code, problem]) => ({
    code,
    subject: `rule ${rule.branch} of ${rule.project}`,
    location: rule.locate(),
    problem,
  }));
}
