import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import { outdir } from "./support/synth";

const lendHome = require("./lent-home") as (environment: NodeJS.ProcessEnv, homes: readonly string[]) => () => void;

const PROVIDER = ".terraform.d/plugin-cache/registry.terraform.io/gitlabhq/gitlab/18.8.2";

/** A user's home with Git's settings and a provider in it. */
function home(): string {
  const folder = outdir();
  mkdirSync(path.join(folder, PROVIDER), { recursive: true });
  writeFileSync(path.join(folder, PROVIDER, "provider"), "the user's");
  writeFileSync(path.join(folder, ".gitconfig"), "[user]\n\tname = Ann\n");
  return folder;
}

test("GIVEN a run of the tests THEN what they start is at home in a temporary folder", () => {
  expect(path.basename(homedir())).toMatch(/^gitlab-ci-pusher-home-/);
  expect(process.env.CDKTF_HOME).toBe(path.join(homedir(), ".cdktf"));
  expect(process.env.TF_PLUGIN_CACHE_DIR).toBeUndefined();
});

describe("a home that is lent", () => {
  test("has the user's settings of Git, and is gone afterwards with all that came into it", () => {
    const environment: NodeJS.ProcessEnv = {};
    const giveBack = lendHome(environment, [home()]);
    const { HOME: lent = "" } = environment;
    expect(readFileSync(path.join(lent, ".gitconfig"), "utf8")).toContain("Ann");
    mkdirSync(path.join(lent, PROVIDER), { recursive: true });
    giveBack();
    expect(existsSync(lent)).toBe(false);
  });

  test.each([PROVIDER, ".cdktf", ".gitlab-ci-local"])(
    "GIVEN a program that writes into %s of the user's own all the same THEN the run fails and names the file",
    (folder) => {
      const own = home();
      const giveBack = lendHome({}, [outdir(), own]);
      mkdirSync(path.join(own, folder), { recursive: true });
      writeFileSync(path.join(own, folder, "of-a-test"), "");
      expect(giveBack).toThrow(
        /^got new files in a home folder while the tests ran; allowed: none; fix: .*\n[\s\S]*of-a-test$/,
      );
    },
  );
});
