import { type Problem, quoted } from "../../gitlab/problem";
import type { Finding, FindingCode } from "./finding";
import type { VariableStatus, VariableVerdict } from "./variable-verdict";

/** Findings about a variable, as far as GitLab shows it. */
export function variableFindings(status: VariableStatus): Finding[] {
  const { variable, verdict } = status;
  if (!verdict) return [];
  return problems(status, verdict).map(([code, problem]) => ({
    code,
    subject: variableName(status),
    location: variable.locate(),
    problem,
  }));
}

/** `GITLAB_PUSHER_TOKEN of project xlink/shop` */
export const variableName = ({ variable: { key, environment, home } }: VariableStatus): string =>
  `${key}${environment === "*" ? "" : ` (${environment})`} of ${home.kind} ${home.path}`;

function problems({ variable }: VariableStatus, verdict: VariableVerdict): [FindingCode, Problem][] {
  if (verdict.state === "missing") {
    const problem = { got: "no such variable", allowed: "the one that carries the token", fix: "deploy" };
    return [["variable-missing", problem]];
  }
  if (verdict.state === "not ours" && verdict.foreign !== undefined) {
    return [["variable-not-ours", foreignProblem(variable, verdict, verdict.foreign)]];
  }
  const found: [FindingCode, Problem][] = [];
  const { differences } = verdict;
  if (differences.length > 0) {
    found.push([
      "variable-differs",
      {
        got: differences.map(({ what, got }) => `${what}: ${got}`).join(", "),
        allowed: differences.map(({ what, declared }) => `${what}: ${declared}`).join(", "),
        fix: "deploy, and find out who changed it",
      },
    ]);
  }
  if (!verdict.awaits && !["its slot", "not known"].includes(verdict.carries)) {
    const allowed = `the living token of ${variable.carries}`;
    found.push([
      "variable-carries-another-token",
      { got: verdict.carries, allowed, fix: "deploy; if that changes nothing, somebody wrote the variable by hand" },
    ]);
  }
  return found;
}

/** A variable of the same key and environment, which the next deploy would stumble over, or has been changed since the last one. */
function foreignProblem(
  { stack, pusher }: VariableStatus["variable"],
  { carries, managed }: VariableVerdict,
  description: string | null,
): Problem {
  const told = description ? `described as ${quoted(description)}` : "without a description";
  return {
    got: `somebody else's variable, ${told}${carries === "not known" ? "" : `, with ${carries} in it`}`,
    allowed: `the one of ${stack}/${pusher}`,
    fix: managed
      ? "deploy, and find out who changed it"
      : "write import: true at the variable for one deploy, which takes it over and replaces its value; or give the pusher another key",
  };
}
