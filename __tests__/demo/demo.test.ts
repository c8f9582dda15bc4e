import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { Commands } from "../../demo/command";
import { processesWith } from "../support/processes";

const PROJECT = path.join(__dirname, "../..");
/** Milliseconds; a minute is what the demo promises, on a machine that does nothing else. */
const TIMEOUT = 240_000;

/** A temporary folder for one demo, in which nothing may be left. */
let temporary: string;
let demo: ChildProcess | undefined;

beforeEach(async () => {
  temporary = await mkdtemp(path.join(tmpdir(), "demo-"));
});

afterEach(async () => {
  demo?.kill("SIGKILL");
  await rm(temporary, { recursive: true, force: true });
});

/** A folder with a `node` that starts quickly: the demo's programs see nothing of the environment but the PATH. */
function quickNode(): string {
  const folder = path.join(process.env.HOME as string, "quick-node");
  mkdirSync(folder, { recursive: true });
  const lines = ["#!/bin/sh", `NODE_OPTIONS='${process.env.NODE_OPTIONS}' exec '${process.execPath}' "$@"`, ""];
  writeFileSync(path.join(folder, "node"), lines.join("\n"), { mode: 0o755 });
  return folder;
}

/** Starts the demo as `npm run demo` does. */
function start(...options: string[]) {
  const child = spawn(process.execPath, ["--require", "ts-node/register", "demo/main.ts", ...options], {
    cwd: PROJECT,
    // ts-node itself would keep a cache in TMPDIR.
    env: {
      ...process.env,
      PATH: `${quickNode()}:${process.env.PATH}`,
      TMPDIR: temporary,
      NO_COLOR: "1",
      DISABLE_V8_COMPILE_CACHE: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  demo = child;
  const said = { output: "", errors: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.errors += text;
  });
  return { child, said, ended: once(child, "close") as Promise<[number | null]> };
}

/** What the demo started has this test's folder in its environment. */
const processesOfDemo = () => processesWith(temporary);

/** Whether the demo's Terraform has been started. */
const isDeploying = (): boolean =>
  readdirSync(temporary).some((folder) =>
    existsSync(path.join(temporary, folder, "ops/cdktf.out/stacks/example/.terraform")),
  );

const waitFor = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 100));
};

test(
  "npm run demo tells the whole story, and leaves nothing behind",
  async () => {
    // WHEN
    const { said, ended } = start();
    const [code] = await ended;

    // THEN it says that all of it did, in a table
    expect({ code, errors: said.errors }).toEqual({ code: 0, errors: "" });
    const table = said.output.slice(said.output.indexOf("Step "));
    for (const result of [
      "dana's own token, in $DANAS_TOKEN: 3 findings",
      "refused with 403",
      "refused with 401",
      /[1-9]\d* added, 0 changed, 0 destroyed/,
      "sees no token",
      "is on main",
      "is on release/1.0",
      "No changes.",
      "allow_force_push = true -> false",
      "0 added, 1 changed, 0 destroyed",
      "the old one lives",
      "a page of 2 projects, 0 findings",
      "refused: example is protected from deletion",
      /[1-9]\d* destroyed; the token is refused with 401/,
    ]) {
      expect(table).toMatch(result);
    }

    // AND no token, no control characters, no process, no file
    expect(said.output).not.toMatch(/\bgl[a-z]{2,8}-/);
    expect(said.output).not.toContain("\x1b");
    expect(await processesOfDemo()).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
  },
  TIMEOUT,
);

test(
  "Ctrl-C during a deploy stops everything it started",
  async () => {
    // GIVEN a demo that is running cdktf
    const { child, said, ended } = start();
    await waitFor(() => isDeploying() || child.exitCode !== null);

    // WHEN
    child.kill("SIGINT");
    const [code] = await ended;

    // THEN
    expect(code).toBe(130);
    expect(said.errors).toContain("stopped by SIGINT");
    expect(await processesOfDemo()).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
  },
  TIMEOUT,
);

