const { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } = require("node:fs");
const { homedir, tmpdir, userInfo } = require("node:os");
const path = require("node:path");

/** What the programs that tests start keep in a home folder. */
const KEPT = [".cdktf", ".terraform.d", ".gitlab-ci-local", ".v8-compile-cache"];

/**
 * Lends whatever tests start a home folder that is removed afterwards: cdktf and Terraform keep providers in a home, and those of the
 * tests are programs under a real provider's name, which the next `cdktf deploy` would run.
 *
 * @param environment @default - the process's
 * @param homes the user's own; @default - what the environment and the system call so
 * @returns gives it back, and throws when one of the user's own has new files all the same
 */
module.exports = function lendHome(environment = process.env, homes = [homedir(), userInfo().homedir]) {
  const own = [...new Set(homes)];
  const before = new Set(own.flatMap(filesIn));
  const lent = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-home-"));
  // Who a commit is by, and which folders Git trusts.
  const settings = path.join(own[0], ".gitconfig");
  if (existsSync(settings)) copyFileSync(settings, path.join(lent, ".gitconfig"));
  // cdktf asks the system for the home folder, not HOME.
  Object.assign(environment, { HOME: lent, CDKTF_HOME: path.join(lent, ".cdktf") });
  return () => {
    rmSync(lent, { recursive: true, force: true, maxRetries: 3 });
    const left = own.flatMap(filesIn).filter((file) => !before.has(file));
    if (left.length > 0) {
      throw new Error(
        `got new files in a home folder while the tests ran; allowed: none; fix: let the test that starts their program keep HOME and CDKTF_HOME; or remove them and run the tests again, if a program of yours ran meanwhile:\n${left.join("\n")}`,
      );
    }
  };
};

const filesIn = (home) =>
  KEPT.map((name) => path.join(home, name))
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder, { recursive: true }).map((name) => path.join(folder, name)));
