import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { gt, valid } from "semver";
import { ExpectedError } from "../gitlab/expected-error";
import { failWith } from "../gitlab/failure";
import { describe } from "../gitlab/problem";
import { withRelease } from "./changelog";

const ROOT = path.join(__dirname, "..");
const PACKED = path.join(ROOT, "packed");
const CHANGELOG = path.join(ROOT, "CHANGELOG.md");

const HELP = `
Runs the whole gate, puts what is unreleased in CHANGELOG.md under the version, gives both packages the version, compiles and packs them into
packed/, and commits and tags that. It publishes and pushes nothing: the last lines say what to type.

Example:
  $ npm run release -- 1.1.0`;

interface PackedFile {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

function release(version: string): void {
  refuseUnfit(version);
  run("npm", "test");
  const changelog = withRelease(readFileSync(CHANGELOG, "utf8"), version, new Date().toISOString().slice(0, 10));
  writeFileSync(CHANGELOG, changelog);
  run(
    "npm",
    "version",
    version,
    "--no-git-tag-version",
    "--workspaces",
    "--include-workspace-root",
    "--allow-same-version",
  );
  rmSync(PACKED, { recursive: true, force: true });
  mkdirSync(PACKED);
  run("npm", "run", "build");
  const own = pack();
  // .npmrc runs no script of any package, that which compiles this one neither.
  const sandbox = pack("--workspace", "gitlab-sandbox", "--ignore-scripts=false");
  requireFiles(own, [
    "dist/index.js",
    "dist/index.d.ts",
    "dist/commands/main.js",
    "templates/ops.yml",
    "templates/push.yml",
  ]);
  requireFiles(sandbox, ["dist/sandbox.js", "dist/main.js", "README.md"]);
  run("git", "commit", "--quiet", "--all", "--message", `Release ${version}`);
  run("git", "tag", "--annotate", "--message", `Release ${version}`, version);
  const publish = [own, sandbox].map(({ filename }) => `  npm publish packed/${filename}`);
  process.stdout.write(`\n${["Released here. To publish it:", "  git push --follow-tags", ...publish].join("\n")}\n`);
}

/** @throws ExpectedError before anything is changed */
function refuseUnfit(version: string): void {
  const { version: current } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
  const isNext = valid(version) === version && (gt(version, current) || read("git", "tag", "--list", version) === "");
  if (!isNext || gt(current, version)) {
    const allowed = `a semantic version after ${current}, without v`;
    throw new ExpectedError(describe({ got: JSON.stringify(version), allowed, fix: "npm run release -- 1.2.3" }));
  }
  const [branch, changes] = [read("git", "branch", "--show-current"), read("git", "status", "--porcelain")];
  if (branch === "main" && changes === "") return;
  const got = branch === "main" ? "a working tree with changes" : `the branch ${JSON.stringify(branch)}`;
  throw new ExpectedError(
    describe({ got, allowed: "main, as it is committed", fix: "commit, or stash, and switch to main" }),
  );
}

function pack(...options: string[]): PackedFile {
  const said = read("npm", "pack", "--json", "--pack-destination", PACKED, ...options);
  // What a package's own scripts print comes first.
  return JSON.parse(said.slice(said.search(/^\[$/m)))[0];
}

/** @throws Error when a packed package lacks what makes it one: a script of this repository did not run */
function requireFiles({ filename, files }: PackedFile, wanted: readonly string[]): void {
  const packed = new Set(files.map((file) => file.path));
  const missing = wanted.filter((name) => !packed.has(name));
  if (missing.length > 0) throw new Error(`${filename} lacks ${missing.join(", ")}`);
}

const run = (program: string, ...args: string[]): void =>
  void execFileSync(program, args, { cwd: ROOT, stdio: "inherit" });

const read = (program: string, ...args: string[]): string =>
  execFileSync(program, args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();

new Command("npm run release --")
  .description("Makes a release of both packages, on this machine.")
  .argument("<version>", "semantic, without v: also the tag, as GitLab's CI/CD catalog has it")
  .addHelpText("after", HELP)
  .action((version: string) => {
    try {
      release(version);
    } catch (error) {
      failWith(error);
    }
  })
  .parse();
