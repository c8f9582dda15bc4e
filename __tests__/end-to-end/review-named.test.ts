import { readFileSync } from "node:fs";
import { Sandbox } from "../../sandbox/sandbox";
import { OpsRepository } from "../support/ops-repository";

const TIMEOUT = 240_000;

/** A date some days from now: here the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const stack = (first: string, branch: string, tag: string): string =>
  `edition: premium
defaults:
  variable: {in: [xlink/one]}
  branches: {main: ${branch}}
  tags: {v*: ${tag}}
pushers:
  one: {target: xlink/one, token: {expires: [${first}, ${day(200)}]}}
`;

test(
  "GIVEN people and tags by name WHEN a change of them is reviewed THEN it tells who, and is deployed as reviewed, after which nothing is left to do",
  async () => {
    const sandbox = await Sandbox.start({
      edition: "premium",
      seed: {
        users: [{ username: "dana" }],
        projects: [{ path: "xlink/one", files: { "README.md": "x\n" }, members: { dana: "developer" } }],
      },
    });
    const ops = new OpsRepository(sandbox);
    try {
      ops.write({ ops: stack(day(100), "{push: bot}", "{create: bot}") });
      ops.commit("main");
      ops.git("remote", "set-head", "origin", "main");
      const deployed = await ops.pusher("deploy");
      expect({ ...deployed, stderr: "" }).toEqual({ code: 0, stdout: "Deployed ops.\n", stderr: "" });

      ops.git("switch", "--quiet", "--create", "change");
      const branch = "{push: bot, allowed_to_push: [{user: dana}], unprotect: developer}";
      ops.write({ ops: stack(day(300), branch, "{create: developer, allowed_to_create: [bot, {group: xlink}]}") });
      ops.commit();
      expect((await ops.pusher("review", "--out", "review")).code).toBe(0);
      const summary = readFileSync(ops.file("review", "summary.md"), "utf8");
      expect(summary.split("\n").filter((line) => / rule `/.test(line))).toEqual([
        expect.stringMatching(/^- ops\/one: branch opened wider \(unprotect, people who may push\): rule `main`/),
        expect.stringMatching(/^- ops\/one: every Developer may create such a tag on any commit/),
        // The bot of the slot that rotates, the other one, and dana.
        expect.stringMatching(
          /^- opened: rule `main` of `xlink\/one`: allowed_to_push the bot of `one` \(slot \d\) and the bot of `one` \(slot \d\) → user dana \(\d+\) and the bot of `one` \(slot 2\) and a bot whose token is made or rotated, unprotect_access_level maintainer → developer$/,
        ),
        expect.stringMatching(
          /^- opened: tag rule `v\*` of `xlink\/one`: allowed_to_create the bot of `one` \(slot \d\) and the bot of `one` \(slot \d\) → group xlink \(\d+\) and the bot of `one` \(slot \d\) and the bot of `one` \(slot \d\), create_access_level no one → developer$/,
        ),
      ]);

      expect((await ops.pusher("deploy", "--reviewed", "review")).code).toBe(0);
      expect((await ops.pusher("review", "--all")).stdout).toContain("Nothing would change.");
    } finally {
      await sandbox.stop();
    }
  },
  TIMEOUT,
);
