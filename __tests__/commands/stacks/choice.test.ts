import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { choose, type Scope } from "../../../commands/stacks/choice";
import { inShard } from "../../../commands/stacks/shard";
import { LEFT_OUT } from "../../../state/left-out-states";
import { outdir } from "../../support/synth";

const PROJECT = path.join(__dirname, "../../..");
const NAMES = ["one", "two", "three", "four"];
const HALF = { index: 1, total: 2 };
const SHARE = inShard(
  NAMES.map((name) => ({ name, dependencies: [] })),
  HALF,
).map(({ name }) => name);

/** An app of stacks as texts, which notes each synth. It says of a stack whether it looked into the state, as PusherStack does. */
const APP = `
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const out = process.env.CDKTF_OUTDIR;
const { readStates, obeys } = JSON.parse(process.env.CDKTF_CONTEXT_JSON);
appendFileSync(LOG, JSON.stringify({ at: process.cwd(), reads: readStates ?? "all" }) + "\\n");
const stacks = JSON.parse(readFileSync("stacks.json", "utf8"));
if (stacks.slow) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
if (stacks.fails) throw new Error("no inventory");
const manifest = {};
for (const [name, text] of Object.entries(stacks)) {
  const isRead = !obeys || !readStates || readStates.includes(name);
  const annotations = isRead ? [] : [{ level: "@cdktf/warn", message: ${JSON.stringify(LEFT_OUT)} + ", so …" }];
  const synthesizedStackPath = "stacks/" + name + "/cdk.tf.json";
  mkdirSync(out + "/stacks/" + name, { recursive: true });
  writeFileSync(out + "/" + synthesizedStackPath, JSON.stringify({ text, isRead }));
  manifest[name] = { name, constructPath: name, synthesizedStackPath, dependencies: [], annotations };
}
writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: manifest }));
process.exit();
`;

type Stacks = Readonly<Record<string, string | boolean>>;
const BEFORE: Stacks = Object.fromEntries(NAMES.map((name) => [name, "as it was"]));

interface Given {
  readonly before?: Stacks;
  readonly now: Stacks;
  readonly obeys?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly app?: string;
}

/** A project with a commit of `before` and a working tree of `now`. `obeys`: whether its app reads the states that it is told to. */
class Project {
  readonly root: string;
  private readonly folder = realpathSync(outdir());
  private readonly log = path.join(this.folder, "log");
  private readonly work = path.join(this.folder, "work");

  constructor({ before = BEFORE, now, obeys = true, files = {}, app = "node app.js" }: Given) {
    this.root = path.join(this.folder, "project");
    for (const folder of [this.root, this.work]) mkdirSync(folder);
    this.write("cdktf.json", JSON.stringify({ app, context: { obeys } }));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
    this.write("app.js", APP.replace("LOG", JSON.stringify(this.log)));
    this.write("stacks.json", JSON.stringify(before));
    this.git("init", "--quiet");
    this.git("add", ".");
    this.git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--message=before");
    this.write("stacks.json", JSON.stringify(now));
  }

