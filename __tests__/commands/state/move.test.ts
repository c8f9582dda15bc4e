import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";
import { StateRepository } from "../../support/state-repository";
import { stateText } from "../../support/state-text";

const STATES = "/projects/ops%2Fpushers/terraform/state";
const STACKS = ["one", "three", "two"];
const text = (stack: string, serial = 3) =>
  stateText({ serial, lineage: `of-${stack}`, secret: `glpat-secret-of-${stack}-${serial}` });
const RECORD = (stack: string) => `cdktf.out/stacks/${stack}/.terraform/terraform.tfstate`;

let sandbox: Sandbox;
let admin: ApiClient;
beforeEach(async () => {
  sandbox = await Sandbox.start({ provider: "registry", seed: { projects: [{ path: "ops/pushers" }] } });
  admin = ApiClient.admin(sandbox);
});
afterEach(() => sandbox.stop());

/** Two stacks that were deployed, and one that was not. */
function deployed(): StateRepository {
  const ops = new StateRepository(sandbox, STACKS, "local");
  for (const stack of ["one", "two"]) {
    ops.write(`.state/${stack}.tfstate`, text(stack));
    ops.write(`.state/${stack}.tfstate.backup`, text(stack, 2));
    ops.write(RECORD(stack), JSON.stringify({ version: 3, backend: { type: "local" } }));
  }
  ops.keepStatesIn("gitlab");
  return ops;
}

const resources = (state: string): unknown => JSON.parse(state).resources;
const inGitLab = async (stack: string) => (await admin.get(`${STATES}/${stack}`)).body;
const json = (run: { stdout: string }) => JSON.parse(run.stdout);
const outcomes = (run: { stdout: string }) =>
  json(run).stacks.map(({ stack, moved }: { stack: string; moved: string }) => `${stack} ${moved}`);

describe("gitlab-ci-pusher state move", () => {
  test("GIVEN two deployed stacks THEN both are in GitLab, and back again, and what was there stays until --remove", async () => {
    const ops = deployed();
    const there = await ops.state("move", "--json");
    expect({ code: there.code, stderr: there.stderr }).toEqual({ code: 0, stderr: "" });
    expect(outcomes(there)).toEqual(["one now", "three nothing", "two now"]);
    for (const stack of ["one", "two"]) {
      const stored = await inGitLab(stack);
      expect(stored.resources).toEqual(resources(text(stack)));
      expect(readFileSync(ops.file(`.state/${stack}.tfstate`), "utf8")).toBe(text(stack));
      // Terraform must not ask what to do about the place it knows of.
      expect(existsSync(ops.file(RECORD(stack)))).toBe(false);
    }
    const again = await ops.state("move", "--remove");
    expect(again.stdout).toMatch(
      /^one: is in GitLab already; removed: \.state\/one\.tfstate; removed: \.state\/one\.tfstate\.backup$/m,
    );
    expect(again.stdout).not.toContain("What is left can push");
    expect(readdirSync(ops.file(".state"))).toEqual([]);

    ops.keepStatesIn("local");
    const back = await ops.state("move");
    expect(back.stdout).toMatch(
      /^one: moved to files$[\s\S]*^What is left can push: every version at \S+\/one, every version at \S+\/two\. npx gitlab-ci-pusher state move --remove$/m,
    );
    for (const stack of ["one", "two"]) {
      const file = readFileSync(ops.file(`.state/${stack}.tfstate`), "utf8");
      expect(resources(file)).toEqual(resources(text(stack)));
    }
    expect(await ops.state("move", "--remove")).toMatchObject({ code: 0 });
    expect((await admin.get(`${STATES}/one`)).status).toBe(404);
    for (const said of [there, again, back]) expect(said.stdout).not.toContain("glpat");
  });

  test("GIVEN a failure at the second stack THEN nothing is lost, it is said what is moved, and the next run moves the rest", async () => {
    const ops = deployed();
    await admin.control("POST", "faults", { method: "POST", path: "/state/two$", status: 500, times: 1_000 });
    const failed = await ops.state("move", "--remove");
    await admin.control("DELETE", "faults");
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(/^got no copy of two that is compared; its state is where it was\. Moved: one; /m);
    expect(readFileSync(ops.file(".state/two.tfstate"), "utf8")).toBe(text("two"));
    expect(outcomes(await ops.state("move", "--json"))).toEqual(["one before", "three nothing", "two now"]);
  });

  test.each<[string, string, RegExp]>([
    ["a state that is cut off", text("two").slice(0, 99), /\w+ state pull of two \(\.state\/two\.tfstate\) failed/],
    [
      "another state in GitLab",
      text("two", 2).replace("of-two", "of-nobody"),
      /got two states of two, in \.state\/two\.tfstate and in ops\/pushers at \S+, of which neither comes after the other/,
    ],
  ])("GIVEN %s THEN no stack is moved", async (_, broken, message) => {
    const ops = deployed();
    await admin.post(`${STATES}/two`, JSON.parse(text("two")));
    ops.write(".state/two.tfstate", broken);
    const { code, stdout, stderr } = await ops.state("move");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/^1 state cannot be moved, nothing was changed:/);
    expect(stderr).toMatch(message);
    expect((await admin.get(`${STATES}/one`)).status).toBe(404);
  });

  test.each(["local", "gitlab"] as const)(
    "GIVEN a GitLab that is away WHEN states that are %s are to be elsewhere THEN it says so at once, before any Terraform waits for it",
    async (from) => {
      const ops = deployed();
      if (from === "gitlab") ops.keepStatesIn("local");
      await admin.control("POST", "faults", { path: "/terraform/state/", reset: true, times: 1_000 });
      await admin.control("DELETE", "requests");
      const { code, stdout, stderr } = await ops.state("move");
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(
        /^no state can be moved, nothing was changed:\n {2}GET \/projects\/ops%2Fpushers\/terraform\/state\/one at \S+: got ECONNRESET; allowed: an answer of GitLab; fix: check GITLAB_BASE_URL/m,
      );
      // Twice, and not for each stack.
      expect((await admin.control("GET", "requests")).body).toHaveLength(2);
    },
  );

  test("GIVEN an older copy in GitLab THEN the newer one takes its place; GIVEN a newer one, that stays", async () => {
    const ops = deployed();
    await admin.post(`${STATES}/one`, JSON.parse(text("one", 2)));
    await admin.post(`${STATES}/two`, JSON.parse(text("two", 4)));
    expect(outcomes(await ops.state("move", "--json"))).toEqual(["one now", "three nothing", "two before"]);
    expect((await inGitLab("one")).resources).toEqual(resources(text("one")));
    expect((await inGitLab("two")).serial).toBe(4);
  });

  test("GIVEN a state that Terraform could not store THEN that one is to be stored first", async () => {
    const ops = deployed();
    ops.write(".state/two.errored.tfstate", text("two", 4));
    const { code, stderr } = await ops.state("move");
    expect(code).toBe(2);
    expect(stderr).toContain("fix: npx gitlab-ci-pusher state push two");
    expect((await admin.get(`${STATES}/one`)).status).toBe(404);
  });
});
