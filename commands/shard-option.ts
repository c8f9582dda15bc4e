import { InvalidArgumentError } from "commander";
import { describe } from "../gitlab/problem";
import type { Shard } from "./stacks/shard";

/** The option's words about itself. */
export const SHARD_MEANS =
  "only this share of the stacks, for parallel jobs: always the same stacks for the same number";

/** `--shard 2/4`. */
export function shard(text: string): Shard {
  const [, index, total] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (Number(index) <= Number(total)) return { index: Number(index), total: Number(total) };
  throw new InvalidArgumentError(
    describe({
      got: JSON.stringify(text),
      allowed: "1/4 to 4/4 for four jobs",
      fix: `--shard "$CI_NODE_INDEX/$CI_NODE_TOTAL" in a job with parallel`,
    }),
  );
}
