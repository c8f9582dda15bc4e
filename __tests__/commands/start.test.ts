import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { outdir } from "../support/synth";

const SHIM = path.join(__dirname, "..", "..", "bin", "gitlab-ci-pusher.js");
/** Tells at the end which packages a process loaded, of those that take longer than most commands run. */
const WITNESS = `
process.on("exit", () => {
  const isLoaded = (name) => Object.keys(require.cache).some((file) => file.includes("/node_modules/" + name + "/"));
  process.stderr.write(["cdktf", "zod", "yaml"].filter(isLoaded).join(" "));
});`;

describe("the start of a command", () => {
  test.each([
    ["review", ""],
    ["deploy", ""],
    ["state lock", "zod"],
    ["doctor", "zod"],
  ])("GIVEN pusher %s THEN it loads %j, and nothing for other commands", (name, loaded) => {
    const witness = path.join(outdir(), "witness.js");
    writeFileSync(witness, WITNESS);
    const args = ["--require", witness, SHIM, ...name.split(" "), "--help"];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    expect(stdout).toContain(`Usage: gitlab-ci-pusher ${name}`);
    expect(stderr).toBe(loaded);
  });

  test("GIVEN a defect that shows only later THEN the process ends as with any other, without tokens", () => {
    const late = path.join(outdir(), "late.js");
    writeFileSync(late, 'setImmediate(() => { throw new TypeError("glpat-0123456789abcdefghij"); });');
    const { status, stderr } = spawnSync(process.execPath, ["--require", late, SHIM, "state", "lock", "--help"], {
      encoding: "utf8",
    });
    expect(status).toBe(70);
    expect(stderr).toMatch(/^This is a defect.*\nTypeError: \[a token\]\n {4}at /);
  });
});
