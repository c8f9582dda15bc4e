import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { APP, inventoryOf, ROOT, withOpsRepository } from "./ops-repository";
import { best } from "./run";

const TIMES = 5;

/** App synth of one pusher, against the way cdktf's TypeScript template does it: ts-node with type check, and the barrel import. */
export async function startup(): Promise<void> {
  const ours = await withOpsRepository(inventoryOf(1), (cwd) =>
    best(TIMES, APP, { cwd, env: { GITLAB_BASE_URL: "http://127.0.0.1" } }),
  );
  const template = await templateSynth();
  console.log(`\nstartup: app synth of one pusher, best of ${TIMES}`);
  console.log(
    `  cdktf's template (type check, barrel import): ${template.seconds.toFixed(2)} s, ${template.megabytes.toFixed(0)} MB`,
  );
  console.log(
    `  this project:                                 ${ours.seconds.toFixed(2)} s, ${ours.megabytes.toFixed(0)} MB`,
  );
  console.log(`  ${(template.seconds / ours.seconds).toFixed(1)} times faster (goal: at least 3)`);
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
