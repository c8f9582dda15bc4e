import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";
import { type PusherRun, pusher } from "../../support/pusher-run";
import { outdir } from "../../support/synth";

const STATE = "/projects/ops%2Fpushers/terraform/state/ops";
const HELD = { ID: "8c0f", Operation: "OperationTypeApply", Info: "", Who: "", Version: "", Created: "", Path: "" };

let sandbox: Sandbox;
let admin: ApiClient;
beforeAll(async () => {
  sandbox = await Sandbox.start({ provider: "registry", seed: { projects: [{ path: "ops/pushers" }] } });
  admin = ApiClient.admin(sandbox);
});
afterAll(() => sandbox.stop());

/** Runs `gitlab-ci-pusher state lock` in an ops repository with this context. */
async function lock(
  stack: string,
  context: object,
  environment: NodeJS.ProcessEnv = {},
  options: readonly string[] = [],
): Promise<PusherRun> {
  const folder = outdir();
  mkdirSync(path.join(folder, "pushers"));
  writeFileSync(path.join(folder, "pushers/ops.yaml"), "pushers: {}\n");
  writeFileSync(path.join(folder, "cdktf.json"), JSON.stringify({ context }));
  const [cwd, before] = [process.cwd(), process.env];
  const credentials = { TF_HTTP_USERNAME: "root", TF_HTTP_PASSWORD: sandbox.adminToken };
  process.chdir(folder);
  process.env = { PATH: before.PATH, GITLAB_BASE_URL: sandbox.url, ...credentials, ...environment };
  try {
    return await pusher(["state", "lock", stack, ...options], new Date("2030-01-10T12:00:00Z"));
  } finally {
    process.chdir(cwd);
    process.env = before;
  }
}
const GITLAB = { state: "gitlab", stateProject: "ops/pushers" };

describe("gitlab-ci-pusher state lock", () => {
  test("names who holds a lock, since when, and what ends it", async () => {
    const olga = await admin.newUser("olga");
    await admin.post("/projects/ops%2Fpushers/members", { user_id: olga.id, access_level: 40 });
    await olga.api.post(`${STATE}/lock`, HELD);
    const { code, stdout } = await lock("ops", GITLAB);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^ops is locked by olga since \d{4}-\S+: lock 8c0f\n[\s\S]* && (\S+) init && \1 force-unlock 8c0f\n$/,
    );
    const json = await lock("ops", GITLAB, {}, ["--json"]);
    const since = expect.stringMatching(/^\d{4}-/);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({ stack: "ops", lock: { id: "8c0f", who: "olga", since } });
    await olga.api.delete(`${STATE}/lock`);
  });

  test("gives nobody a command to paste that the holder of a lock has written", async () => {
    await admin.post(`${STATE}/lock`, { ...HELD, ID: "8c0f; touch /tmp/x" });
    const { code, stdout, stderr } = await lock("ops", GITLAB);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/POST .*\/lock at .*: got 409/);
    expect(stderr).not.toContain("force-unlock");
    await admin.delete(`${STATE}/lock`);
  });

  test("finds a lock free, and leaves it so", async () => {
    expect(await lock("ops", GITLAB)).toMatchObject({ code: 0, stdout: "Nobody holds the lock of ops.\n" });
    const json = await lock("ops", GITLAB, {}, ["--json"]);
    expect(json).toMatchObject({ code: 0, stdout: '{"stack":"ops","lock":null}\n' });
  });

  test.each<[string, string, object, NodeJS.ProcessEnv, RegExp]>([
    ["another stack", "opps", GITLAB, {}, /got the stack "opps"; allowed: ops; fix/],
    ["a local state", "ops", {}, {}, /got a local state; allowed: states in GitLab; fix/],
    [
      "no credentials",
      "ops",
      GITLAB,
      { TF_HTTP_USERNAME: "", TF_HTTP_PASSWORD: "" },
      /got neither TF_HTTP_USERNAME nor/,
    ],
    [
      "a wrong password",
      "ops",
      GITLAB,
      { TF_HTTP_PASSWORD: "not-the-password" },
      /POST .*\/lock at .*: got 401 Unauthorized; .*fix/,
    ],
    [
      "no GitLab",
      "ops",
      GITLAB,
      { GITLAB_BASE_URL: "http://127.0.0.1:1" },
      /lock at http:\/\/127\.0\.0\.1:1: got \S.*; allowed: an answer of GitLab; fix/,
    ],
  ])("GIVEN %s THEN it says what to do", async (_, stack, context, environment, message) => {
    const { code, stderr } = await lock(stack, context, environment);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("not-the-password");
  });
});
