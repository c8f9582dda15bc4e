import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { initCommand } from "../../commands/init";
import { ownPackage } from "../../commands/package";
import { loadInventory } from "../../inventory";
import { runnerOf } from "../support/command-run";
import { FakeGitLab } from "../support/fake-gitlab";
import { outdir } from "../support/synth";

const ROOT = path.join(__dirname, "../..");
const GITLAB = "https://gitlab.example.com";
const FILES = [
  "main.ts",
  "cdktf.json",
  "package.json",
  ".npmrc",
  "tsconfig.json",
  ".gitignore",
  ".gitlab-ci.yml",
  "pushers/example.yaml",
  "templates/ops.yml",
  "help",
];
const { version } = ownPackage();

/** Runs `init` where nobody sits at a terminal, or where somebody gives these answers. */
const init = (args: readonly string[], { answers = undefined as string[] | undefined, environment = {} } = {}) => {
  const ask = answers && (async (_: string, fallback?: string) => answers.shift() || fallback!);
  return runnerOf((context) => initCommand(context, ask))(args, environment);
};
const refused = (args: readonly string[], environment = {}) =>
  init(args, { environment }).catch((error) => error.message);
const read = (...names: string[]) => readFileSync(path.join(...names), "utf8");
const parsed = (...names: string[]) => JSON.parse(read(...names));

