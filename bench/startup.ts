import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { APP, inventoryOf, ROOT, withOpsRepository } from "./ops-repository";
import { withPackage } from "./packaged";
import { print } from "./print";
import { best, type Measurement } from "./run";

const TIMES = 5;

/**
 * App synth of one pusher, three ways: cdktf's TypeScript template, which is ts-node with type check and the barrel import; this
 * repository, run by ts-node as it is; and an ops repository as `gitlab-ci-pusher init` writes it, with the compiled package.
 */
export async function startup(): Promise<void> {
  const env = { GITLAB_BASE_URL: "http://127.0.0.1" };
  const template = await templateSynth();
  const ours = await withOpsRepository(inventoryOf(1), (cwd) => best(TIMES, APP, { cwd, env }));
  const packaged = await withPackage((cwd, app) => best(TIMES, app, { cwd, env }));
  const line = (what: string, { seconds, megabytes }: Measurement) =>
    print(`  ${what.padEnd(46)} ${seconds.toFixed(2)} s, ${megabytes.toFixed(0)} MB`);
  print(`\nstartup: app synth of one pusher, best of ${TIMES}`);
  line("cdktf's template (type check, barrel import):", template);
  line("this repository (ts-node):", ours);
  line("the package in what `init` writes (compiled):", packaged);
  print(
    `  this repository: ${(template.seconds / ours.seconds).toFixed(1)} times faster than the template (goal: at least 3)`,
  );
  print(
    `  the package: ${Math.round((100 * packaged.seconds) / ours.seconds)} % of this repository's time (goal: 50 %)`,
  );
}

/** Without the `npx` of the template's cdktf.json, which adds some 0.3 s that are npm's. */
async function templateSynth() {
  const cwd = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-bench-"));
  try {
    for (const name of ["main.ts", "tsconfig.json"])
      copyFileSync(path.join(__dirname, "template", name), path.join(cwd, name));
    symlinkSync(path.join(ROOT, "node_modules"), path.join(cwd, "node_modules"));
    const tsNode = path.join(ROOT, "node_modules/ts-node/dist/bin.js");
    return await best(TIMES, [tsNode, "main.ts"], { cwd });
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}
