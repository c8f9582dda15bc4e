import { execFile, execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import { HERE, ProviderMirror } from "../support/provider-mirror";
import { type PusherRun, pusher } from "../support/pusher-run";
import { fastCdktfJson } from "../support/swc-node";
import { outdir } from "../support/synth";
import { IS_TOFU, REGISTRY, TERRAFORM } from "../support/tested-terraform";

const PROJECT = path.join(__dirname, "../..");
const LINKED = ["main.ts", "tsconfig.json", "package.json", "inventory", "node_modules"];
const TIMEOUT = 240_000;
const LOCK = ".terraform.lock.hcl";
const GITLAB = `${REGISTRY}/gitlabhq/gitlab`;
const [OLD, NEW] = ["18.9.1", "18.10.0"];

/** Here the app runs by the machine's clock. */
const SOON = new Date(Date.now() + 100 * 86_400_000).toISOString().slice(0, 10);

const stack = (name: string): string =>
  `edition: free\npushers:\n  ${name}:\n    target: xlink/${name}\n    token: {role: maintainer, expires: [${SOON}]}\n    variable: {in: [xlink/${name}]}\n`;

/** An app of two stacks in which gitlab is no newer than 18.9 for one, and something is required of the other. */
const app = (of: string, required: unknown): string => `
import { App } from "cdktf";
import { PusherStack } from "${PROJECT}/constructs";
const app = new App({ stackTraces: false });
const [one, two] = ["one", "two"].map((name) => new PusherStack(app, name, { baseUrl: "https://gitlab.example.com" }));
one.addOverride("terraform.required_providers.gitlab.version", ">= 18.8.2, < 18.10.0");
two.addOverride("terraform.required_providers.${of}", ${JSON.stringify(required)});
app.synth();
`;
const RANDOM = { source: "hashicorp/random", release: "3.6.0" };

let sandbox: Sandbox;
let mirror: ProviderMirror;
let root: string;
let temporary: string;
let environment: NodeJS.ProcessEnv;

beforeEach(async () => {
  const projects = ["one", "two", "three"].map((name) => ({ path: `xlink/${name}`, files: { "README.md": "x\n" } }));
  sandbox = await Sandbox.start({ seed: { projects } });
  const { TF_REATTACH_PROVIDERS: reattach = "", ...gitlab } = sandbox.environment;
  mirror = new ProviderMirror(reattach);
  mirror.add({ release: OLD });

  const folder = outdir();
  root = path.join(folder, "ops");
  temporary = path.join(folder, "tmp");
  for (const name of [root, temporary, path.join(root, "pushers")]) mkdirSync(name);
  for (const name of LINKED) symlinkSync(path.join(PROJECT, name), path.join(root, name));
  writeFileSync(file("cdktf.json"), fastCdktfJson());
  for (const name of ["one", "two", "three"]) writeFileSync(file("pushers", `${name}.yaml`), stack(name));

  const { PATH, HOME, NODE_OPTIONS, TERRAFORM_BINARY_NAME, TYPESCRIPT_CACHE } = process.env;
  environment = {
    PATH,
    HOME,
    NODE_OPTIONS,
    TERRAFORM_BINARY_NAME,
    TMPDIR: temporary,
    TYPESCRIPT_CACHE,
    ...gitlab,
    ...mirror.environment,
  };
}, TIMEOUT);
afterEach(() => sandbox.stop());

const file = (...names: string[]): string => path.join(root, ...names);
const lockFile = (): string => readFileSync(file(LOCK), "utf8");

/** Runs `pusher …` in the ops repository. */
async function run(...args: string[]): Promise<PusherRun> {
  const [cwd, before] = [process.cwd(), process.env];
  process.chdir(root);
  process.env = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined));
  try {
    return await pusher(args, new Date());
  } finally {
    process.chdir(cwd);
    process.env = before;
  }
}

const lock = (...args: string[]): Promise<PusherRun> => run("providers", "lock", "--fs-mirror", mirror.folder, ...args);

/** Runs the real `cdktf …` there. Without a terminal it shows what Terraform prints. */
function cdktf(...args: string[]): Promise<{ code: number; printed: string }> {
  const env = { ...environment, CI: "true", CDKTF_HOME: path.join(temporary, "cdktf"), DISABLE_VERSION_CHECK: "1" };
  const program = path.join(PROJECT, "node_modules", ".bin", "cdktf");
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: root, env }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, printed: stdout + stderr });
    });
  });
}

