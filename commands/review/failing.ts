import type { Problem } from "../../gitlab/problem";
import type { Effect } from "./effects/effect";

/** An effect that no deploy can have. */
export const failure = ({ stack, pusher, what, danger }: Effect): string =>
  `${pusher === null ? stack : `${stack}/${pusher}`}: ${what}: ${danger}`;

/** The reason why what is planned must not be deployed; undefined: nothing is known that would make it fail. */
export function failing({
  fails,
  foreign,
}: {
  fails: readonly string[];
  foreign: readonly string[];
}): Problem | undefined {
  if (foreign.length > 0) {
    return {
      got: `what this tool does not review (${foreign.join(", ")})`,
      allowed: "tokens, variables, rules of branches and tags, and what protects them from deletion",
      fix: "read the plan of `npx cdktf deploy`, and answer it",
    };
  }
  if (fails.length === 0) return undefined;
  return {
    got: `${fails.length === 1 ? "something" : `${fails.length} things`} to create that GitLab has already, on which the deploy would fail half-way (${fails.join("; ")})`,
    allowed: "what GitLab does not have, or what is adopted",
    fix: "as told of each",
  };
}
