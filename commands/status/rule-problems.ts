import type { Problem } from "../../gitlab/problem";
import type { FindingCode } from "./finding";
import type { Opened, RuleVerdict } from "./rule-state";

interface AnyRule {
  readonly name: string;
  readonly inherited?: boolean;
}

/** The words that a problem of a rule is told with. */
export interface RuleWords<Rule> {
  /** The rule's name in the inventory. */
  readonly name: string;
  /** Of the rule that keeps it closed while it is replaced. */
  readonly guard?: string;
  /** A rule of GitLab's in a few words. */
  readonly text: (rule: Rule) => string;
  /** The consequence where no rule matches. */
  readonly unprotected: string;
  /** The page of GitLab that has such rules. */
  readonly settings: string;
}

/** Problems of a rule for branches or tags, as far as GitLab shows it. */
export function ruleProblems<Rule extends AnyRule>(
  verdict: RuleVerdict<Rule>,
  words: RuleWords<Rule>,
): [FindingCode, Problem][] {
  const { state, found, opened, closes } = verdict;
  const wider = opened.map((each): [FindingCode, Problem] => ["rule-wider", widerProblem(each, words)]);
  if (!found) return [...wider, ["rule-missing", missingProblem(verdict, words)]];
  if (closes.length > 0) {
    const problem = { got: words.text(found), allowed: `${closes.join(", ")}, as declared`, fix: "deploy" };
    return [...wider, ["rule-narrower", problem]];
  }
  if (state !== "no guard") return wider;
  const problem = {
    got: `no rule ${JSON.stringify(words.guard)} that lets nobody in`,
    allowed: `that guard beside ${words.name}, which keeps it closed while its rule is replaced`,
    fix: "deploy",
  };
  return [["rule-unguarded", problem]];
}

const missingProblem = <Rule>({ isProtected }: RuleVerdict<Rule>, { unprotected }: RuleWords<Rule>): Problem => ({
  got: isProtected ? "no such rule" : `no rule that matches: ${unprotected}`,
  allowed: "the one of the inventory",
  fix: "deploy",
});

function widerProblem<Rule extends AnyRule>(
  { rule, opens, isOwn }: Opened<Rule>,
  { text, settings }: RuleWords<Rule>,
): Problem {
  const got = `${text(rule)}, which opens ${opens.join(", ")}`;
  if (isOwn) return { got, allowed: "what the inventory declares", fix: "deploy, and find out who changed it" };
  return {
    got,
    allowed: "no other rule that opens what this one closes: of all that match the most permissive decides",
    fix: rule.inherited
      ? "change it in the group, or declare what it allows"
      : `remove it (${settings}), or declare what it allows`,
  };
}
