import type { Area } from "../../conformance/case";
import { factsOf, groupOf, operatorOf } from "../../conformance/facts";
import { Git } from "../../conformance/git";
import type { Result, ServerFacts } from "../../conformance/result";
import { runCases } from "../../conformance/run";
import { Secrets } from "../../conformance/secrets";
import { Server } from "../../conformance/server";
import { Stage } from "../../conformance/stage";
import { makeSubgroup } from "../../conformance/subgroup";
import type { Sandbox } from "../../sandbox/sandbox";

/** The contract as a sandbox with a group `tests` keeps it, and what the sandbox is. @param folder for what is cloned and deployed */
export async function playContract(
  sandbox: Sandbox,
  folder: string,
  areas: readonly Area[],
  groupRules = false,
): Promise<{ results: Result[]; facts: ServerFacts }> {
  const server = new Server(sandbox.url, sandbox.adminToken, new Secrets());
  const operator = await operatorOf(server);
  const subgroup = await makeSubgroup(server, await groupOf(server, "tests"), new Date());
  const stage = new Stage(server, sandbox.adminToken, subgroup, operator.id, new Git(folder), folder);
  const facts = await factsOf(stage);
  return { results: await runCases(stage, { areas, facts, groupRules }), facts };
}
