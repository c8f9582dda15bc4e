import { inDays } from "../duration";
import type { Finding } from "./finding";
import type { OperatorStatus } from "./report";

/** Tells whether the token the command runs with dies in fewer than `failUnder` days. */
export function operatorFinding(operator: OperatorStatus | undefined, failUnder = 0): Finding[] {
  const { daysLeft, expires } = operator ?? {};
  if (!operator || daysLeft === undefined || daysLeft >= failUnder) return [];
  const problem = {
    got: `${inDays(daysLeft)} left, until ${expires?.text}`,
    allowed: `at least ${failUnder}`,
    fix: "make another one for the same user and put it where this one comes from, such as the CI/CD variable; then revoke this one",
  };
  return [{ code: "operator-token-expires-soon", subject: operatorName(operator), problem }];
}

/** `GITLAB_TOKEN (deploy)` */
export const operatorName = ({ token }: OperatorStatus): string => `GITLAB_TOKEN (${token.name})`;
