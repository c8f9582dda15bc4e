import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import type { Run } from "../support/ops-repository";
import { outdir } from "../support/synth";

const ROOT = path.join(__dirname, "../..");
const TIMEOUT = 240_000;
const own = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
/** A date some days from now: the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

const inventory = (...expires: string[]): string => `edition: free
pushers:
  gitops:
    target: xlink/gitops
    token: { role: developer, expires: [${expires.join(", ")}] }
    variable: { in: [xlink/shop] }
    branches: { main: { push: developer, merge: maintainer } }
`;

describe("the package, packed and installed", () => {
  const folder = outdir();
  const ops = path.join(folder, "ops");
  const home = path.join(folder, "home");
  let sandbox: Sandbox;
  let packed: readonly string[];

  beforeAll(async () => {
    sandbox = await Sandbox.start({
      ...{ version: "19.2.0", package: "ee", providerVersion: 19 },
      seed: { projects: ["gitops", "shop"].map((name) => ({ path: `xlink/${name}`, files: { "README.md": "x\n" } })) },
    });
    packed = installPacked();
  }, TIMEOUT);
  afterAll(() => sandbox.stop());

  /**
   * Compiles and packs this checkout, unpacks the tarball where npm would, and links the packages that it says it needs, and those of the
   * repository that `init` made: what is imported and not declared is not found.
   * @returns the files in it
   */
  function installPacked(): string[] {
    const stage = path.join(folder, "stage");
    for (const name of ["package.json", "README.md", "LICENSE", ...own.files]) {
      const from = path.join(ROOT, name);
      if (name !== "dist" && existsSync(from)) cpSync(from, path.join(stage, name), { recursive: true });
    }
    const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
    const project = path.join(ROOT, "tsconfig.build.json");
    execFileSync(process.execPath, [tsc, "--project", project, "--noCheck", "--outDir", path.join(stage, "dist")]);
    const env = { ...process.env, HOME: home, npm_config_cache: path.join(home, "npm") };
    const said = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], {
      ...{ cwd: stage, env, encoding: "utf8" as const },
    });
    const [{ filename, files }] = JSON.parse(said);
    const modules = path.join(folder, "node_modules");
    mkdirSync(modules);
    execFileSync("tar", ["-xzf", path.join(folder, filename), "-C", modules]);
    execFileSync("mv", [path.join(modules, "package"), path.join(modules, "gitlab-ci-pusher")]);
    const needed = [...Object.keys(own.dependencies), ...Object.keys(own.peerDependencies), "sucrase"];
    for (const name of needed) {
      const link = path.join(modules, name);
      mkdirSync(path.dirname(link), { recursive: true });
      symlinkSync(path.join(ROOT, "node_modules", name), link);
    }
    return files.map(({ path: file }: { path: string }) => file);
  }

  const run = (cwd: string, ...args: string[]): Promise<Run> =>
    new Promise((resolve) => {
      const program = path.join(folder, "node_modules", "gitlab-ci-pusher", own.bin["gitlab-ci-pusher"]);
      const env = {
        ...process.env,
        ...{ GITLAB_TOKEN: sandbox.adminToken, ...sandbox.environment },
        ...{ HOME: home, NO_COLOR: "1", CHECKPOINT_DISABLE: "1", TF_CLI_CONFIG_FILE: undefined },
      };
      execFile(process.execPath, [program, ...args], { cwd, env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });

  test("has no TypeScript but types, no test, no sandbox, and what is not compiled", () => {
    const rooms = new Set(
      packed.map((file) =>
        file
          .split("/")
          .slice(0, file.startsWith("dist/") ? 2 : 1)
          .join("/"),
      ),
    );
    expect([...rooms].filter((room) => !room.includes("."))).toEqual(
      expect.arrayContaining(["bin", "dist/commands", "dist/constructs", "help", "templates", "LICENSE"]),
    );
    expect(packed.filter((file) => /(?<!\.d)\.ts$|__tests__|sandbox|demo|bench/.test(file))).toEqual([]);
    expect(packed).toEqual(expect.arrayContaining(["inventory/pushers.schema.json", "templates/ops.yml"]));
  });

  test(
    "GIVEN an empty folder WHEN init is run in it THEN its repository deploys, rotates and reviews with the installed package alone",
    async () => {
      // WHEN an ops repository is made, and made again
      const { code, stdout } = await run(folder, "init", "ops", "--gitlab", sandbox.url);
      expect([code, stdout]).toEqual([
        0,
        expect.stringMatching(/^Written: main\.ts, cdktf\.json, .*\nNext:\n {2}cd ops\n/),
      ]);
      const again = await run(ops, "init", "--gitlab", sandbox.url);
      expect(again.stdout).toMatch(/^There already: main\.ts, cdktf\.json, .*, help\nNext:\n {2}npm install\n/);
      execFileSync(process.execPath, [path.join(ROOT, "node_modules/typescript/bin/tsc"), "--project", ops]);

      // THEN it asks for the newest provider that supports this GitLab, and deploys with it
      expect(JSON.parse(readFileSync(path.join(ops, "cdktf.json"), "utf8")).context).toEqual({ provider: 19 });
      writeFileSync(path.join(ops, "pushers/example.yaml"), inventory(day(100), day(200)));
      const git = (...args: string[]) =>
        execFileSync("git", args, {
          cwd: ops,
          env: { ...process.env, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" },
        });
      git("init", "--quiet", "--initial-branch=main");
      git("add", ".");
      git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=first");
      expect(await run(ops, "deploy")).toMatchObject({ code: 0, stdout: "Deployed example.\n" });
      expect(await run(ops, "status", "--json")).toMatchObject({ code: 0 });

      // WHEN its token is rotated
      const rotated = await run(ops, "rotate", "gitops", "--json");
      expect(rotated).toMatchObject({ code: 0 });

      // THEN a review shows it, and what it shows is deployed
      const reviewed = await run(ops, "review", "--base", "HEAD", "--json");
      const { digest, effects } = JSON.parse(reviewed.stdout);
      expect(effects.map(({ kind }: { kind: string }) => kind)).toContain("switched");
      expect(await run(ops, "deploy", "--base", "HEAD", "--reviewed", digest)).toMatchObject({ code: 0 });
      expect(await run(ops, "review", "--all", "--fail-on-changes")).toMatchObject({ code: 0 });
      expect(readdirSync(ops).filter((name) => name.endsWith(".js"))).toEqual([]);
    },
    TIMEOUT,
  );
});
