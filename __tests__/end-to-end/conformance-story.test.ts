import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Result } from "../../conformance/result";
import { Sandbox } from "../../sandbox/sandbox";
import { playContract } from "../support/contract";

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

const played = async (): Promise<Result[]> => (await playContract(sandbox, folder, ["deploys"])).results;

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
