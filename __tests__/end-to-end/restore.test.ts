import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { type PusherRun, pusher } from "../support/pusher-run";
import { stateText } from "../support/state-text";
import { outdir } from "../support/synth";
import { TERRAFORM } from "../support/tested-terraform";

const [STATE, OLDER] = [stateText({ serial: 7, secret: "glpat-newer-newer-newer" }), stateText({ serial: 6 })];
const ENCRYPTED = JSON.stringify({
  serial: 6,
  lineage: "x",
  meta: {},
  encrypted_data: "AAAA",
  encryption_version: "v0",
});

/** A folder with these files; undefined leaves one out. */
function states(state: string | undefined, backup: string | undefined): string {
  const folder = outdir();
  if (state !== undefined) writeFileSync(path.join(folder, "ops.tfstate"), state);
  if (backup !== undefined) writeFileSync(path.join(folder, "ops.tfstate.backup"), backup);
  return folder;
}

const restore = (folder: string, ...args: string[]): Promise<PusherRun> =>
  pusher(["state", "restore", "ops", "--state", folder, ...args], new Date());

describe("gitlab-ci-pusher state restore", () => {
  test.each<[string, string | undefined, string]>([
    ["empty", "", OLDER],
    ["cut off", STATE.slice(0, 200), OLDER],
    ["no state", "{}", OLDER],
    ["away", undefined, OLDER],
    ["empty, and the backup encrypted", "", ENCRYPTED],
  ])(
    "GIVEN a state that is %s THEN the backup is put back, and what was there is kept for its owner",
    async (_, state, backup) => {
      const folder = states(state, backup);
      const { code, stdout, stderr } = await restore(folder, "--json");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const { file, kept } = JSON.parse(stdout);
      expect(readFileSync(file, "utf8")).toBe(backup);
      expect(statSync(file).mode & 0o077).toBe(0);
      expect(readFileSync(`${file}.backup`, "utf8")).toBe(backup);
      if (state === undefined) expect(kept).toBeNull();
      else expect([readFileSync(kept, "utf8"), statSync(kept).mode & 0o077]).toEqual([state, 0]);
      expect(readdirSync(folder)).toHaveLength(state === undefined ? 2 : 3);
    },
  );

  test.each<[string, string | undefined, string | undefined, RegExp]>([
    ["a good state", STATE, OLDER, /^got a good state, .*; fix: deploy;/],
    ["an encrypted state", ENCRYPTED, OLDER, /^got an encrypted state, .*; fix: leave it/],
    ["a state of a newer version", '{"version": 5}', OLDER, /^got a state of a newer version/],
    ["no backup", "", undefined, /^got no good state in .*ops\.tfstate\.backup; /],
    ["a backup that is cut off too", "", OLDER.slice(0, 99), /^got no good state in /],
  ])("GIVEN %s THEN it refuses, and nothing is changed", async (_, state, backup, message) => {
    const folder = states(state, backup);
    const { code, stdout, stderr } = await restore(folder);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).toContain("Nothing was changed.");
    expect(stderr).not.toContain("glpat");
    expect(readdirSync(folder)).toHaveLength(backup === undefined ? 1 : 2);
    expect(readFileSync(path.join(folder, "ops.tfstate"), "utf8")).toBe(state);
  });

  test("GIVEN a folder in the state's place THEN it refuses", async () => {
    const folder = states(undefined, OLDER);
    mkdirSync(path.join(folder, "ops.tfstate"));
    const { code, stderr } = await restore(folder);
    expect(code).toBe(1);
    expect(stderr).toContain("which is no file; allowed: a file, or nothing; fix: move it elsewhere");
  });

  test("GIVEN a file of the inventory that was renamed THEN the state under its former name is put back", async () => {
    const folder = states("", OLDER);
    const inventory = outdir();
    writeFileSync(path.join(inventory, "platform.yaml"), "was: ops\npushers: {}\n");
    const args = ["--inventory", inventory, "--state", folder];
    expect(await pusher(["state", "restore", "platform", ...args], new Date())).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(folder, "ops.tfstate"), "utf8")).toBe(OLDER);
  });

  test("GIVEN a Terraform that holds an empty state THEN it refuses, and once that one is gone it restores", async () => {
    const folder = states(undefined, OLDER);
    // GIVEN a deploy that waits in its first resource
    const file = path.join(folder, "ops.tfstate");
    const configuration = {
      terraform: { backend: { local: { path: file } } },
      resource: {
        terraform_data: { wait: { provisioner: { "local-exec": { command: "echo begun; exec sleep 600" } } } },
      },
    };
    writeFileSync(path.join(folder, "main.tf.json"), JSON.stringify(configuration));
    const environment = { ...process.env, CHECKPOINT_DISABLE: "1" };
    const run = (...args: string[]) => spawn(TERRAFORM, args, { cwd: folder, env: environment, detached: true });
    await once(run("init", "-input=false"), "close");
    const deploy = run("apply", "-input=false", "-auto-approve", "-no-color");
    await new Promise<void>((begun) => {
      deploy.stdout.on("data", (text: Buffer) => text.includes("(local-exec): begun") && begun());
    });
    try {
      expect(readFileSync(file, "utf8")).toBe("");

      const refused = await restore(folder);
      expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("got a Terraform that works on ") });
      expect(readFileSync(file, "utf8")).toBe("");
    } finally {
      process.kill(-deploy.pid!, "SIGKILL");
      await once(deploy, "close");
    }

    // THEN the note of its lock, which it left, is in nobody's way
    expect(existsSync(path.join(folder, ".ops.tfstate.lock.info"))).toBe(true);
    expect(await restore(folder)).toMatchObject({ code: 0 });
    expect(readFileSync(file, "utf8")).toBe(OLDER);
  });

  test("GIVEN a name that is no stack's THEN it is wrong usage", async () => {
    const { code, stderr } = await pusher(["state", "restore", "../ops"], new Date());
    expect(code).toBe(2);
    expect(stderr).toContain('got "../ops"; allowed: letters, digits');
  });
});
