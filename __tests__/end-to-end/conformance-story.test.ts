import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { factsOf, groupOf, operatorOf } from "../../conformance/facts";
import { Git } from "../../conformance/git";
import type { Result } from "../../conformance/result";
import { runCases } from "../../conformance/run";
import { Secrets } from "../../conformance/secrets";
import { Server } from "../../conformance/server";
import { Stage } from "../../conformance/stage";
import { makeSubgroup } from "../../conformance/subgroup";
import { Sandbox } from "../../sandbox/sandbox";

const TIMEOUT = 240_000;

let sandbox: Sandbox;
let folder: string;
const before = process.env;

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "conformance-story-"));
  sandbox = await Sandbox.start({ seed: { groups: [{ path: "tests" }] } });
  // As in a shell that was told which provider there is.
  process.env = { ...before, TF_REATTACH_PROVIDERS: sandbox.environment.TF_REATTACH_PROVIDERS };
}, TIMEOUT);

afterEach(async () => {
  process.env = before;
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function played(): Promise<Result[]> {
  const server = new Server(sandbox.url, sandbox.adminToken, new Secrets());
  const operator = await operatorOf(server);
  const subgroup = await makeSubgroup(server, await groupOf(server, "tests"), new Date());
  const stage = new Stage(server, sandbox.adminToken, subgroup, operator.id, new Git(folder), folder);
  const facts = await factsOf(stage, operator.username);
  return runCases(stage, { areas: ["deploys"], facts, groupRules: false });
}

test(
  "GIVEN the sandbox and its provider WHEN the story is played there THEN all of it is as it should be",
  async () => {
    expect(await played()).toEqual([expect.objectContaining({ area: "deploys", verdict: "same" })]);
  },
  TIMEOUT,
);

test("GIVEN no Terraform WHEN the story would be played THEN it is not tried, and says why", async () => {
  process.env.TERRAFORM_BINARY_NAME = "no-such-terraform";
  const [result] = await played();
  expect(result).toMatchObject({ verdict: "not tried" });
  expect((result as { why: string }).why).toContain("TERRAFORM_BINARY_NAME=no-such-terraform");
});
