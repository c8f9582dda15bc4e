import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Deployment, inventory } from "../support/deployment";
import { OpsFolder } from "../support/ops-folder";

const KEY = "GITLAB_PUSHER_TOKEN";

describe("rotating what is deployed", () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await Deployment.start();
  });
  afterEach(() => deployment.stop());

  const value = async () => (await deployment.job("xlink/gitops")).variables[KEY]!;

  /** The ops repository on a day, with the state the last deploy left. */
  function on(day: string, text: string): OpsFolder {
    const folder = new OpsFolder({ ops: text }, new Date(`${day}T12:00:00Z`));
    mkdirSync(folder.states);
    writeFileSync(path.join(folder.states, "ops.tfstate"), deployment.state());
    return folder;
  }

  test("GIVEN one rotation after another THEN no job that runs loses its token, and a hasty one waits", async () => {
    const first = inventory({ token: "{expires: [2100-06-01, 2100-02-02]} # slots" });
    await deployment.deploy(first);
    const [running, folder] = [await value(), on("2100-01-10", first)];

    const bumped = await folder.rotateJson("--due");
    expect(bumped.result.bumps).toEqual([
      expect.objectContaining({ slot: 2, from: "2100-02-02", to: "2100-07-09", cuts_running_jobs: false }),
    ]);
    const second = folder.files.ops!;
    expect(second).toBe(first.replace("2100-02-02", "2100-07-09"));
    // Not deployed yet: whoever asks again gets the same answer.
    expect((await folder.rotateJson("gitops")).result).toMatchObject({
      changed: false,
      waiting: [{ pusher: "gitops" }],
    });

    await deployment.setDay("2100-01-11");
    await deployment.deploy(second, "2100-01-11");
    expect(await value()).not.toBe(running);
    expect((await deployment.push(running)).code).toBe(0);
    // Deployed, but jobs still hold the other token.
    const hasty = await on("2100-01-11", second).rotate("gitops");
    expect(hasty.stdout).toContain("jobs that began before may hold the other one for 24 hours");

    await deployment.setDay("2100-01-13");
    const [later, next] = [await value(), on("2100-01-13", second)];
    expect((await next.rotateJson("gitops")).result.bumps).toEqual([
      expect.objectContaining({ slot: 1, from: "2100-06-01", cuts_running_jobs: false }),
    ]);
    await deployment.deploy(next.files.ops!, "2100-01-13");
    expect(await value()).not.toBe(later);
    expect((await deployment.push(later)).code).toBe(0);
    expect((await deployment.plan(next.files.ops!, "2100-01-13")).isEmpty).toBe(true);
  });
});
