import { describe, type Problem } from "../../gitlab/problem";
import type { Finding, FindingCode } from "./finding";
import type { VariableStatus } from "./report";
import type { VariableVerdict } from "./variable-verdict";

/** What is wrong with a variable, as far as GitLab shows it. */
export function variableFindings(status: VariableStatus): Finding[] {
  const { variable, verdict } = status;
  if (!verdict) return [];
  return problems(status, verdict).map(([code, problem]) => ({
    code,
    subject: variableName(status),
    location: variable.locate(),
    message: describe(problem),
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
  const found: [FindingCode, Problem][] = [];
  if (verdict.state === "differs") {
    const { differences } = verdict;
    found.push([
      "variable-differs",
      {
        got: differences.map(({ what, got }) => `${what}: ${got}`).join(", "),
        allowed: differences.map(({ what, declared }) => `${what}: ${declared}`).join(", "),
        fix: "deploy, and find out who changed it",
      },
    ]);
  }
  if (!["its slot", "not known"].includes(verdict.carries)) {
    const allowed = `the living token of ${variable.carries}`;
    found.push([
      "variable-carries-another-token",
      { got: verdict.carries, allowed, fix: "deploy; if that changes nothing, somebody wrote the variable by hand" },
    ]);
  }
  return found;
}
