import { readFileSync } from "node:fs";
import * as path from "node:path";

const README = path.join(__dirname, "..", "README.md");

/**
 * The inventory file that README.md shows, as text: what the demo and the tests of the example run on. pushers/ is not, as it is the
 * operator's: in an ops repository it holds other files, or none yet.
 * @throws Error when README.md shows none
 */
export function exampleInventory(): string {
  const [, example] = /```yaml\n(edition: [\s\S]*?)```/.exec(readFileSync(README, "utf8")) ?? [];
  if (example !== undefined) return example;
  throw new Error(
    `got no inventory in ${README}; allowed: a block of YAML that begins with "edition:"; fix: restore it`,
  );
}
