import type { Problem } from "../gitlab/problem";
import type { GoneStack } from "./gone-stacks";

/** The things that the state of a stack that is gone still has, in words: `2 tokens, 1 variable and 4 rules`. */
export function leftBehind({ deployed, unread }: GoneStack): string {
  if (!deployed) return `what cannot be told (${unread})`;
  const count = (type: RegExp) => [...deployed.addresses].filter((address) => type.test(address)).length;
  const parts = KINDS.flatMap(([word, type]) => {
    const found = count(type);
    return found > 0 ? [`${found} ${word}${found === 1 ? "" : "s"}`] : [];
  });
  const last = parts.pop() ?? "resources of other kinds";
  return parts.length > 0 ? `${parts.join(", ")} and ${last}` : last;
}

const KINDS: readonly (readonly [string, RegExp])[] = [
  ["token", /^gitlab_project_access_token\./],
  ["variable", /^gitlab_(project|group)_variable\./],
  ["rule", /^gitlab_branch_protection\./],
  ["tag rule", /^gitlab_tag_protection\./],
];

/** The problem of a stack that is gone, and the two ways out. */
export const goneProblem = (gone: GoneStack): Problem => ({
  got: `${leftBehind(gone)} in the state of ${gone.name}, whose file is gone`,
  allowed: "a file for each state that has something, because its tokens live on and nobody rotates or revokes them",
  fix: goneFix(gone.name),
});

export const goneFix = (name: string): string =>
  `put pushers/${name}.yaml back with \`pushers: {}\`, deploy it, and take it out then; or write was: ${name} at the top of the file that took its place; where all of it is gone from GitLab, remove that state (docs/state.md)`;