  /** Lets the app be run as cdktf.json of this project has it, by ts-node. */
  useTsNode(): void {
    const loader = path.join(PROJECT, "node_modules/ts-node/register");
    this.write("cdktf.json", JSON.stringify({ app: `node --require ${loader} app.js`, context: {} }));
    this.git("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "--all", "--message=ts-node");
  }

  choose(scope: Scope) {
    return choose(this.root, scope, {
      folder: this.work,
      environment: process.env,
      signal: new AbortController().signal,
    });
  }

  /** Whose states each synth was told to read, in the working tree and in the base. */
  get synths(): { head: unknown[]; base: unknown[] } {
    if (!existsSync(this.log)) return { head: [], base: [] };
    const lines = readFileSync(this.log, "utf8").trim().split("\n");
    const all = lines.map((line) => JSON.parse(line) as { at: string; reads: unknown });
    const of = (isHead: boolean) => all.filter(({ at }) => (at === this.root) === isHead).map(({ reads }) => reads);
    return { head: of(true), base: of(false) };
  }

  git(...args: string[]): string {
    const env = { ...process.env, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", args, { cwd: this.root, env, encoding: "utf8" });
  }

  write(name: string, text: string): void {
    mkdirSync(path.dirname(path.join(this.root, name)), { recursive: true });
    writeFileSync(path.join(this.root, name), text);
  }
}

const CHANGED = { ...BEFORE, two: "changed" };
const ALL_CHANGED = Object.fromEntries(NAMES.map((name) => [name, "changed"]));

describe("the stacks to plan", () => {
  test.each<[string, ConstructorParameters<typeof Project>[0], Scope, string[], { head: unknown[]; base: unknown[] }]>([
    ["a change", { now: CHANGED }, {}, ["two"], { head: [[], ["two"]], base: [[]] }],
    ["no change", { now: BEFORE }, {}, [], { head: [[]], base: [[]] }],
    ["a change of all", { now: ALL_CHANGED }, {}, NAMES, { head: [[], "all"], base: [[]] }],
    ["a change of all, and a shard", { now: ALL_CHANGED }, { shard: HALF }, SHARE, { head: [[], SHARE], base: [[]] }],
    ["a base that fails", { before: { fails: true }, now: BEFORE }, {}, NAMES, { head: [[], "all"], base: [[]] }],
    ["no commit before", { now: CHANGED }, { base: "0".repeat(40) }, NAMES, { head: ["all"], base: [] }],
    ["all", { now: CHANGED }, { all: true }, NAMES, { head: ["all"], base: [] }],
    [
      "all in one shard",
      { now: CHANGED },
      { all: true, shard: { index: 1, total: 1 } },
      NAMES,
      { head: ["all"], base: [] },
    ],
    ["all, and a shard", { now: CHANGED }, { all: true, shard: HALF }, SHARE, { head: [[], SHARE], base: [] }],
    ["names", { now: CHANGED }, { stacks: ["two", "one"] }, ["two", "one"], { head: [["two", "one"]], base: [] }],
    ["names, and a shard", { now: CHANGED }, { stacks: NAMES, shard: HALF }, SHARE, { head: [SHARE], base: [] }],
    ["an app that reads every state", { now: CHANGED, obeys: false }, {}, ["two"], { head: [[]], base: [[]] }],
  ])(
    "GIVEN %s THEN they are synthesized with a look into their states, and into no others",
    async (_, given, scope, chosen, synths) => {
      const project = new Project(given);
      const choice = await project.choose({ base: scope.stacks || scope.all ? undefined : "HEAD", ...scope });
      expect(choice.chosen.map(({ name }) => name)).toEqual(chosen);
      for (const { configuration } of choice.chosen)
        expect(JSON.parse(configuration)[0]).toMatchObject({ isRead: true });
      expect(project.synths).toEqual(synths);
    },
  );

  test("GIVEN ts-node THEN no cache of it is left for the base's working tree, which is gone", async () => {
    const project = new Project({ now: CHANGED });
    project.useTsNode();
    const [before, temporary] = [process.env.TMPDIR, outdir()];
    process.env.TMPDIR = temporary;
    try {
      await project.choose({ base: "HEAD" });
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
    const caches = readdirSync(temporary, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".MAP"),
    );
    expect(caches.map((name) => path.basename(name))).toEqual([expect.stringMatching(/project\.MAP$/)]);
  });

  test("GIVEN one that is gone and one that is new THEN both are told of", async () => {
    const { two: _, ...rest } = BEFORE;
    const choice = await new Project({ now: { ...rest, five: "new" } }).choose({ base: "HEAD" });
    expect([choice.chosen.map(({ name }) => name), choice.gone.map(({ name }) => name)]).toEqual([["five"], ["two"]]);
    expect(choice.notes).toEqual([expect.stringMatching(/^1 of 4 stacks differ from [0-9a-f]{12}\.$/)]);
  });

  const CODE =
    'import { failWith, synthesizeInventory } from "gitlab-ci-pusher";\n\n/** Stacks. */\nexport const synthesized = synthesizeInventory("pushers").catch(failWith);\n';
  const file = (target: string) =>
    `edition: free\npushers:\n  a:\n    target: xlink/${target}\n    token: {expires: 2030-06-01}\n`;
  const FILES = Object.fromEntries(NAMES.map((name) => [`pushers/${name}.yaml`, file(name)]));
  const TWO = { "pushers/two.yaml": file("other") };
  const DEFAULTS = `# The same.\n${file("two").replace("pushers:", "defaults:\n  token: {role: developer}\npushers:")}`;

  /** A project whose app is the inventory, as `init` writes one: what the test's app does is done before. */
  const plain = (files: Readonly<Record<string, string>>, stacks = BEFORE) => {
    const app = "node --require ./app.js main.ts";
    const project = new Project({ before: BEFORE, now: BEFORE, files: { "main.ts": CODE, ...FILES }, app });
    project.write("stacks.json", JSON.stringify(stacks));
    for (const [name, text] of Object.entries(files)) project.write(name, text);
    return project;
  };

  test.each<[string, () => Project, string[], { head: unknown[]; base: unknown[] }]>([
    ["one file that declares something else", () => plain(TWO), ["two"], { head: [["two"]], base: [] }],
    [
      "a file with another comment, and defaults",
      () => plain({ "pushers/two.yaml": DEFAULTS }),
      [],
      { head: [[]], base: [] },
    ],
    ["a file that is broken", () => plain({ "pushers/two.yaml": "a: [" }), ["two"], { head: [["two"]], base: [] }],
    [
      "a file that Git was told not to look at",
      () => {
        const project = plain({});
        project.git("update-index", "--skip-worktree", "pushers/two.yaml");
        project.write("pushers/two.yaml", file("other"));
        return project;
      },
      ["two"],
      { head: [["two"]], base: [] },
    ],
    [
      "settings that Git was told not to look at",
      () => {
        const project = plain({});
        project.git("update-index", "--skip-worktree", "cdktf.json");
        project.write(
          "cdktf.json",
          JSON.stringify({ app: "node --require ./app.js main.ts", context: { obeys: true, more: 1 } }),
        );
        return project;
      },
      [],
      { head: [[]], base: [[]] },
    ],
    ["one file, and code", () => plain(TWO, CHANGED), ["two"], { head: [["two"]], base: [[]] }],
    [
      "one file, and code that changes another",
      () => plain(TWO, ALL_CHANGED),
      NAMES,
      { head: [["two"], "all"], base: [[]] },
    ],
    [
      "an app with code of its own",
      () => plain({ ...TWO, "main.ts": `${CODE}more();\n` }),
      ["two"],
      { head: [["two"]], base: [[]] },
    ],
    [
      "a file that is gone",
      () => {
        const project = plain({});
        rmSync(path.join(project.root, "pushers/two.yaml"));
        return project;
      },
      [],
      { head: [[]], base: [[]] },
    ],
  ])("GIVEN %s THEN it is synthesized as often as it takes to tell what differs", async (_, made, chosen, synths) => {
    const project = made();
    const choice = await project.choose({ base: "HEAD" });
    expect(choice.chosen.map(({ name }) => name)).toEqual(chosen);
    expect(project.synths).toEqual(synths);
  });

  test("GIVEN a change beside the inventory THEN it is told where there is a base, by one shard", async () => {
    const code = async (scope: Scope) => (await new Project({ now: CHANGED }).choose(scope)).code;
    expect(await code({ base: "HEAD" })).toEqual(["stacks.json"]);
    expect(await code({ base: "HEAD", shard: { index: 2, total: 2 } })).toEqual([]);
    expect(await code({ all: true })).toEqual([]);
  });

  test.each<[string, ConstructorParameters<typeof Project>[0], Scope, RegExp]>([
    [
      "a project that fails",
      { before: { slow: true }, now: { fails: true } },
      { base: "HEAD" },
      /^the synth failed, .*\n[\s\S]*no inventory/,
    ],
    ["no such base", { now: CHANGED }, { base: "nowhere" }, /^got the revision "nowhere"/],
    ["no such stack", { now: CHANGED }, { stacks: ["nobody"] }, /^got the stack "nobody"; allowed: one, two, /],
  ])("GIVEN %s THEN it is told, once the base's working tree is gone too", async (_, given, scope, message) => {
    const project = new Project(given);
    await expect(project.choose(scope)).rejects.toThrow(message);
    expect(project.git("worktree", "list").trim().split("\n")).toHaveLength(1);
  });
});
