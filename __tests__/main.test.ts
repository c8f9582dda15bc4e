import { cpSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { outdir } from "./support/synth";

const ROOT = path.join(__dirname, "..");

/** Runs main.ts in a folder with this inventory, on a day the shipped dates were written for. */
function runMain(inventory: string): { folder: string; errors: string; exitCode: typeof process.exitCode } {
  const folder = outdir();
  cpSync(inventory, path.join(folder, "pushers"), { recursive: true });
  const [cwd, base] = [process.cwd(), process.env.GITLAB_BASE_URL];
  const write = jest.spyOn(process.stderr, "write").mockImplementation(() => true);
  jest.useFakeTimers({ now: new Date("2026-12-01T12:00:00Z") });
  process.chdir(folder);
  process.env.GITLAB_BASE_URL = "https://gitlab.example.com";
  try {
    jest.isolateModules(() => void require("../main"));
    return { folder, errors: write.mock.calls.join(""), exitCode: process.exitCode };
  } finally {
    process.exitCode = undefined;
    process.chdir(cwd);
    if (base === undefined) delete process.env.GITLAB_BASE_URL;
    else process.env.GITLAB_BASE_URL = base;
    jest.useRealTimers();
    write.mockRestore();
  }
}

describe("main.ts", () => {
  test("synthesizes the shipped inventory", () => {
    const { folder, errors, exitCode } = runMain(path.join(ROOT, "pushers"));
    expect(errors).toBe("");
    expect(exitCode).toBeUndefined();
    expect(readFileSync(path.join(folder, "cdktf.out/stacks/example/cdk.tf.json"), "utf8")).toMatchSnapshot();
  });

  test("says what is wrong with an inventory without a stack trace, and fails", () => {
    const { errors, exitCode } = runMain(path.join(__dirname, "inventory"));
    expect(exitCode).toBe(1);
    expect(errors).toMatch(
      /^3 problems in the inventory, nothing was changed:\n {2}pushers\/declare\.test\.ts: got "declare\.test\.ts"/,
    );
    expect(errors).not.toMatch(/\n {4}at /);
  });

  test("is composition only", () => {
    expect(readFileSync(path.join(ROOT, "main.ts"), "utf8").split("\n").length).toBeLessThanOrEqual(40);
  });
});
