import { existsSync, readdirSync } from "node:fs";
import * as path from "node:path";
import { discoverCommand } from "../../../commands/discover";
import { ExitCode } from "../../../commands/exit-code";
import { initCommand } from "../../../commands/init";
import { type CommandRun, runnerOf } from "../../support/command-run";
import { FakeGitLab } from "../../support/fake-gitlab";
import { GrownGitLab } from "../../support/grown-gitlab";
import { outdir } from "../../support/synth";

const discover = runnerOf(discoverCommand);

describe("GIVEN what grew by hand", () => {
  let grown: GrownGitLab;
  let owner: Record<string, string>;
  beforeAll(async () => {
    grown = await GrownGitLab.start();
    owner = { GITLAB_BASE_URL: grown.sandbox.url, GITLAB_TOKEN: await grown.reader("olga") };
  });
  afterAll(() => grown.stop());

  describe("WHEN a group is discovered", () => {
    let run: CommandRun;
    beforeAll(async () => {
      run = await discover(["xlink"], owner);
    });

    test("THEN the table says who may push where, and with which tokens", () => {
      const rows = run.stdout
        .split("\n")
        .filter((line) => line.startsWith("│"))
        .map((line) => line.split("│").map((cell) => cell.trim()));
      const cells = rows.map((row) => row.slice(2, 6).join(" | "));
      expect(cells).toContain("main default | Maintainers and up | no | gitops (2)");
      expect(cells).toContain("rel* | Developers and up | no | gitops (2)");
      expect(cells).toContain("all others | Developers and up | yes | gitops (2)");
      expect(cells).toContain("tag v* | Maintainers and up |  | ");
      expect(cells).toContain("by SSH | deploy key mirror (1) |  | ");
      expect(cells).toContainEqual(expect.stringMatching(/^by job token \| its own jobs/));
      expect(run.stdout).toMatch(/personal token of dana: +│ +│ api +│ 2100-01-20/);
    });

    test("THEN the findings are told, the worst first, each with its fix; exit code 1", () => {
      const told = [...run.stdout.matchAll(/^[✗!i] (\w+) ([\w-]+): /gm)].map(([, severity, id]) => `${severity} ${id}`);
      expect(told).toEqual([
        "danger wildcard-opens",
        "danger variable-unprotected",
        "danger variable-unmasked",
        "danger token-wide",
        "warning token-in-many-places",
        "warning token-dies-soon",
        "warning variable-dead",
        "warning deploy-key-writes",
        "hint no-token-needed",
      ]);
      expect(run.stdout.match(/^ {4}fix: /gm)).toHaveLength(told.length);
      expect(run.stdout).toMatch(/^3 projects, 3 tokens that can push, 11 findings$/m);
      expect(run.code).toBe(ExitCode.finding);
    });

    test("THEN no token's value gets out", () => {
      for (const value of grown.values.values()) expect(`${run.stdout}${run.stderr}`).not.toContain(value);
    });
  });

  test("WHEN it is asked for JSON THEN programs find the same, and no value", async () => {
    const { stdout, code } = await discover(["xlink/apps", "xlink/gitops", "--json"], owner);
    const json = JSON.parse(stdout);
    expect(json).toMatchObject({ version: 1, gitlab: grown.sandbox.url, not_seen: [] });
    expect(json.projects.map(({ path }: { path: string }) => path)).toEqual([
      "xlink/apps/shop",
      "xlink/apps/empty",
      "xlink/gitops",
    ]);
    expect(json.projects[2].branches).toContainEqual({
      name: "release/*",
      kind: "rule",
      protected: true,
      inherited: false,
      guard: false,
      push: [{ kind: "role", level: 30 }],
      merge: [{ kind: "role", level: 40 }],
      unprotect: null,
      force_push: false,
      code_owners: null,
      tokens: [2],
    });
    expect(json.findings[0]).toMatchObject({
      id: "wildcard-opens",
      severity: "danger",
      place: "xlink/gitops",
      subject: 'rule "rel*"',
    });
    expect(json.variables.map(({ key, carries }: { key: string; carries: object }) => [key, carries])).toContainEqual([
      "PUSH_URL",
      { kind: "token", token: 3, status: null, reason: null },
    ]);
    for (const value of grown.values.values()) expect(stdout).not.toContain(value);
    expect(code).toBe(ExitCode.finding);
  });

  test("WHEN a repository is begun from it THEN --dry-run names the files of its inventory, and these are written without it", async () => {
    // GIVEN
    const folder = path.join(outdir(), "ops");
    const init = runnerOf((context) => initCommand(context, undefined));
    const args = [folder, "--gitlab", grown.sandbox.url, "--discover", "xlink"];
    const named = (text: string, what: string) =>
      text.split("\n").flatMap((line) => (line.startsWith(`${what}: `) ? [path.basename(line)] : []));

    // WHEN
    const dry = await init([...args, "--dry-run"], owner);
    const wasThere = existsSync(folder);
    const run = await init(args, owner);

    // THEN
    expect(wasThere).toBe(false);
    expect(named(dry.stderr, "would be written")).toEqual(named(run.stderr, "written"));
    expect(readdirSync(path.join(folder, "pushers"))).toEqual(named(run.stderr, "written").sort());
    expect(dry.stdout).not.toContain("example.yaml");
  });

  test("WHEN nothing is wrong with a project THEN the exit code is 0", async () => {
    const { stdout, code } = await discover(["xlink/apps/empty"], owner);
    expect(stdout).toMatch(/^1 project, 1 token that can push, 1 finding$/m);
    await grown.must("DELETE", "/groups/xlink%2Fapps/access_tokens/6");
    const clean = await discover(["xlink/apps/empty"], owner);
    expect([clean.code, clean.stdout]).toEqual([
      ExitCode.ok,
      expect.stringMatching(/^1 project, 0 tokens that can push, nothing was found$/m),
    ]);
    expect(code).toBe(ExitCode.finding);
  });

  test("WHEN a Developer looks THEN what is not shown is said, in a line for each answer", async () => {
    const { stdout } = await discover(["xlink"], { ...owner, GITLAB_TOKEN: await grown.reader("dev") });
    expect(stdout).toContain(
      "not seen: access tokens of group xlink, group xlink/apps, xlink/gitops, xlink/apps/shop, xlink/apps/empty: 401 Unauthorized\n",
    );
    expect(stdout).toMatch(/main default .* not all seen/);
    expect(stdout).toMatch(/, 2 findings; \d+ things not seen$/m);
  });
});