test(
  "--keep leaves it running, with lines to paste that work, until Ctrl-C",
  async () => {
    // GIVEN
    const { child, said, ended } = start("--keep");
    await waitFor(() => said.output.includes("Ctrl-C ends it") || child.exitCode !== null);
    const lines = said.output.split("\n");
    const paste = lines
      .slice(
        lines.findIndex((line) => line.startsWith("cd ")),
        -3,
      )
      .join("\n");

    // WHEN the lines are pasted, in a shell that knows nothing else
    const environment = { PATH: process.env.PATH, HOME: path.join(temporary, "home"), CI: "true" };
    const { stdout } = await promisify(execFile)(
      "sh",
      ["-e", "-c", `${paste}\ngit -C xlink-k8s-gitops log --oneline`],
      {
        env: environment as unknown as NodeJS.ProcessEnv,
      },
    );

    // THEN cdktf and discover see what is deployed, GitLab tells its rules, and the repository has what was pushed
    expect(stdout).toContain("No changes.");
    expect(stdout).toContain("2 projects, 2 tokens that can push, nothing was found");
    expect(stdout).toContain('"name":"release/*"');
    expect(stdout).toContain("[auto ci] Update shop image to 1.2.0");

    // AND it is all gone after Ctrl-C
    child.kill("SIGINT");
    expect(await ended).toEqual([0, null]);
    expect(await processesOfDemo()).toEqual([]);
    expect(await readdir(temporary)).toEqual(["home"]);
  },
  TIMEOUT,
);

test(
  "without a Terraform that will do it fails at once, says why, and leaves nothing behind",
  async () => {
    const { TERRAFORM_BINARY_NAME: tested } = process.env;
    process.env.TERRAFORM_BINARY_NAME = "no-such-terraform";
    try {
      const { said, ended } = start();
      expect(await ended).toEqual([1, null]);
      expect(said.errors).toContain("got TERRAFORM_BINARY_NAME=no-such-terraform");
      expect(await readdir(temporary)).toEqual([]);
    } finally {
      if (tested === undefined) delete process.env.TERRAFORM_BINARY_NAME;
      else process.env.TERRAFORM_BINARY_NAME = tested;
    }
  },
  TIMEOUT,
);

describe("what commands print", () => {
  const commands = () => new Commands({ PATH: process.env.PATH ?? "" }, new AbortController().signal);

  test.each([
    ["a secret it was told", "s3cret-value", "[secret]"],
    ["a token nobody told it", "glpat-AbC.12.x_-9876543", "[secret]"],
    ["a job token", "glcbt-64_abcdefgh1234", "[secret]"],
    ["anything else", "glance at this", "glance at this"],
  ])("%s", async (_, printed, shown) => {
    // GIVEN
    const runner = commands();
    runner.hide("s3cret-value");

    // WHEN
    const { output } = await runner.run(["sh", "-c", 'echo "<$TEXT>"; echo "<$TEXT>" >&2'], {
      cwd: temporary,
      environment: { TEXT: printed },
    });

    // THEN
    expect(output).toBe(`<${shown}>\n<${shown}>\n`);
  });

  test("see nothing of the caller's environment", async () => {
    process.env.GIT_DIR = "/somewhere";
    try {
      const { output } = await commands().run(["sh", "-c", 'echo "<$GIT_DIR>"'], { cwd: temporary });
      expect(output).toBe("<>\n");
    } finally {
      delete process.env.GIT_DIR;
    }
  });

  test("end with all their children when the demo is stopped", async () => {
    // GIVEN a command with a child of its own
    const stop = new AbortController();
    const runner = new Commands({ PATH: process.env.PATH ?? "", TMPDIR: temporary }, stop.signal);
    const running = runner.run(["sh", "-c", "sleep 60 & sleep 60"], { cwd: temporary });

    // WHEN
    stop.abort(new Error("stopped by a test"));

    // THEN
    await expect(running).rejects.toThrow("stopped by a test");
    expect(await processesOfDemo()).toEqual([]);
  });
});
