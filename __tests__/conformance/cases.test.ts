import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { AREAS, type Area } from "../../conformance/case";
import { inOneLine } from "../../conformance/comparison";
import type { Result } from "../../conformance/result";
import { Sandbox } from "../../sandbox/sandbox";
import { playContract } from "../support/contract";

const folder = mkdtempSync(path.join(tmpdir(), "conformance-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** All but what deploys: that is an end-to-end test's. */
const ASKED = AREAS.filter((area) => area !== "deploys");

/** The contract as a sandbox of an edition keeps it. */
async function played(
  edition: "free" | "premium",
  areas: readonly Area[],
  installed: "ce" | "ee" = edition === "free" ? "ce" : "ee",
): Promise<Result[]> {
  const seed = { groups: [{ path: "tests" }] };
  const sandbox = await Sandbox.start({ provider: "registry", edition, package: installed, seed });
  try {
    const { results, facts } = await playContract(sandbox, folder, areas, true);
    expect(facts).toMatchObject({ edition, package: installed });
    return results;
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
    "branches, is a role's on Community Edition, whichever user is asked for",
    "branches, is refused with a user in it, on Enterprise Edition without a licence",
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
    "branches, is refused with a user in it, on Enterprise Edition without a licence",
  ]);
}, 120_000);

test("GIVEN the sandbox of Enterprise Edition without a licence WHEN variables and branches are played on it THEN it keeps them as Free", async () => {
  const results = await played("free", ["variables", "branches"], "ee");
  expect(told(results, "different")).toEqual([]);
  expect(told(results, "not tried")).toContain(
    "branches, is a role's on Community Edition, whichever user is asked for",
  );
  expect(told(results, "same").length).toBeGreaterThan(25);
}, 120_000);