describe("gitlab-ci-pusher init", () => {
  let folder: string;

  beforeEach(() => {
    folder = path.join(outdir(), "ops");
  });

  test("GIVEN a folder in somebody's Git repository THEN it says that no pipeline runs there, of a root nothing", async () => {
    const isTold = expect.stringContaining(`is a part of the Git repository ${folder}, and GitLab takes the pipeline`);
    mkdirSync(path.join(folder, ".git"), { recursive: true });
    expect(await init([path.join(folder, "a/b"), "--gitlab", GITLAB])).toMatchObject({ code: 0, stderr: isTold });
    expect(await init([folder, "--gitlab", GITLAB])).toMatchObject({ code: 0, stderr: "" });
  });

  test("writes a handful of files, each of which says what it is for, and the next command", async () => {
    const { code, stdout } = await init([folder, "--gitlab", `${GITLAB}/`]);
    expect(code).toBe(0);
    expect(stdout).toBe(
      `Written: ${FILES.join(", ")}\nNext:\n  cd ${folder}\n  npm install\n  npx gitlab-ci-pusher check\n  cat help\n`,
    );
    expect(read(folder, "main.ts")).toBe(read(ROOT, "main.ts").replace("./index", "gitlab-ci-pusher"));
    expect(read(folder, "main.ts").split("\n").length).toBeLessThan(10);
    expect(read(folder, "templates/ops.yml")).toBe(read(ROOT, "templates/ops.yml"));
    expect(read(folder, "help")).toContain(`export GITLAB_BASE_URL=${GITLAB}\n`);
    expect(loadInventory(path.join(folder, "pushers"))).toMatchObject([{ content: { edition: "free", pushers: {} } }]);
    const { dependencies, devDependencies, overrides } = parsed(folder, "package.json");
    expect(dependencies).toMatchObject({ "gitlab-ci-pusher": `^${version}`, cdktf: expect.stringMatching(/^\d/) });
    expect(Object.keys(devDependencies)).toEqual(["cdktf-cli"]);
    // The one of cdktf's command line has no build for Node 24.
    expect(overrides).toEqual({
      "@cdktf/node-pty-prebuilt-multiarch": expect.stringMatching(/^npm:@lydell\/node-pty@\d/),
    });
  });

  test("its example is an inventory once the marks are off", async () => {
    await init([folder, "--gitlab", GITLAB]);
    const example = path.join(folder, "pushers/example.yaml");
    const [head, commented] = read(example).split("pushers: {}");
    const pusher = commented!.split("\n").filter((line) => line.startsWith("#  "));
    writeFileSync(example, `${head}pushers:\n${pusher.map((line) => line.slice(1)).join("\n")}\n`);
    expect(loadInventory(path.join(folder, "pushers"))).toMatchObject([
      { content: { pushers: { gitops: { target: "xlink/xlink-k8s-gitops" } } } },
    ]);
  });

  test("GIVEN somebody at a terminal THEN it asks for the three, with what is likely, and no more", async () => {
    const questions: (readonly [string, string | undefined])[] = [];
    const ask = async (question: string, fallback?: string) => {
      questions.push([question, fallback]);
      return question.includes("states") ? "ops/pushers" : fallback!;
    };
    const run = runnerOf((context) => initCommand(context, ask));
    await run([folder], { GITLAB_BASE_URL: GITLAB });
    expect(questions.map(([, fallback]) => fallback)).toEqual([GITLAB, "local", "free"]);
    expect(parsed(folder, "cdktf.json").context).toEqual({ state: "gitlab", stateProject: "ops/pushers" });

    questions.length = 0;
    await run([folder, "--gitlab", GITLAB, "--state", "local", "--edition", "premium"], {});
    expect(questions).toEqual([]);
  });

  test("GIVEN what it wrote WHEN it runs again where the folder has another name, by a link or in a clone, THEN all of it is there already", async () => {
    const { written } = JSON.parse((await init([folder, "--gitlab", GITLAB, "--json"])).stdout);
    const link = `${folder}-by-another-name`;
    symlinkSync(folder, link);
    const again = JSON.parse((await init([link, "--gitlab", GITLAB, "--json"])).stdout);
    expect(again).toMatchObject({ written: [], kept: [] });
    expect([...again.same, "pushers/example.yaml"].sort()).toEqual([...written].sort());
  });

  test("GIVEN a folder with things of somebody's WHEN it runs, and again THEN none of them is changed", async () => {
    // GIVEN what `npm install gitlab-ci-pusher` leaves, a file that looks elsewhere, an inventory
    mkdirSync(path.join(folder, "pushers"), { recursive: true });
    const theirs = { dependencies: { "gitlab-ci-pusher": "^1.0.0" } };
    writeFileSync(path.join(folder, "package.json"), JSON.stringify(theirs));
    writeFileSync(path.join(folder, "pushers/own.yaml"), "edition: free\npushers: {}\n");
    symlinkSync("/nowhere/else", path.join(folder, "help"));

    // WHEN
    const first = JSON.parse((await init([folder, "--gitlab", GITLAB, "--json"])).stdout);
    const second = JSON.parse((await init([folder, "--gitlab", GITLAB, "--json"])).stdout);

    // THEN
    expect(first.kept).toEqual(["package.json", "help"]);
    expect(first.written).toEqual(FILES.filter((name) => !/package|example|help/.test(name)));
    expect(second).toMatchObject({ written: [], same: first.written, kept: first.kept });
    expect(parsed(folder, "package.json")).toEqual(theirs);
    expect(existsSync("/nowhere")).toBe(false);
    expect(readdirSync(path.join(folder, "pushers"))).toEqual(["own.yaml"]);
    expect(first.next).toContainEqual(
      expect.stringMatching(/^npm install @cdktf\/provider-gitlab@\S+ cdktf@\S+ constructs@\S+ sucrase@\S+$/),
    );
    expect(first.next).toContainEqual(expect.stringMatching(/^npm install --save-dev cdktf-cli@\S+$/));
    // Before anything is installed: the build that cdktf's command line has of its own is none for Node 24.
    expect(first.next[1]).toMatch(/^npm pkg set 'overrides\[@cdktf\/node-pty-prebuilt-multiarch\]=npm:@lydell\S+'$/);
  });

  test("GIVEN a project in which nothing can be taken over WHEN --discover THEN the inventory is the example, which a synth takes", async () => {
    const gitlab = await FakeGitLab.start({
      "/user": { id: 1 },
      "/projects/xlink%2Fempty": {
        id: 1,
        path_with_namespace: "xlink/empty",
        default_branch: null,
        namespace: { kind: "group", full_path: "xlink" },
      },
    });
    const environment = { GITLAB_TOKEN: "glpat-x" };
    const args = [folder, "--gitlab", gitlab.url, "--discover", "xlink/empty"];
    const dry = await init([...args, "--dry-run"], { environment });
    const { code, stderr } = await init(args, { environment });
    await gitlab.stop();
    expect(dry.stdout).toContain(" pushers/example.yaml,");
    expect([code, stderr]).toEqual([0, expect.stringContaining("nothing written: ")]);
    expect(loadInventory(path.join(folder, "pushers"))).toHaveLength(1);
  });

  test("GIVEN a folder for the inventory without a file in it THEN it gets the example", async () => {
    mkdirSync(path.join(folder, "pushers"), { recursive: true });
    await init([folder, "--gitlab", GITLAB]);
    expect(readdirSync(path.join(folder, "pushers"))).toEqual(["example.yaml"]);
  });

  describe("GIVEN a GitLab that tells what it is", () => {
    const asked = async (version: string, given: object, args: readonly string[] = []) => {
      const gitlab = await FakeGitLab.start({ "/version": { version, enterprise: false }, ...given });
      const environment = { GITLAB_TOKEN: "glpat-x", GITLAB_BASE_URL: gitlab.url };
      const { stdout, stderr } = await init([folder, ...args], { environment });
      await gitlab.stop();
      return { stdout, stderr, calls: gitlab.calls };
    };
    const context = () => parsed(folder, "cdktf.json").context;

    test.each([
      ["19.2.1", { provider: 19 }, /^cdktf\.json asks for provider 19/],
      ["18.11.0", {}, /^$/],
      ["17.9.0", {}, /^$/],
      [
        "17.6.4-ee",
        {},
        /^got GitLab 17\.6\.4-ee, without descriptions of access tokens; allowed: 17\.7 or later; fix: upgrade/,
      ],
    ])(
      "of %s WHEN the repository is new THEN it asks for the newest provider that supports it, and says what is too old",
      async (version, expected, told) => {
        const { calls, stderr } = await asked(version, {});
        expect([calls, stderr]).toEqual([["GET /version"], expect.stringMatching(told)]);
        expect(context()).toEqual(expected);
        expect(loadInventory(path.join(folder, "pushers"))).toMatchObject([{ content: { package: "ce" } }]);
      },
    );

    test("WHEN somebody began on another provider THEN nobody is moved", async () => {
      // GIVEN a repository of a GitLab of 18
      await asked("18.11.0", {});
      // WHEN its GitLab is a newer one, and init runs again, or brings an upgrade
      const again = JSON.parse((await asked("19.2.1", {}, ["--json"])).stdout);
      await init([folder, "--update", "--apply"]);
      // THEN
      expect(again.same).toContain("cdktf.json");
      expect(context()).toEqual({});
    });

    test("WHEN a provider is locked in the folder THEN that one counts", async () => {
      mkdirSync(folder);
      writeFileSync(path.join(folder, ".terraform.lock.hcl"), "");
      await asked("19.2.1", {});
      expect(context()).toEqual({});
    });

    test("WHEN --gitlab names another one THEN the token goes nowhere", async () => {
      expect((await asked("19.2.1", {}, ["--gitlab", GITLAB])).calls).toEqual([]);
      expect(context()).toEqual({});
    });
  });

  test("GIVEN GitLab.com, which nobody asks, THEN it is of today", async () => {
    await init([folder, "--gitlab", "https://gitlab.com", "--edition", "premium"]);
    expect(parsed(folder, "cdktf.json").context).toEqual({ provider: 19 });
  });

  test("GIVEN --dry-run THEN it says what would be written, and writes nothing", async () => {
    const { stdout } = await init([folder, "--gitlab", GITLAB, "--dry-run"]);
    expect(stdout).toBe(`Would be written: ${FILES.join(", ")}\n`);
    expect(existsSync(folder)).toBe(false);
  });

  test.each([
    [["--gitlab", "gitlab.example.com"], /^got --gitlab "gitlab\.example\.com"; allowed: the address of a GitLab/],
    [["--gitlab", "https://me:secret@gitlab.example.com"], /^got --gitlab with a user name in it/],
    [
      ["--gitlab", "https://gitlab.com/xlink"],
      /^got --gitlab "https:\/\/gitlab\.com\/xlink"; allowed: the address of a GitLab/,
    ],
    [["--gitlab", "https://host/$(id)"], /^got --gitlab/],
    [["--gitlab", `${GITLAB}/api/v4/projects`], /^got --gitlab/],
    [[], /^got no --gitlab; allowed: the address of a GitLab; fix: init --gitlab https:/],
    [["--gitlab", GITLAB, "--state", "gitlab"], /^got --state "gitlab"; allowed: local, or the full path of a project/],
    [["--gitlab", GITLAB, "--edition", "ultimate"], /^got --edition "ultimate"; allowed: free, or premium/],
    [["--gitlab", GITLAB, "--component", "$(id)"], /^got --component/],
    [["--gitlab", GITLAB, "--apply"], /^got --apply alone; allowed: with --update/],
    [["--gitlab", GITLAB, "--discover", "xlink"], /^got no GITLAB_TOKEN/],
    [["--update"], /without cdktf\.json; allowed: an ops repository/],
  ])("GIVEN %j THEN it is refused, and nothing is written", async (args, message) => {
    expect(await refused([folder, ...args])).toMatch(message);
    expect(existsSync(folder)).toBe(false);
  });

  test.each([
    ["a module", "package.json", '{"type":"module"}', /with "type": "module"; allowed: CommonJS/],
    ["no JSON", "package.json", "{", /package\.json, which cannot be read/],
    ["JSON of another kind", "package.json", "null", /package\.json, which cannot be read \(it holds no object\)/],
    ["a file for the inventory", "pushers", "x", /got something in the place of .*pushers, or of/],
    ["no JSON of cdktf's", "cdktf.json", "{", /cdktf\.json, which cannot be read/],
    ["a file for a folder", "templates", "x", /got something in the place of .*templates\/ops\.yml/],
  ])("GIVEN %s that stands there THEN it is refused before anything is written", async (_, name, text, message) => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, name), text);
    expect(await refused([folder, "--gitlab", GITLAB])).toMatch(message);
    expect(readdirSync(folder)).toEqual([name]);
  });

  test.each(["package.json", "cdktf.json"])(
    "GIVEN a folder for %s THEN it is refused before anything is written",
    async (name) => {
      mkdirSync(path.join(folder, name), { recursive: true });
      expect(await refused([folder, "--gitlab", GITLAB])).toMatch(/which cannot be read \(EISDIR\)/);
      expect(readdirSync(folder)).toEqual([name]);
    },
  );

  test.each([[], ["--update"]])("GIVEN the package's own folder and %j THEN it is left alone", async (...args) => {
    expect(await refused([ROOT, "--gitlab", GITLAB, "--dry-run", ...args])).toMatch(
      /^got the folder of gitlab-ci-pusher/,
    );
  });

  test("GIVEN a link to nowhere, or a name that no disk takes, THEN it says so", async () => {
    symlinkSync("nowhere", folder);
    expect(await refused([folder, "--gitlab", GITLAB])).toMatch(/^got something in the place of .*ops, or of/);
    expect(await refused([path.join(folder, "..", "x".repeat(300)), "--gitlab", GITLAB])).toMatch(
      /^got ENAMETOOLONG at/,
    );
  });

  test("GIVEN a package.json that an editor on Windows wrote THEN it is read", async () => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, "package.json"), "\uFEFF{}\r\n");
    expect((await init([folder, "--gitlab", GITLAB])).code).toBe(0);
  });

  test("GIVEN an address of no GitLab in the environment WHEN --gitlab names another THEN nobody minds it", async () => {
    expect((await init([folder, "--gitlab", GITLAB], { environment: { GITLAB_BASE_URL: "x" } })).code).toBe(0);
  });

  test("GIVEN a folder that a shell would take for an option THEN what is to be typed names it", async () => {
    const { next } = JSON.parse((await init(["--gitlab", GITLAB, "--dry-run", "--json", "--", "-ops"])).stdout);
    expect(next[0]).toBe("cd ./-ops");
  });

  test("GIVEN a component THEN the pipeline is a reference to this release, and no copy of it", async () => {
    await init([folder, "--gitlab", GITLAB, "--component", "tools/gitlab-ci-pusher"]);
    expect(read(folder, ".gitlab-ci.yml")).toContain(
      `component: $CI_SERVER_FQDN/tools/gitlab-ci-pusher/ops@${version}\n`,
    );
    expect(existsSync(path.join(folder, "templates"))).toBe(false);
  });

  test("GIVEN GitLab.com without Premium THEN it says at once that there are no such tokens", async () => {
    expect((await init([folder, "--gitlab", "https://gitlab.com"])).stderr).toContain("no project access tokens");
    expect((await init([folder, "--gitlab", "https://gitlab.com", "--edition", "premium"])).stderr).not.toContain(
      "tokens",
    );
  });

  describe("--update", () => {
    test("GIVEN a repository of this release THEN there is nothing to do", async () => {
      await init([folder, "--gitlab", GITLAB]);
      expect(await init([folder, "--update"])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("this release's"),
      });
    });

    test("GIVEN a checkout with the line ends of Windows THEN nothing is to do, and what is written has them too", async () => {
      await init([folder, "--gitlab", GITLAB]);
      const file = path.join(folder, "templates/ops.yml");
      for (const name of ["templates/ops.yml", "help"])
        writeFileSync(path.join(folder, name), read(folder, name).replaceAll("\n", "\r\n"));
      expect((await init([folder, "--update"])).code).toBe(0);
      expect(JSON.parse((await init([folder, "--gitlab", GITLAB, "--json"])).stdout)).toMatchObject({ kept: [] });

      writeFileSync(file, `# old\r\n${read(file)}`);
      expect((await init([folder, "--update"])).stdout).toMatch(/@@ -1,4 \+1,3 @@\n-# old/);
      await init([folder, "--update", "--apply"]);
      expect(read(file)).not.toMatch(/[^\r]\n/);
    });

    test.each([
      ["in quotes, with a remark", `"$H/t/ops@0.9.0" # pinned`, `"$H/t/ops@${version}" # pinned`],
      ["at what moves", "$H/t/ops@~latest", "$H/t/ops@~latest"],
      ["at a part of a release", "$H/t/ops@1", "$H/t/ops@1"],
      ["beside another of that name", "$H/t/ops@0.9.0\n  - component: $H/u/ops@2.0.0", undefined],
    ])("GIVEN a component %s THEN it is not taken for another one", async (_, component, after = component) => {
      await init([folder, "--gitlab", GITLAB]);
      const pipeline = path.join(folder, ".gitlab-ci.yml");
      writeFileSync(pipeline, `include:\n  - component: ${component}\n`);
      await init([folder, "--update", "--apply"]);
      expect(read(pipeline)).toBe(`include:\n  - component: ${after}\n`);
    });

    test("GIVEN one of an earlier release THEN the differences are shown, and written on demand; what is theirs stays", async () => {
      // GIVEN
      await init([folder, "--gitlab", GITLAB, "--component", "tools/pusher"]);
      mkdirSync(path.join(folder, "templates"));
      writeFileSync(path.join(folder, "templates/ops.yml"), "old: true\n");
      writeFileSync(path.join(folder, "main.ts"), "// ours\n");
      const pipeline = path.join(folder, ".gitlab-ci.yml");
      writeFileSync(pipeline, `${read(pipeline).replace(`ops@${version}`, "ops@0.9.0")}test: { script: [ours] }\n`);

      // WHEN
      const shown = await init([folder, "--update"]);
      const before = read(pipeline);
      const applied = await init([folder, "--update", "--apply"]);

      // THEN
      expect(shown.code).toBe(1);
      expect(shown.stdout).toContain("--- a/templates/ops.yml\n+++ b/templates/ops.yml\n");
      expect(shown.stdout).toContain("-  - component: $CI_SERVER_FQDN/tools/pusher/ops@0.9.0\n");
      expect(shown.stdout).toContain(`+  - component: $CI_SERVER_FQDN/tools/pusher/ops@${version}\n`);
      expect(before).toContain("ops@0.9.0");
      expect(applied).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/\nWritten: templates\/ops\.yml, \.gitlab-ci\.yml\n$/),
      });
      expect(read(pipeline)).toContain("test: { script: [ours] }");
      expect(read(folder, "main.ts")).toBe("// ours\n");
      expect((await init([folder, "--update"])).code).toBe(0);
    });
  });
});