describe("the provider lock file", () => {
  test(
    "GIVEN none WHEN `gitlab-ci-pusher providers lock` runs THEN it locks what the stacks need, for every platform, and is stable",
    async () => {
      // GIVEN
      mirror.add({ release: NEW });
      mirror.add({ release: "19.0.0" });

      // WHEN
      const first = await lock();

      // THEN the newest allowed release is locked, with the checksums of the five platforms
      expect(first).toEqual({
        code: 0,
        stdout: `${GITLAB} ${NEW}\n${LOCK} is written: review and commit it.\n`,
        stderr: expect.any(String),
      });
      const platforms = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"];
      const checksums = platforms.map((platform) => mirror.checksum({ release: NEW }, platform));
      expect([...lockFile().matchAll(/"(h1:[^"]+)"/g)].map((match) => match[1]).sort()).toEqual(checksums.sort());

      // AND a second time nothing changes
      const again = await lock("--json");
      expect(JSON.parse(again.stdout)).toEqual({ file: LOCK, changed: false, providers: { [GITLAB]: NEW } });
      expect(readdirSync(temporary)).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "GIVEN a locked release WHEN a newer one is out THEN it stays until --upgrade",
    async () => {
      // GIVEN
      await lock("--platform", "linux_amd64", "--platform", "darwin_arm64");
      expect(lockFile().match(/h1:/g)).toHaveLength(2);
      mirror.add({ release: NEW });

      // WHEN the lock is written anew, THEN the release stays, and platforms are added
      expect((await lock()).stdout).toContain(`${GITLAB} ${OLD}\n`);
      expect(lockFile().match(/h1:/g)).toHaveLength(5);

      // WHEN it is not allowed any more, THEN the file stays as it is
      const locked = lockFile();
      writeFileSync(file(LOCK), locked.replace(OLD, "18.6.1"));
      const refused = await lock();
      expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: "" });
      expect(refused.stderr).toContain("Fix: pass --upgrade");
      expect(lockFile()).toContain("18.6.1");
      writeFileSync(file(LOCK), locked);

      // WHEN it is upgraded
      expect((await lock("--upgrade")).stdout).toBe(
        `${GITLAB} ${NEW} (was ${OLD})\n${LOCK} is written: review and commit it.\n`,
      );
      expect(lockFile()).not.toContain(OLD);
    },
    TIMEOUT,
  );

  test(
    "GIVEN stacks that need different things THEN one release fits them all, and each stack takes its own",
    async () => {
      // GIVEN
      mirror.add({ release: NEW });
      mirror.add(RANDOM);
      rmSync(file("main.ts"));
      writeFileSync(file("main.ts"), app("random", { source: RANDOM.source, version: RANDOM.release }));

      // WHEN
      const locked = JSON.parse((await lock("--json")).stdout);

      // THEN
      const random = `${REGISTRY}/hashicorp/random`;
      expect(locked.providers).toEqual({ [GITLAB]: OLD, [random]: RANDOM.release });
      const reviewed = await run("review", "--all", "--json");
      expect(JSON.parse(reviewed.stdout)).toMatchObject({ effects: [], notes: [] });

      // WHEN a stack no longer declares a provider that is in its state, and needs the same as the other stack then
      writeFileSync(file("main.ts"), app("gitlab.version", ">= 18.8.2, < 18.10.0"));
      const resource = {
        mode: "managed",
        type: "gitlab_project_variable",
        name: "gone",
        provider: `provider["${random}"]`,
        instances: [{ schema_version: 0, attributes: { id: "xlink/two:GONE:*", project: "xlink/two", key: "GONE" } }],
      };
      const state = { version: 4, terraform_version: "1.7.0", serial: 1, lineage: "x", resources: [resource] };
      writeFileSync(file(".state", "two.tfstate"), JSON.stringify(state));
      expect(JSON.parse((await lock("--json")).stdout)).toMatchObject({ providers: locked.providers });
      const before = mirror.runs.length;
      const emptied = await run("review", "--all", "--json");

      // THEN it has it still, in the locked release
      expect(JSON.parse(emptied.stdout).notes).toEqual([]);
      expect(mirror.runs.slice(before)).toContainEqual(expect.stringMatching(/two\/.*provider-random_v3\.6\.0$/));
    },
    TIMEOUT,
  );

  test.each<[string, string[], () => void, RegExp]>([
    [
      "an attached provider",
      [],
      () => {
        environment.TF_REATTACH_PROVIDERS = "{}";
      },
      /^got TF_REATTACH_PROVIDERS; allowed: providers that are installed, .*fix: unset it/,
    ],
    [
      "a mirror without it",
      ["--fs-mirror", "/nowhere"],
      () => {},
      /providers lock failed, nothing was changed:\n[\s\S]*Fix: pass --upgrade/,
    ],
    ["two mirrors", ["--net-mirror", "https://mirror.example.com"], () => {}, /cannot be used with option/],
    ["no platform", ["--platform", "plan9"], () => {}, /providers lock failed, nothing was changed:\n[\s\S]*plan9/],
    ["no ops repository", [], () => rmSync(file("cdktf.json")), /got no app in .*cdktf\.json/],
    [
      "a file that cannot be written",
      [],
      () => symlinkSync("/nowhere/lock", file(LOCK)),
      /got ENOENT at .*lock\.hcl; allowed/,
    ],
  ])(
    "GIVEN %s THEN it says what to do, and changes nothing",
    async (_, args, given, message) => {
      given();
      const { code, stdout, stderr } = await lock(...args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toMatch(message);
      expect(existsSync(file(LOCK))).toBe(false);
      expect(readdirSync(temporary)).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "GIVEN it is committed THEN cdktf, again and again, review and deploy run that release and none that came later",
    async () => {
      // GIVEN a newer release
      await lock();
      const committed = lockFile();
      mirror.add({ release: NEW });

      // WHEN cdktf plans, twice, and in between something else got into the ignored folder
      for (const _ of [1, 2]) {
        const diff = await cdktf("diff", "one");
        expect(diff).toEqual({ code: 0, printed: expect.stringMatching(/Plan:\S* 2 to add/) });
        // It neither upgrades nor asks the registry for checksums: there is none to ask.
        expect(diff.printed).toMatch(new RegExp(`(?:Installing|previously-installed) gitlabhq/gitlab v${OLD}`));
        for (const name of ["one", "two", "three"]) {
          expect(readFileSync(file("cdktf.out/stacks", name, LOCK), "utf8")).toBe(committed);
        }
        writeFileSync(file("cdktf.out/stacks/one", LOCK), committed.replaceAll(OLD, NEW));
      }

      // AND pusher reviews and deploys
      const reviewed = await run("review", "--all", "--json");
      expect(JSON.parse(reviewed.stdout).notes).toEqual([]);
      const deployed = await run("deploy");
      expect(deployed).toMatchObject({ code: 0, stdout: "Deployed one, three, two.\n" });

      // THEN
      const releases = new Set(mirror.runs.map((program) => path.basename(program)));
      expect([...releases]).toEqual([`terraform-provider-gitlab_v${OLD}`]);
      expect(lockFile()).toBe(committed);
    },
    TIMEOUT,
  );

  test(
    "GIVEN none THEN review says that the provider was chosen anew; and nothing when it is attached",
    async () => {
      const chosen = await run("review", "--all", "--json");
      expect(JSON.parse(chosen.stdout).notes).toEqual([
        expect.stringMatching(
          /^No \.terraform\.lock\.hcl is beside cdktf\.json, .*gitlabhq\/gitlab 18\.9\.1: `npx gitlab-ci-pusher providers lock/,
        ),
      ]);
      environment = { ...environment, ...sandbox.environment };
      const attached = await run("review", "--all", "--json");
      expect(JSON.parse(attached.stdout).notes).toEqual([]);
      expect(JSON.parse(attached.stdout).digest).toBe(JSON.parse(chosen.stdout).digest);
    },
    TIMEOUT,
  );

  test(
    "GIVEN one, committed WHEN a provider is not in it, not allowed, or not what it was THEN review and deploy refuse",
    async () => {
      await lock();
      const committed = lockFile();
      const refused = async (message: RegExp) => {
        for (const args of [["review", "--all"], ["deploy"]]) {
          const { code, stdout, stderr } = await run(...args);
          expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
          expect(stderr).toMatch(message);
          expect(stderr).toContain("run `npx gitlab-ci-pusher providers lock`");
        }
      };
      // Not in it.
      writeFileSync(file(LOCK), committed.replaceAll("gitlabhq/gitlab", "gitlabhq/other"));
      await refused(/^got registry\.\w+\.\w+\/gitlabhq\/gitlab in one, not in \.terraform\.lock\.hcl; allowed/m);
      // Not allowed.
      writeFileSync(file(LOCK), committed.replaceAll(OLD, "18.6.1"));
      await refused(/does not match configured\s+version constraint[\s\S]*with --upgrade/);
      // Not what it was.
      writeFileSync(file(LOCK), committed.replaceAll(/"h1:..../g, '"h1:AAAA'));
      await refused(/doesn't match any of the\s+checksums/);
      // Two sides of a merge, of which each names another provider.
      writeFileSync(file(LOCK), committed.replace(/^ {2}version.*$/m, "<<<<<<< HEAD\n$&\n=======\n$&\n>>>>>>> other"));
      await refused(/^\.terraform\.lock\.hcl:5:1: got a conflict marker of Git; /m);
      expect(existsSync(file(".state", "one.tfstate"))).toBe(false);
      expect(mirror.runs).toEqual([]);
      // The sandbox's stand-in has no release, and the file does not hinder it.
      writeFileSync(file(LOCK), committed);
      environment = { ...environment, ...sandbox.environment };
      expect(await run("deploy")).toMatchObject({ code: 0, stdout: "Deployed one, three, two.\n" });
    },
    TIMEOUT,
  );

  test(
    "GIVEN a state that the other program wrote, and a lock file without its registry THEN what is told, if anything, makes a review pass",
    async () => {
      const other = IS_TOFU ? "registry.terraform.io" : "registry.opentofu.org";
      await lock();
      await run("deploy");
      const state = file(".state", "one.tfstate");
      writeFileSync(state, readFileSync(state, "utf8").replaceAll(REGISTRY, other));
      mirror.add({ release: OLD, registry: other });
      const first = await run("review", "--all");
      const told = [...first.stderr.matchAll(/`(?:terraform|tofu) (.+?)`/g)].map(([, command = ""]) =>
        command.split(" "),
      );
      expect([first.code, told.length]).toEqual(IS_TOFU ? [0, 0] : [2, 2]);
      await cdktf("synth");
      const stackFolder = { cwd: file("cdktf.out/stacks/one"), env: environment, input: "yes\n" };
      for (const args of told) execFileSync(TERRAFORM, args, stackFolder);
      expect(await run("review", "--all")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("Nothing would change."),
      });
    },
    TIMEOUT,
  );

  test(
    "GIVEN a change of the provider's release alone THEN review plans every stack, and none when platforms were added",
    async () => {
      const git = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], {
          cwd: root,
          env: { ...process.env, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" },
        });
      const notes = async () => JSON.parse((await run("review", "--base", "HEAD", "--json")).stdout).notes;
      writeFileSync(file(".gitignore"), "node_modules\n.state/\ncdktf.out/\n");
      await lock("--platform", HERE);
      git("init", "--quiet", "--initial-branch=main");
      git("add", ".");
      git("commit", "--quiet", "--message=locked");

      await lock();
      expect(await notes()).toEqual([expect.stringMatching(/^0 of 3 stacks differ/)]);
      mirror.add({ release: NEW });
      await lock("--upgrade");
      expect(await notes()).toEqual([expect.stringMatching(/^3 of 3 stacks differ/)]);
    },
    TIMEOUT,
  );
});

describe("installing providers", () => {
  /** Notes of the run in which it is found out whether it will do. */
  const ASKED_FOR_ITS_VERSION = 2;

  /** A Terraform that notes when each of its runs begins and ends. */
  function notedTerraform(): { program: string; notes: () => string[] } {
    const [program, log] = [path.join(temporary, "terraform"), path.join(temporary, "terraform-runs")];
    const note = (what: string) => `echo "${what} $*" >> '${log}'`;
    const script = ["#!/bin/sh", note("begin"), `'${TERRAFORM}' "$@"`, "code=$?", note("end"), "exit $code", ""];
    writeFileSync(program, script.join("\n"), { mode: 0o700 });
    return { program, notes: () => readFileSync(log, "utf8").trimEnd().split("\n").slice(ASKED_FOR_ITS_VERSION) };
  }

  /** Unpacked copies of the provider below a folder. */
  const copies = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.startsWith("terraform-provider-"))
      .map((entry) => path.join(entry.parentPath, entry.name));

  test.each([
    ["a lock file and a plugin cache", true, true],
    ["a lock file", true, false],
    ["a plugin cache", false, true],
    ["neither a lock file nor a plugin cache", false, false],
  ])(
    "GIVEN %s and eight stacks WHEN they are reviewed at once THEN the provider is installed once, and run from there",
    async (_, isLocked, isCached) => {
      // GIVEN
      for (const name of ["a", "b", "c", "d", "e"]) writeFileSync(file("pushers", `${name}.yaml`), stack(name));
      if (isLocked) await lock();
      const cache = path.join(mkdtempSync(path.join(temporary, "cache-")), "plugins");
      mkdirSync(cache);
      if (isCached) environment.TF_PLUGIN_CACHE_DIR = cache;

      const terraform = notedTerraform();
      environment.TERRAFORM_BINARY_NAME = terraform.program;

      // WHEN
      const reviewed = await run("review", "--all", "--json");

      // THEN only one run of Terraform could install or cache anything, and nothing ran meanwhile
      const init = "init -no-color -input=false";
      expect(terraform.notes().slice(0, 2)).toEqual([`begin ${init}`, `end ${init}`]);
      expect(terraform.notes().filter((note) => note.includes(" init "))).toHaveLength(2);
      // AND every stack was planned, by one and the same program
      expect(Object.keys(JSON.parse(reviewed.stdout).stacks)).toHaveLength(8);
      expect(mirror.runs.length).toBeGreaterThanOrEqual(8);
      expect(new Set(mirror.runs).size).toBe(1);
      // AND the cache, which outlives the review, has it as it was published
      expect(copies(cache)).toHaveLength(isCached ? 1 : 0);
      if (isCached) expect(mirror.runs[0]).toContain(cache);
    },
    TIMEOUT,
  );
});