describe("GIVEN a GitLab that shows projects and nothing in them WHEN they are discovered", () => {
  let gitlab: FakeGitLab;
  beforeAll(async () => {
    const projects = Array.from({ length: 120 }, (_, index) => ({
      id: index,
      path_with_namespace: `big/p${index}`,
      default_branch: "main",
      namespace: { kind: "group", full_path: "big" },
    }));
    gitlab = await FakeGitLab.start({
      "/user": { id: 1 },
      "/groups/big": { id: 1, full_path: "big" },
      "/groups/big/projects": projects,
    });
  });
  afterAll(() => gitlab.stop());

  test("THEN progress is told on standard error, and it is no success", async () => {
    const { stdout, stderr, code } = await discover(["big"], {
      GITLAB_BASE_URL: gitlab.url,
      GITLAB_TOKEN: "glpat-somebody",
    });
    expect(stderr.match(/^\d+ of 120 projects read …$/gm)).toEqual([
      "50 of 120 projects read …",
      "100 of 120 projects read …",
    ]);
    expect(stdout).toContain("and 80 more projects: --json has them all");
    expect(stdout).toMatch(/^not seen: branch rules of big\/p0, .* and 115 more: 404 Not found$/m);
    expect(stdout).toMatch(/^120 projects, 0 tokens that can push, nothing was found; \d+ things not seen$/m);
    expect(code).toBe(ExitCode.usage);
    expect(gitlab.calls).toHaveLength(120 * 6 + 3 + 2);
  });
});

describe("wrong usage", () => {
  test.each<[string, string[], object, RegExp]>([
    ["no token", ["xlink"], {}, /got no GITLAB_TOKEN; allowed: an access token with scope read_api/],
    ["no address", ["xlink"], { GITLAB_TOKEN: "glpat-somebody" }, /GITLAB_BASE_URL/],
    ["no path", [], {}, /missing required argument 'paths'/],
    [
      "a GitLab that does not answer",
      ["xlink"],
      { GITLAB_BASE_URL: "http://127.0.0.1:2", GITLAB_TOKEN: "glpat-somebody" },
      /got bad port|ECONNREFUSED/,
    ],
  ])("%s", async (_, args, environment, message) => {
    await expect(discover(args, environment as Record<string, string>)).rejects.toThrow(message);
  });
});
