import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { ENDPOINTS } from "../../sandbox/rest/endpoints";
import { PackedSandbox } from "../support/packed-sandbox";

const ROOT = resolve(__dirname, "../..");
const README = readFileSync(join(ROOT, "sandbox/README.md"), "utf8");

/** The blocks of code of one language in the README, in its order. */
const blocks = (language: string): string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map((match) => match[1]!);

let packed: PackedSandbox;

beforeAll(() => {
  packed = new PackedSandbox();
});

afterAll(() => packed.remove());

/** Runs a program in the folder of the package's user. */
const run = (program: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): string =>
  execFileSync(program, args, { cwd: packed.folder, encoding: "utf8", env: { ...process.env, ...environment } });

describe("GIVEN the package", () => {
  test("THEN it holds what is compiled, what that reads, and nothing else", () => {
    const others = packed.files.filter((file) => !/^dist\/.*\.(js|d\.ts)$/.test(file));
    expect(others.sort()).toEqual([
      "LICENSE",
      "README.md",
      "dist/git/receive-hook.sh",
      "dist/provider/protocol/tfplugin6.proto",
      "dist/provider/refused-type-arguments.json",
      "package.json",
    ]);
  });

  test("WHEN the README's test is compiled and run THEN its types hold and it passes", () => {
    const [example] = blocks("ts");
    writeFileSync(join(packed.folder, "example.mts"), example!);
    const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")];
    const options = ["--strict", "--target", "es2022", "--module", "node16", "--skipLibCheck", ...types];
    run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), ...options, "example.mts"]);
    run(process.execPath, ["example.mjs"]);
  });

  test("WHEN the README's command is run THEN the other terminal's lines read, clone and push", async () => {
    const [seed] = blocks("yaml");
    const [command, elsewhere] = blocks("sh");
    writeFileSync(join(packed.folder, "seed.yaml"), seed!);
    // npx passes no signal on.
    const started = `exec ${command!.replace("npx ", "node_modules/.bin/")}`;
    const child = spawn("sh", ["-c", started], { cwd: packed.folder, stdio: ["ignore", "pipe", "inherit"] });
    const environment = await printedEnvironment(child);
    const author = { GIT_AUTHOR_NAME: "A", GIT_AUTHOR_EMAIL: "a@example.com" };
    const committer = { GIT_COMMITTER_NAME: "A", GIT_COMMITTER_EMAIL: "a@example.com" };
    run("sh", ["-ec", elsewhere!], { ...environment, ...author, ...committer });
    const branch = `${environment.GITLAB_BASE_URL}/api/v4/projects/acme%2Fshop/repository/branches/main`;
    const answer = await fetch(branch, { headers: { "PRIVATE-TOKEN": environment.GITLAB_TOKEN! } });
    expect(await answer.json()).toMatchObject({ commit: { title: "A change" }, protected: true });
    child.kill("SIGTERM");
    expect(await once(child, "close")).toEqual([0, null]);
  });

  test("WHEN it is asked for help THEN it says how it is called here", () => {
    expect(run("node_modules/.bin/gitlab-sandbox", ["--help"])).toContain("Usage: npx gitlab-sandbox [options]");
  });
});

test("the README lists the endpoints that there are", () => {
  const methods = new Map<string, string[]>();
  for (const { method, path } of ENDPOINTS) methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  const listed = blocks("text")[0]!.trim().split("\n");
  expect(listed).toEqual([...methods].map(([path, names]) => `${names.join(" ").padEnd(20)} ${path}`));
});

/** What the command tells a person to paste. */
async function printedEnvironment(child: ChildProcess): Promise<NodeJS.ProcessEnv> {
  const environment: NodeJS.ProcessEnv = {};
  for await (const line of createInterface(child.stdout!)) {
    const [, name, value] = /^export (\w+)='(.*)'$/.exec(line) ?? [];
    if (name) environment[name] = value;
    if (line.startsWith("Ctrl-C")) return environment;
  }
  throw new Error("the sandbox ended before it said how it is used");
}
