import { describe } from "../../gitlab/problem";
import type { Effect } from "./effects/effect";

/** An effect that no deploy can have. */
export const failure = ({ stack, pusher, what, danger }: Effect): string =>
  `${pusher === null ? stack : `${stack}/${pusher}`}: ${what}: ${danger}`;

/** Why what is planned must not be deployed; undefined: nothing is known that would make it fail. */
export function failing(fails: readonly string[]): string | undefined {
  if (fails.length === 0) return undefined;
  return describe({
    got: `${fails.length === 1 ? "something" : `${fails.length} things`} to create that GitLab has already, on which the deploy would fail half-way (${fails.join("; ")})`,
    allowed: "what GitLab does not have, or what is adopted",
    fix: "as told of each",
  });
}
