import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { ExitCode } from "../../../commands/exit-code";
import { reportCommand } from "../../../commands/report";
import { runnerOf } from "../../support/command-run";
import { FakeGitLab } from "../../support/fake-gitlab";
import { GrownGitLab } from "../../support/grown-gitlab";
import { pageElements, textOf, withTag } from "../../support/page-elements";
import { outdir } from "../../support/synth";

const report = runnerOf(reportCommand);

const INVENTORY =
  "pushers:\n  shop: {target: xlink/apps/shop, token: {expires: [2100-06-04, 2100-02-05]}, branches: {main: {push: developer}}}\n";

describe("GIVEN what grew by hand", () => {
  let grown: GrownGitLab;
  let owner: Record<string, string>;
  let folder: string;
  let file: string;
  beforeAll(async () => {
    grown = await GrownGitLab.start();
    owner = { GITLAB_BASE_URL: grown.sandbox.url, GITLAB_TOKEN: await grown.reader("olga") };
  });
  beforeEach(() => {
    folder = outdir();
    file = path.join(folder, "report.html");
  });
  afterAll(() => grown.stop());

  test("WHEN a group is reported THEN the page is its owner's alone, holds no token's value, and what was found ends with 1", async () => {
    await grown.forgetCalls();
    const { stdout, code } = await report(["xlink", "--html", file], owner);
    expect([stdout, code]).toEqual([`written: ${file}: 3 projects, 11 findings\n`, ExitCode.finding]);
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    expect(readdirSync(folder)).toEqual(["report.html"]);
    const text = readFileSync(file, "utf8");
    for (const value of [...grown.values.values(), owner.GITLAB_TOKEN!]) expect(text).not.toContain(value);
    expect(withTag(pageElements(text), "h4").map(textOf)).toEqual([
      "xlink/gitops",
      "xlink/apps/empty",
      "xlink/apps/shop",
    ]);
    expect((await grown.calls()).filter((call) => !call.startsWith("GET "))).toEqual([]);
  });

  test("WHEN no path is named THEN it reports the target projects of the inventory", async () => {
    writeFileSync(path.join(folder, "ops.yaml"), INVENTORY);
    const out = path.join(outdir(), "report.html");
    const { stdout } = await report(["--html", out, "--inventory", folder], owner);
    expect(stdout).toMatch(/: 1 project, \d+ findings?\n$/);
    expect(withTag(pageElements(readFileSync(out, "utf8")), "h4").map(textOf)).toEqual(["xlink/apps/shop"]);
  });

  test("WHEN the page cannot be written THEN GitLab is not asked for it, and nothing is left", async () => {
    await grown.forgetCalls();
    for (const place of [path.join(folder, "none", "report.html"), folder, "/dev/null"]) {
      const message = `at ${place}; allowed: a file that can be written; fix: check the folder of --html`;
      await expect(report(["xlink", "--html", place], owner)).rejects.toThrow(message);
    }
    expect([await grown.calls(), readdirSync(folder)]).toEqual([[], []]);
  });

  test("WHEN a path is none THEN a page that is there stays as it is", async () => {
    writeFileSync(file, "old");
    await expect(report(["xlink/none", "--html", file], owner)).rejects.toThrow(/got "xlink\/none"/);
    expect([readFileSync(file, "utf8"), readdirSync(folder)]).toEqual(["old", ["report.html"]]);
  });
});

test("GIVEN a GitLab that shows projects and nothing in them THEN the page says so, and it is no success", async () => {
  const project = {
    id: 1,
    path_with_namespace: "big/p",
    default_branch: "main",
    namespace: { kind: "group", full_path: "big" },
  };
  const gitlab = await FakeGitLab.start({ "/user": { id: 1 }, "/projects/big%2Fp": project });
  const file = path.join(outdir(), "report.html");
  const { stdout, code } = await report(["big/p", "--html", file], {
    GITLAB_BASE_URL: gitlab.url,
    GITLAB_TOKEN: "glpat-somebody",
  });
  await gitlab.stop();
  expect(stdout).toMatch(/1 project, 0 findings; \d+ things not seen/);
  expect(textOf(pageElements(readFileSync(file, "utf8")))).toContain("branches not seen");
  expect(code).toBe(ExitCode.usage);
});

describe("wrong usage", () => {
  const TOKEN = { GITLAB_BASE_URL: "https://gitlab.example.com", GITLAB_TOKEN: "glpat-somebody" };
  test.each<[string, string[], object, RegExp]>([
    ["no file", ["xlink"], TOKEN, /required option '--html <file>' not specified/],
    [
      "no token",
      ["xlink", "--html", "x.html"],
      {},
      /got no GITLAB_TOKEN; allowed: an access token with scope read_api/,
    ],
    ["no inventory", ["--html", "x.html", "--inventory", "/nowhere"], TOKEN, /\/nowhere/],
  ])("%s", async (_, args, environment, message) => {
    await expect(report(args, environment as Record<string, string>)).rejects.toThrow(message);
  });
});
