import { readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { OpsFolder } from "../support/ops-folder";
import { pusher } from "../support/pusher-run";

const INVENTORY = `pushers:
  x:
    target: ops/pushers
    token: {expires: [2030-02-06, 2030-07-09]}
`;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    now: () => new Date("2030-01-10T12:00:00Z"),
    seed: { projects: [{ path: "ops/pushers", files: { f: "x" } }] },
  });
});
afterAll(() => sandbox.stop());

/** A repository whose state is in GitLab and says that the second date is not deployed yet. */
async function repository(): Promise<OpsFolder> {
  const folder = new OpsFolder({ ops: INVENTORY }).deploy("ops", [
    { pusher: "x", slot: 1, expires: "2030-02-06", carried: true },
    { pusher: "x", slot: 2, expires: "2030-01-20" },
  ]);
  const file = path.join(folder.states, "ops.tfstate");
  const state = { ...JSON.parse(readFileSync(file, "utf8")), serial: 1 };
  rmSync(file);
  const posted = await ApiClient.admin(sandbox).post("/projects/ops%2Fpushers/terraform/state/ops", state);
  expect(posted.status).toBe(200);
  const context = { state: "gitlab", stateProject: "ops/pushers" };
  writeFileSync(path.join(folder.root, "cdktf.json"), JSON.stringify({ context }));
  return folder;
}

/** Runs with these variables beside the address of the sandbox. */
async function within<T>(environment: NodeJS.ProcessEnv, run: () => Promise<T>): Promise<T> {
  const before = process.env;
  process.env = { ...before, GITLAB_BASE_URL: sandbox.url, ...environment };
  try {
    return await run();
  } finally {
    process.env = before;
  }
}
const credentials = () => ({ TF_HTTP_USERNAME: "root", TF_HTTP_PASSWORD: sandbox.adminToken });
const NOBODY = { TF_HTTP_USERNAME: "", TF_HTTP_PASSWORD: "", GITLAB_TOKEN: "" };

describe("with the state in GitLab", () => {
  test("gitlab-ci-pusher rotate waits for a bump that is not deployed", async () => {
    const folder = await repository();
    const { code, stdout, stderr } = await within(credentials(), () => folder.rotate("--due"));
    expect(stdout).toContain("ops/x: waiting: 2030-07-09 is not deployed yet");
    expect([code, stderr]).toEqual([0, ""]);
  });

  test("gitlab-ci-pusher rotate asks Git's history without credentials, and says so", async () => {
    const folder = (await repository()).commit();
    const nothing = { ...NOBODY, GITLAB_BASE_URL: "" };
    const { stdout, stderr } = await within(nothing, () => folder.rotate("--due", "--dry-run"));
    expect(stderr).toBe(
      "states not read, Git's history tells instead: TF_HTTP_USERNAME and TF_HTTP_PASSWORD are not set\n",
    );
    expect(stdout).toContain("+    token: {expires: [");
  });

  test.each([
    ["says that the state is out of reach", [], "states not read: TF_HTTP_USERNAME and TF_HTTP_PASSWORD are not set\n"],
    ["does not ask for it offline", ["--offline"], ""],
  ])("npx gitlab-ci-pusher status %s", async (_, options, told) => {
    const folder = await repository();
    const args = ["status", ...options, "--inventory", folder.inventory, "--state", folder.states];
    const nothing = { ...NOBODY, GITLAB_BASE_URL: "" };
    const { code, stdout, stderr } = await within(nothing, () => pusher(args, folder.now));
    expect([code, stderr]).toEqual([0, told]);
    expect(stdout).toContain("2030-07-09");
  });

  test("gitlab-ci-pusher status takes credentials nowhere without an address", async () => {
    const folder = await repository();
    const args = ["status", "--inventory", folder.inventory, "--state", folder.states];
    const { code, stderr } = await within({ ...credentials(), GITLAB_BASE_URL: "" }, () => pusher(args, folder.now));
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^got state "gitlab" without the address /)]);
  });

  test("gitlab-ci-pusher status ends with GitLab's refusal", async () => {
    const folder = await repository();
    const args = ["status", "--inventory", folder.inventory, "--state", folder.states];
    const wrong = { ...NOBODY, TF_HTTP_USERNAME: "root", TF_HTTP_PASSWORD: "not-the-password" };
    const { code, stderr } = await within(wrong, () => pusher(args, folder.now));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^1 state cannot be used, .*\n {2}GET .*: got 401 Unauthorized; /);
    expect(stderr).not.toContain("not-the-password");
  });
});
