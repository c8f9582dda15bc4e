import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";

const ROOT = path.join(__dirname, "..");
const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();

/** TypeScript files below a folder. */
const sources = (folder: string): string[] =>
  readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.join(folder, name));

/** What the files of a folder import. */
const imports = (folder: string): { file: string; from: string }[] =>
  sources(folder).flatMap((file) =>
    [...readFileSync(path.join(ROOT, file), "utf8").matchAll(/(?:from|import|import\(|require\() ?"([^"]+)"/g)].map(
      (match) => ({ file, from: match[1]! }),
    ),
  );

/** The room of a relative import, seen from a file; undefined for packages. */
const room = ({ file, from }: { file: string; from: string }): string | undefined =>
  from.startsWith(".") ? path.join(path.dirname(file), from).split(path.sep)[0] : undefined;

describe("the repository", () => {
  test("ignores what holds secrets: state, plans, synthesized stacks", () => {
    for (const file of [".state/example.tfstate", "cdktf.out/stacks/example/plan", ".terraform/x", ".bin/terraform"]) {
      expect(git("check-ignore", file)).toBe(file);
    }
  });

  test.each([
    ["gitlab", []],
    ["state", ["gitlab"]],
    ["estate", ["gitlab"]],
    ["constructs", ["gitlab", "state"]],
    ["inventory", ["constructs", "gitlab"]],
    ["commands", ["estate", "inventory", "gitlab", "state"]],
    ["sandbox", []],
    ["terraform", []],
    ["demo", ["terraform"]],
    ["bench", ["bench"]],
  ])("%s depends on %j only", (folder, allowed) => {
    const rooms = new Set(imports(folder).flatMap((found) => room(found) ?? []));
    expect([...rooms].filter((name) => name !== folder && !(allowed as string[]).includes(name))).toEqual(
      // bench/with-metadata.ts is the app of main.ts with something added.
      folder === "bench" ? ["main"] : [],
    );
  });

  test("commands/stacks runs the app and Terraform for the commands, and knows none of them", () => {
    const used = imports("commands/stacks").map(({ file, from }) => path.join(path.dirname(file), from));
    expect(used.filter((name) => /^commands\/(?!stacks\/)[\w-]+\//.test(name))).toEqual([]);
  });

  test("a command knows the process around it by its context alone", () => {
    const taking = sources("commands").filter((file) =>
      /process\.env|process\.(stdout|stderr)(?!\.on\()|process\.exitCode|new Date\(\)|Date\.now\(\)/.test(
        readFileSync(path.join(ROOT, file), "utf8"),
      ),
    );
    expect(taking.sort()).toEqual(["commands/context.ts", "commands/output.ts"]);
  });

  test("imports cdktf and the bindings in constructs/, inventory/declare.ts and main.ts only, never through the barrel", () => {
    const users = ["gitlab", "estate", "inventory", "sandbox", "terraform", "demo"]
      .flatMap(imports)
      .filter(({ from }) => /^(cdktf|@cdktf\/)/.test(from));
    expect(users).toEqual([{ file: path.join("inventory", "declare.ts"), from: "cdktf" }]);
    const bindings = imports("constructs").filter(({ from }) => from.startsWith("@cdktf/"));
    for (const { from } of bindings) expect(from).toMatch(/^@cdktf\/provider-gitlab\/lib\/[a-z-]+$/);
  });

  test("CI runs exactly the README's test command", () => {
    expect(readFileSync(path.join(ROOT, "README.md"), "utf8")).toContain("npm ci && npm test");
    expect(readFileSync(path.join(ROOT, ".ci/run"), "utf8").trim().split("\n").at(-1)).toBe("npm ci && npm test");
  });

  test("needs no install script: .npmrc runs none", () => {
    expect(readFileSync(path.join(ROOT, ".npmrc"), "utf8")).toContain("ignore-scripts=true");
  });

  test("locks every platform's packages: `npm ci` refuses a lock file that lacks some", () => {
    type Entry = { optionalDependencies?: Record<string, string> };
    const { packages } = JSON.parse(readFileSync(path.join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, Entry>;
    };
    const isLocked = (name: string, from: string): boolean => {
      for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
        if (packages[`${folder ? `${folder}/` : ""}node_modules/${name}`]) return true;
        if (folder === "") return false;
      }
    };
    const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !isLocked(name, from))
        .map((name) => `${from} -> ${name}`),
    );
    expect(missing).toEqual([]);
  });
});
