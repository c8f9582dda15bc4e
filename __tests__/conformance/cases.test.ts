import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { AREAS, type Area } from "../../conformance/case";
import { inOneLine } from "../../conformance/comparison";
import { factsOf, groupOf, operatorOf } from "../../conformance/facts";
import { Git } from "../../conformance/git";
import type { Result } from "../../conformance/result";
import { runCases } from "../../conformance/run";
import { Secrets } from "../../conformance/secrets";
import { Server } from "../../conformance/server";
import { Stage } from "../../conformance/stage";
import { makeSubgroup } from "../../conformance/subgroup";
import { Sandbox } from "../../sandbox/sandbox";

const folder = mkdtempSync(path.join(tmpdir(), "conformance-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All but what deploys: that is an end-to-end test's. */
const ASKED = AREAS.filter((area) => area !== "deploys");

/** The contract as a sandbox of an edition keeps it. */
async function played(edition: "free" | "premium", areas: readonly Area[]): Promise<Result[]> {
  const sandbox = await Sandbox.start({ provider: "registry", edition, seed: { groups: [{ path: "tests" }] } });
  try {
    const server = new Server(sandbox.url, sandbox.adminToken, new Secrets());
    const operator = await operatorOf(server);
    const subgroup = await makeSubgroup(server, await groupOf(server, "tests"), new Date());
    const stage = new Stage(server, sandbox.adminToken, subgroup, operator.id, new Git(folder), folder);
    const facts = await factsOf(stage, operator.username);
    expect(facts).toMatchObject({ edition, package: edition === "free" ? "ce" : "ee", user: "root" });
    return await runCases(stage, { areas, facts, groupRules: true });
  } finally {
    await sandbox.stop();
  }
}

const told = (results: readonly Result[], verdict: Result["verdict"]): string[] =>
  results.flatMap((result) => {
    if (result.verdict !== verdict) return [];
    const { area, case: each } = result;
    const got = result.verdict === "different" ? `: ${inOneLine(each.expected)} / ${inOneLine(result.got)}` : "";
    return [`${area}, ${each.name}${got}`];
  });

test("GIVEN the sandbox of Premium WHEN the contract is played on it THEN it keeps all of it, but for what is about Free", async () => {
  const results = await played("premium", ASKED);
  expect(told(results, "different")).toEqual([]);
  expect(told(results, "not tried")).toEqual([
    "variables, of a group is for all environments, whatever is asked for",
    "branches, is a role's on Free, whichever user is asked for",
  ]);
  expect(told(results, "same").length).toBeGreaterThan(110);
}, 180_000);

test("GIVEN the sandbox of Free WHEN variables and branches are played on it THEN it keeps them, but for what takes Premium", async () => {
  const results = await played("free", ["variables", "branches"]);
  expect(told(results, "different")).toEqual([]);
  expect(told(results, "not tried")).toEqual([
    "variables, of a group is for one environment",
    "branches, may be one user's alone",
    "branches, is no user's who is no member",
    "branches, loses a user by the entry's id and `_destroy`",
  ]);
}, 120_000);
