import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { OpsFolder } from "../support/ops-folder";
import { FAST_PUSHER } from "../support/swc-node";

const SHIM = path.join(__dirname, "..", "..", "bin", "gitlab-ci-pusher.js");
const MS_PER_DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * MS_PER_DAY).toISOString().slice(0, 10);

/** Runs a program as a shell would. */
function run(
  [program, ...args]: readonly [string, ...string[]],
  cwd: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name].on("data", (chunk: Buffer) => {
        output[name] += chunk.toString();
      });
    }
    child.once("error", reject).once("close", (code) => resolve({ code, ...output }));
  });
}

describe("the pusher command as it is installed", () => {
  test("GIVEN any folder THEN it works on the inventory there, with today's clock", async () => {
    // Half a lifetime to come for one date, the other soon: wherever today falls, the soon one is due.
    const text = `pushers:\n  x: {target: a/b, token: {expires: [${inDays(90)}, ${inDays(20)}]}}\n`;
    const folder = new OpsFolder({ ops: text }).commit("2020-01-01T00:00:00Z");
    const { code, stdout, stderr } = await run([SHIM, "rotate", "--due", "--json"], folder.root);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { bumps, diff } = JSON.parse(stdout);
    expect(bumps).toEqual([expect.objectContaining({ slot: 2, file: "pushers/ops.yaml", line: 2 })]);
    expect(bumps[0].days).toBeGreaterThan(170);
    expect(bumps[0].days).toBeLessThanOrEqual(180);
    expect(readFileSync(path.join(folder.inventory, "ops.yaml"), "utf8")).toBe(
      text.replace(bumps[0].from, bumps[0].to),
    );
    // Names are those of the repository's root, from where the command was called.
    folder.git(["restore", "pushers"]);
    expect(diff).toMatch(/^--- a\/pushers\/ops\.yaml\n\+\+\+ b\/pushers\/ops\.yaml\n@@ -1,2 \+1,2 @@\n/);
  });

  test.each<[string[], number, string, string]>([
    [["--help"], 0, "Commands:", ""],
    [["rotate", "--help"], 0, "  $ npx gitlab-ci-pusher rotate", ""],
    [["status", "--help"], 0, "Example", ""],
    [[], 2, "", "Usage: gitlab-ci-pusher"],
    [["rotat"], 2, "", "unknown command 'rotat'"],
    [["rotate"], 2, "", "got neither an id nor --due"],
    [["rotate", "x"], 2, "", "got ENOENT; allowed: a folder of *.yaml files"],
  ])("GIVEN %j THEN it ends with %i", async (args, expected, out, err) => {
    const { code, stdout, stderr } = await run([...FAST_PUSHER, ...args], path.parse(SHIM).root);
    expect(code).toBe(expected);
    expect(stdout).toContain(out);
    expect(stderr).toContain(err);
  });
});
