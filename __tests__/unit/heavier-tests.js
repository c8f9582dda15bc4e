const { existsSync, readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "../..");

/** Folders of tests of whole programs. */
const PROGRAMS = ["demo", "end-to-end", "templates"].map((folder) => path.join(ROOT, "__tests__", folder) + path.sep);

/** Modules that start Terraform, and Git's server. */
const STARTERS = ["__tests__/support/terraform-workspace.ts", "sandbox/git/git-service-process.ts"].map((file) =>
  path.join(ROOT, file),
);

/** What a line imports when it runs: not its types. */
const IMPORT = /^(?:import|export)\s+(?!type\b)(?:[^;"]*?\sfrom\s+)?"(\.[^"]+)";/gm;

/** The files of this repository that a file imports. */
function importsOf(file) {
  const named = [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, from]) => path.join(path.dirname(file), from));
  return named.flatMap((name) => [`${name}.ts`, path.join(name, "index.ts")].filter(existsSync));
}

/**
 * The tests that are no unit tests: those of whole programs, and those that lead to what starts Terraform or Git's server by what they
 * import. What this does not see, a unit test that starts them through another program, `global-setup.js` does.
 *
 * @param files @default - all tests
 * @returns absolute names
 */
module.exports = function heavierTests(files = allTests()) {
  const imported = new Map();
  const leads = (file, seen = new Set()) => {
    if (STARTERS.includes(file)) return true;
    if (seen.has(file)) return false;
    seen.add(file);
    if (!imported.has(file)) imported.set(file, importsOf(file));
    return imported.get(file).some((next) => leads(next, seen));
  };
  return files.filter((file) => PROGRAMS.some((folder) => file.startsWith(folder)) || leads(file));
};

const allTests = () =>
  readdirSync(path.join(ROOT, "__tests__"), { recursive: true })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => path.join(ROOT, "__tests__", name));
