import { existsSync, readFileSync } from "node:fs";
import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";
import { StateRepository } from "../../support/state-repository";
import { stateText } from "../../support/state-text";
import { PROGRAM } from "../../support/tested-terraform";

const STATES = "/projects/ops%2Fpushers/terraform/state";
const STATE = `${STATES}/ops`;
const HELD = { ID: "8c0f", Operation: "OperationTypeApply", Info: "", Who: "", Version: "", Created: "", Path: "" };
const KEPT = ".state/ops.errored.tfstate";
const LEFT = "cdktf.out/stacks/ops/errored.tfstate";
const [STORED, RESCUED] = [stateText({ serial: 3 }), stateText({ serial: 4, secret: "glpat-rescued-rescued" })];
const FIRST = stateText({ serial: 0, lineage: "", secret: "glpat-rescued-rescued" });

let sandbox: Sandbox;
let admin: ApiClient;
beforeAll(async () => {
  sandbox = await Sandbox.start({ provider: "registry", seed: { projects: [{ path: "ops/pushers" }] } });
  admin = ApiClient.admin(sandbox);
});
afterAll(() => sandbox.stop());
afterEach(() => admin.delete(STATE));

const value = (state: { resources: { instances: { attributes: { token: string } }[] }[] }): string =>
  state.resources[0]!.instances[0]!.attributes.token;
const inGitLab = async (): Promise<string> => value((await admin.get(STATE)).body);

describe("gitlab-ci-pusher state push", () => {
  test.each([KEPT, LEFT])(
    "GIVEN %s THEN it is stored in GitLab after the one that is there, and removed",
    async (file) => {
      await admin.post(STATE, JSON.parse(STORED));
      const ops = new StateRepository(sandbox, ["ops"], "gitlab");
      ops.write(file, RESCUED);
      const { code, stdout, stderr } = await ops.state("push", "ops");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toBe(`Stored, and removed: ${file}. Next: npx cdktf diff ops, and deploy what is left.\n`);
      expect(await inGitLab()).toBe("glpat-rescued-rescued");
      expect(existsSync(ops.file(file))).toBe(false);
      expect(await ops.state("push", "ops")).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^Nothing to store/),
      });
    },
  );

  test("GIVEN a first deploy, whose state has no lineage, THEN it is stored, in a file as in GitLab", async () => {
    for (const kind of ["gitlab", "local"] as const) {
      const ops = new StateRepository(sandbox, ["ops"], kind);
      ops.write("elsewhere.tfstate", FIRST);
      const { code, stdout } = await ops.state("push", "ops", "--file", "elsewhere.tfstate", "--json");
      expect([code, JSON.parse(stdout)]).toEqual([0, { stack: "ops", stored: ["elsewhere.tfstate"] }]);
      const stored =
        kind === "gitlab"
          ? (await admin.get(STATE)).body
          : JSON.parse(readFileSync(ops.file(".state/ops.tfstate"), "utf8"));
      expect(value(stored)).toBe("glpat-rescued-rescued");
    }
  });

  test.each([
    [
      "an older one",
      stateText({ serial: 2, secret: "glpat-older-older" }),
      /cannot import state with serial 2 over newer/,
    ],
    [
      "one of another history",
      stateText({ serial: 9, lineage: "another", secret: "glpat-another-another" }),
      /cannot import state with lineage "another"/,
    ],
    // Terraform itself would take it.
    ["that of a first deploy", FIRST, /^got another state in .*first deploy, which knows of no other/],
    ["one that is cut off", RESCUED.slice(0, 99), /which is no whole state; .*npx gitlab-ci-pusher status/],
  ])("GIVEN a state, and as the rescued one %s, THEN it is refused, and both stay", async (_, rescued, message) => {
    await admin.post(STATE, JSON.parse(STORED));
    const ops = new StateRepository(sandbox, ["ops"], "gitlab");
    ops.write(KEPT, rescued);
    const { code, stdout, stderr } = await ops.state("push", "ops");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("glpat");
    expect((await admin.get(STATE)).body).toEqual(JSON.parse(STORED));
    expect(readFileSync(ops.file(KEPT), "utf8")).toBe(rescued);
  });

  test("GIVEN the lock that the deploy left THEN it is named, and --unlock ends that one and no other", async () => {
    await admin.post(STATE, JSON.parse(STORED));
    await admin.post(`${STATE}/lock`, HELD);
    const ops = new StateRepository(sandbox, ["ops"], "gitlab");
    ops.write(KEPT, RESCUED);
    const refused = await ops.state("push", "ops");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^ops is locked by root since \S+: lock 8c0f\n[\s\S]*\n {2}npx gitlab-ci-pusher state push ops --unlock 8c0f\n$/,
    );
    const wrong = await ops.state("push", "ops", "--unlock", "1234");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringMatching(/DELETE \S+\/lock .*409/) });
    expect(existsSync(ops.file(KEPT))).toBe(true);
    expect(await ops.state("push", "ops", "--unlock", "8c0f")).toMatchObject({ code: 0 });
    expect(await inGitLab()).toBe("glpat-rescued-rescued");
    expect((await admin.post(`${STATE}/lock`, HELD)).status).toBe(200);
  });

  test("GIVEN a GitLab that still fails THEN the file stays", async () => {
    await admin.post(STATE, JSON.parse(STORED));
    const ops = new StateRepository(sandbox, ["ops"], "gitlab");
    ops.write(KEPT, RESCUED);
    await admin.control("POST", "faults", { status: 500, times: 1_000_000 });
    const { code, stderr } = await ops.state("push", "ops");
    await admin.control("DELETE", "faults");
    expect(code).toBe(2);
    expect(stderr).toContain(`${PROGRAM} state pull of ops (ops/pushers at `);
    expect(existsSync(ops.file(KEPT))).toBe(true);
  });
});
