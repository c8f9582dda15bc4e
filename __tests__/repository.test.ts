import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import * as path from "node:path";
import { preProcessFile } from "typescript";

const ROOT = path.join(__dirname, "..");
const git = (...args: string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();

/** TypeScript files below a folder, or one file; without what is compiled, which Git ignores. */
const sources = (folder: string): string[] =>
  git("ls-files", "--cached", "--others", "--exclude-standard", "--", folder)
    .split("\n")
    .filter((name) => name.endsWith(".ts") && existsSync(path.join(ROOT, name)));

/** What the files of a folder import. */
const imports = (folder: string): { file: string; from: string }[] =>
  sources(folder).flatMap((file) =>
    preProcessFile(readFileSync(path.join(ROOT, file), "utf8"), true, true).importedFiles.map(({ fileName }) => ({
      file,
      from: fileName,
    })),
  );

/** The room of a relative import, seen from a file; undefined for packages. */
const room = ({ file, from }: { file: string; from: string }): string | undefined =>
  from.startsWith(".") ? path.join(path.dirname(file), from).split(path.sep)[0] : undefined;

/** The package that an import names; undefined for files and what Node has itself. */
const packageOf = (from: string): string | undefined =>
  from.startsWith(".") || isBuiltin(from) ? undefined : /^(?:@[^/]+\/)?[^/]+/.exec(from)![0];

const ROOMS = ["gitlab", "state", "estate", "constructs", "inventory", "commands", "terraform", "sandbox", "demo"];

/** The product's files by what they import from each other, types included. */
function importGraph(): Map<string, string[]> {
  const own = ["main.ts", "index.ts", "synthesize-inventory.ts", ...ROOMS];
  const graph = new Map(own.flatMap(sources).map((file): [string, string[]] => [file, []]));
  for (const { file, from } of own.flatMap(imports)) {
    const named = path.join(path.dirname(file), from);
    const found = [`${named}.ts`, path.join(named, "index.ts")].find((each) => from.startsWith(".") && graph.has(each));
    if (found !== undefined) graph.get(file)!.push(found);
  }
  return graph;
}

/** The groups of files of which each one leads to every other one, their names in order (Tarjan). */
function circlesIn(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): number => {
    const own = order.size;
    order.set(file, own);
    open.push(file);
    const reached = (graph.get(file) ?? []).map((next) => {
      if (!order.has(next)) return visit(next);
      return open.includes(next) ? (order.get(next) as number) : own;
    });
    const first = Math.min(own, ...reached);
    if (first === own) {
      const circle = open.splice(open.indexOf(file));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return first;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles.sort();
}

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
    ["commands", ["estate", "inventory", "gitlab", "state", "terraform"]],
    ["sandbox", []],
    ["terraform", ["gitlab"]],
    ["demo", ["terraform"]],
    ["release", ["gitlab"]],
    ["bench", ["bench"]],
    ["conformance", ["demo", "gitlab", "terraform"]],
  ])("%s depends on %j only", (folder, allowed) => {
    const rooms = new Set(imports(folder).flatMap((found) => room(found) ?? []));
    expect([...rooms].filter((name) => name !== folder && !(allowed as string[]).includes(name))).toEqual(
      // bench/with-metadata.ts is the app of main.ts with something added.
      folder === "bench" ? ["main"] : [],
    );
  });

  test("the sandbox has a folder a concept, called the same in model/ and rest/, which no file of it repeats", () => {
    const placed = ["model", "rest"].map(
      (room) =>
        sources(`sandbox/${room}`)
          .map((file) => path.relative(`sandbox/${room}`, file).split(path.sep))
          .filter((parts) => parts.length > 1) as [string, string][],
    );
    const [model, rest] = placed.map((files) => new Set(files.map(([folder]) => folder)));
    // The repository is Git's.
    expect([...rest!].filter((folder) => !model!.has(folder))).toEqual(["repository"]);
    const repeats = ([folder, name]: [string, string]) => name.startsWith(`${folder.replace(/s$/, "")}-`);
    expect(placed.flat().filter(repeats)).toEqual([]);
  });

  test.each([
    ["sandbox/package.json", ["sandbox"]],
    [
      "package.json",
      [
        "index.ts",
        "synthesize-inventory.ts",
        "constructs",
        "inventory",
        "gitlab",
        "estate",
        "state",
        "commands",
        "terraform",
      ],
    ],
  ])("%s asks for what %j import and for nothing else", (file, folders) => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(ROOT, file), "utf8"));
    const imported = folders.flatMap(imports).flatMap(({ from }) => packageOf(from) ?? []);
    expect(Object.keys({ ...dependencies, ...peerDependencies }).sort()).toEqual([...new Set(imported)].sort());
  });

  test("no file leads back to itself by what it imports, types included", () => {
    expect(circlesIn(importGraph())).toEqual([]);
  });

  test("circles are found", () => {
    const graph = { a: ["b"], b: ["c"], c: ["b", "d"], d: ["e"], e: ["f"], f: ["d", "a"], g: ["a"], h: [] };
    expect(circlesIn(new Map(Object.entries(graph)))).toEqual([["a", "b", "c", "d", "e", "f"]]);
    expect(circlesIn(new Map(Object.entries({ ...graph, f: ["d"] })))).toEqual([
      ["b", "c"],
      ["d", "e", "f"],
    ]);
  });

  test("constructs know their stack by what it is for them: only the stack knows its children", () => {
    const users = imports("constructs").filter(({ from }) => from === "./pusher-stack");
    expect(users.map(({ file }) => file)).toEqual([path.join("constructs", "index.ts")]);
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

  test("in tests, `it` is jest's own", () => {
    const shadows = /\b(let|const|readonly) it(:| =|;)|\(it\) =>/;
    const shadowing = sources("__tests__").filter((file) => shadows.test(readFileSync(path.join(ROOT, file), "utf8")));
    expect(shadowing).toEqual([]);
  });

  test("composes got, allowed and fix in one place: problems travel in their parts", () => {
    const byHand = ["gitlab", "state", "estate", "constructs", "inventory", "commands", "terraform"]
      .flatMap(sources)
      .flatMap((file) =>
        readFileSync(path.join(ROOT, file), "utf8")
          .split("\n")
          .filter((line) => /; allowed.*; fix:/.test(line) && !/^ *(\/\*)?\*/.test(line))
          .map(() => file),
      );
    expect(byHand).toEqual([path.join("gitlab", "problem.ts")]);
  });

  test("a doc comment begins with a noun or a verb, and can be read without the code below it", () => {
    const questions = [...ROOMS, "bench"].flatMap(sources).flatMap((file) => {
      const text = readFileSync(path.join(ROOT, file), "utf8");
      return [...text.matchAll(/\/\*\*\s*(?:\* )?(?:What|How|Whether|Where|When|Who|Whom|Whose|Why|Which) .*/g)].map(
        ([comment]) => `${file}: ${comment}`,
      );
    });
    expect(questions).toEqual([]);
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
