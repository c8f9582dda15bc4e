import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { inventoryOf, ROOT, withOpsRepository } from "./ops-repository";
import { print } from "./print";
import { run } from "./run";
import { withSandbox } from "./sandbox";

const PUSHERS = 1_000;

/** `cdktf diff` of a fleet, against the same stack left as cdktf writes it: with `//` metadata on every resource. */
export async function diff(): Promise<void> {
  const cdktf = path.join(ROOT, "node_modules/cdktf-cli/bundle/bin/cdktf");
  print(`\ndiff: cdktf diff of ${PUSHERS} pushers (4 resources each), one run each`);
  const [ours, plain] = await withSandbox((env) =>
    withOpsRepository(inventoryOf(PUSHERS), async (cwd) => {
      const mine = await run([cdktf, "diff", "fleet"], { cwd, env });
      expectPlan(mine.output);
      print(`  this project:             ${mine.seconds.toFixed(1)} s`);
      writeFileSync(path.join(cwd, "with-metadata.ts"), `import "${path.join(__dirname, "with-metadata")}";\n`);
      const app = "node --require ts-node/register with-metadata.ts";
      const theirs = await run([cdktf, "diff", "fleet", "--app", app], { cwd, env });
      expectPlan(theirs.output);
      print(`  as cdktf writes the stack: ${theirs.seconds.toFixed(1)} s`);
      return [mine, theirs] as const;
    }),
  );
  print(`  ${(plain.seconds / ours.seconds).toFixed(1)} times faster (goal: at least 8, and under 15 s)`);
}

/** Four resources a pusher, and the stack's deletion protection. */
function expectPlan(output: string): void {
  const plan = /Plan: (\d+) to add/.exec(stripVTControlCharacters(output))?.[1];
  if (plan !== String(4 * PUSHERS + 1)) throw new Error(`got a plan of ${plan} resources:\n${output.slice(-4000)}`);
}
