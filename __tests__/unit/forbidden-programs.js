const { appendFileSync, chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const path = require("node:path");

/**
 * Puts programs before all others on PATH that refuse to be Terraform, OpenTofu or Git's server, whoever starts them.
 *
 * @param environment @default - the process's
 * @returns takes them away, and throws when one was started
 */
module.exports = function forbidPrograms(environment = process.env) {
  const folder = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-unit-"));
  const started = path.join(folder, "started");
  appendFileSync(started, "");
  const refuse = `{ echo "\${0##*/} $*" >> '${started}'; echo "a unit test started \${0##*/} $1" >&2; exit 1; }`;
  const program = (name, text) => {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(folder, name), 0o755);
  };
  for (const name of ["terraform", "tofu"]) program(name, refuse);
  const git = (environment.PATH ?? "").split(":").find((each) => existsSync(path.join(each, "git")));
  if (git !== undefined)
    program("git", `[ "$2" = --stateless-rpc ] && ${refuse}\nexec '${path.join(git, "git")}' "$@"`);
  environment.PATH = `${folder}:${environment.PATH}`;
  delete environment.TERRAFORM_BINARY_NAME;
  return () => {
    const calls = readFileSync(started, "utf8");
    rmSync(folder, { recursive: true });
    if (calls !== "") {
      throw new Error(
        `got Terraform or Git's server, started by unit tests; allowed: neither; fix: move the test to __tests__/end-to-end:\n${calls}`,
      );
    }
  };
};
