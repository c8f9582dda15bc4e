import type { Named } from "../gitlab/named";
import type { Problem } from "../gitlab/problem";
import { groupPathProblem, samePath } from "../gitlab/project-path";
import { usernameProblem } from "../gitlab/username";
import { type Listed, nameOf } from "./listed";
import { PushToken } from "./push-token";
import type { Stack } from "./stack";

/**
 * Says why GitLab would not take a rule's list of those it lets in by name, or undefined when it would.
 * @param right what they may do: push, merge, unprotect, create
 */
export function listProblem(
  stack: Stack,
  project: string,
  right: string,
  list: readonly Listed[],
): Problem | undefined {
  if (list.length === 0) return undefined;
  const others = list.filter((listed): listed is Named => !(listed instanceof PushToken));
  if (stack.edition === "free") {
    return {
      got: `${list.map(nameOf).join(", ")} listed to ${right}`,
      where: "on the free edition",
      allowed: "levels alone",
      fix: `write ${right}: developer or ${right}: maintainer, or set the edition to premium if you have it. GitLab lists people in a rule on Premium only`,
    };
  }
  const foreign = list.find(
    (listed): listed is PushToken => listed instanceof PushToken && samePath(listed.project) !== samePath(project),
  );
  if (foreign)
    return {
      got: `the bot of ${foreign.node.path}, a member of ${foreign.project}`,
      allowed: `bots of ${project}`,
      fix: `declare the token in ${project}`,
    };
  const names = list.map(nameOf);
  const again = names.find((name, at) => names.indexOf(name) < at);
  if (again) return { got: `${again} twice, listed to ${right}`, allowed: "everybody once", fix: "take one out" };
  const key = others.find((listed) => "deployKey" in listed);
  if (key && right !== "push")
    return {
      got: `${nameOf(key)} listed to ${right}`,
      allowed: `users and groups, because ${right === "create" ? "provider 18.8 knows no deploy keys of tags, and with later ones none was tried" : "a deploy key only pushes"}`,
      fix: "take it out",
    };
  return others.map(nameProblem).find((problem) => problem !== undefined);
}

function nameProblem(named: Named): Problem | undefined {
  const [value] = Object.values(named) as [string | number];
  if (typeof value === "string") return "user" in named ? usernameProblem(value) : groupPathProblem(value);
  if (Number.isSafeInteger(value) && value > 0) return undefined;
  return { got: nameOf(named), allowed: "a number as GitLab has it, from 1", fix: "copy it from GitLab" };
}
