import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { baseOf } from "../../../commands/stacks/base";
import { codeChanges } from "../../../commands/stacks/code-changes";
import { outdir } from "../../support/synth";

const settings = process.env;
let root: string;
beforeEach(() => {
  process.env = { ...settings, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
  root = outdir();
  git("init", "--quiet");
});
afterEach(() => {
  process.env = settings;
});

const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" });

function write(name: string, text = "changed"): void {
  mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
  writeFileSync(path.join(root, name), text);
}

function commit(...names: string[]): void {
  for (const name of names) write(name, "before");
  git("add", ".");
  git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=x");
}

const changes = async (project: string, commit: string) =>
  codeChanges(project, await baseOf(project, commit, { environment: process.env }));

describe("files beside the inventory that change what is deployed, or how", () => {
  test("GIVEN changes, committed or not, THEN code, packages and pipeline are told, what most depends on first", async () => {
    commit(
      "pushers/a.yaml",
      "README.md",
      "__tests__/a.test.ts",
      "constructs/rule.ts",
      "ci/ops.yml",
      "main.ts",
      ".npmrc",
    );
    const base = git("rev-parse", "HEAD").trim();
    for (const name of ["pushers/a.yaml", "README.md", "__tests__/a.test.ts", "constructs/rule.ts", "main.ts"])
      write(name);
    git("add", ".");
    git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=y");
    write("ci/ops.yml");
    write("templates/ops.yml");
    rmSync(path.join(root, ".npmrc"));
    write("package.json");
    write("review/terraform-report.json");
    write(".gitignore", "ignored.ts\n");
    write("ignored.ts");

    expect(await changes(root, base)).toEqual([
      "main.ts",
      "package.json",
      ".npmrc",
      "ci/ops.yml",
      "templates/ops.yml",
      "constructs/rule.ts",
    ]);
  });

  test("GIVEN only the inventory THEN nothing is told", async () => {
    commit("pushers/a.yaml", "main.ts");
    write("pushers/a.yaml");
    write("pushers/b.yaml");
    expect(await changes(root, "HEAD")).toEqual([]);
  });

  test("GIVEN a project in a folder of its repository THEN what is above it counts, what is beside it does not", async () => {
    const files = [
      "ops/main.ts",
      "ops/pushers/a.yaml",
      "shop/main.ts",
      "package.json",
      "shop/package.json",
      "jobs/x.yml",
    ];
    commit(...files, "jobs/y.yml");
    write(".gitlab-ci.yml", "include: { local: /jobs/x.yml }\n");
    for (const name of [...files, "jobs/y.yml"]) write(name);
    expect(await changes(path.join(root, "ops"), "HEAD")).toEqual([
      "ops/main.ts",
      ".gitlab-ci.yml",
      "package.json",
      "jobs/x.yml",
    ]);
  });

  test("GIVEN pipeline files that include others, by name or pattern, THEN all of them count, also what is not included any more", async () => {
    commit(
      "ops/main.ts",
      "jobs/deep.yml",
      "jobs/all/a.yml",
      "jobs/all/b/c.yml",
      "tools/push.sh",
      "jobs/gone.yml",
      "k8s/x.yml",
    );
    write(".gitlab-ci.yml", 'include: [{ local: "/jobs/deep.yml" }, "/jobs/gone.yml"]\n');
    write("jobs/deep.yml", 'include: "/jobs/all/**.yml"\n');
    write("jobs/all/a.yml", "x: { script: [sh tools/push.sh] }\n");
    git("add", ".");
    git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=y");
    write(".gitlab-ci.yml", 'include: [{ local: "/jobs/deep.yml" }]\n');
    for (const name of ["jobs/all/b/c.yml", "tools/push.sh", "jobs/gone.yml", "k8s/x.yml"]) write(name);
    expect(await changes(path.join(root, "ops"), "HEAD")).toEqual([
      ".gitlab-ci.yml",
      "jobs/all/b/c.yml",
      "jobs/gone.yml",
      "tools/push.sh",
    ]);
  });

  test("GIVEN a project whose code names code outside of it, and that more, THEN what is there counts, and nothing else", async () => {
    const texts = {
      "a/ops/main.ts":
        'import { x } from "../lib/deep/x";\nimport y from "../../settings.js";\nimport "./own";\nrequire(`../lib`)',
      "a/ops/tsconfig.json": '{ "compilerOptions": { "paths": { "@kit/*": ["../kit/src/*"] } } }',
      "a/ops/package.json": '{ "dependencies": { "tools": "file:../../tools" } }',
      "a/lib/deep/x.ts": 'export * from "../../more/y"; // "../../../../outside"',
      "a/lib/beside.mts": "export {};",
      "a/lib/note.md": "../../shop",
      "a/more/y.cts": "module.exports = require('../ops/own');",
      "a/kit/src/k.tsx": "",
      "a/library/z.ts": "",
      "settings.ts": "",
      "settings/z.json": "{}",
      "settingsfile.ts": "",
      "tools/index.js": "",
      "shop/main.ts": 'import "../a/ops/main"',
    };
    commit(...Object.keys(texts));
    for (const [name, text] of Object.entries(texts)) write(name, text);
    git("add", ".");
    git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=y");
    for (const [name, text] of Object.entries(texts)) write(name, `${text} `);

    expect((await changes(path.join(root, "a/ops"), "HEAD")).sort()).toEqual([
      "a/kit/src/k.tsx",
      "a/lib/beside.mts",
      "a/lib/deep/x.ts",
      "a/more/y.cts",
      "a/ops/main.ts",
      "a/ops/package.json",
      "a/ops/tsconfig.json",
      "settings.ts",
      "settings/z.json",
      "tools/index.js",
    ]);
  });

  test("GIVEN links to what has no end, where code and pipelines are looked for, THEN they are no text", async () => {
    mkdirSync(path.join(root, "ops"));
    for (const name of ["ops/endless.ts", "endless.yml", ".gitlab-ci.yml"])
      symlinkSync("/dev/zero", path.join(root, name));
    commit("ops/main.ts", "lib/x.ts");
    write("ops/main.ts", 'import "../lib/x"');
    write("lib/x.ts");
    expect(await changes(path.join(root, "ops"), "HEAD")).toEqual(["ops/main.ts", "lib/x.ts"]);
  });

  test("GIVEN a submodule whose changes .gitmodules has Git ignore THEN they are told", async () => {
    write(".gitmodules", '[submodule "lib"]\n\tpath = lib\n\turl = ./lib\n\tignore = all\n');
    const at = (commit: string) => git("update-index", "--add", "--cacheinfo", `160000,${commit},lib`);
    at("1".repeat(40));
    mkdirSync(path.join(root, "lib"));
    commit("main.ts");
    at("1".repeat(40));
    git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--allow-empty", "--message=y");
    at("2".repeat(40));
    expect(await changes(root, "HEAD")).toEqual(["lib"]);
  });

  test("GIVEN names that are odd THEN each counts as it is; what programs read counts, whatever it ends with", async () => {
    const names = [
      "-x.ts",
      'a "b".ts',
      "line\nend.ts",
      "requirements.txt",
      "pushers/lib/a.yaml",
      "pushers.yaml",
      "Pushers/a.yaml",
    ];
    commit(...names, "main.ts");
    for (const name of names) write(name);
    expect((await changes(root, "HEAD")).sort()).toEqual([...names].sort());
  });
});
