import type { Problem } from "../gitlab/problem";
import { samePath } from "../gitlab/project-path";
import type { Stack } from "./stack";

/**
 * Says why a rule may not be declared at an address where the state has that of another branch, tag or project: the address does not name
 * them, so the provider would delete the rule there and make one here.
 */
export function strayedRule(stack: Stack, address: string, project: string, name: string): Problem | undefined {
  const before = stack.deployed.rule(address);
  if (!stack.deletionProtection || !before) return undefined;
  if (samePath(before.project) === samePath(project) && before.branch === name) return undefined;
  const kind = before.isForTags ? "tag" : "branch";
  return {
    got: `${name} of ${project} where the state has ${before.branch} of ${before.project}`,
    allowed: `the same ${kind} and project, because a deploy would leave ${before.branch} of ${before.project} with no rule`,
    fix: "declare it under a new id and take this one out, or turn deletion protection off",
  };
}
