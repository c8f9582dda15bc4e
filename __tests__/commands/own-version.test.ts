import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { ownVersion } from "../../commands/own-version";
import { pusher } from "../support/pusher-run";
import { outdir } from "../support/synth";

const ROOT = path.join(__dirname, "../..");

describe("the version of the command", () => {
  test("GIVEN this repository THEN --version prints that of its package.json", async () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
    const run = await pusher(["--version"], new Date("2030-01-10"));
    expect(run).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("GIVEN compiled code, and a package.json of another name on the way THEN it is the package's", () => {
    const root = outdir();
    const folder = path.join(root, "node_modules/gitlab-ci-pusher/dist/commands");
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(root, "package.json"), '{"name": "ops", "version": "0.0.1"}');
    writeFileSync(path.join(folder, "../package.json"), '{"type": "commonjs"}');
    expect(() => ownVersion(folder)).toThrow("no package.json of gitlab-ci-pusher above");
    writeFileSync(path.join(folder, "../../package.json"), '{"name": "gitlab-ci-pusher", "version": "3.2.1"}');
    expect(ownVersion(folder)).toBe("3.2.1");
  });
});
