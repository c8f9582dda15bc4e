import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";

const ROOT = path.join(__dirname, "../..");
const MARK = "Made by the conformance run of gitlab-ci-pusher, which removes it.";
const folder = mkdtempSync(path.join(tmpdir(), "conformance-test-"));

let sandbox: Sandbox;
let admin: ApiClient;

beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      users: [{ username: "ann" }],
      groups: [
        { path: "empty" },
        { path: "empty/below" },
        { path: "used", members: { ann: "developer" }, variables: [{ key: "KEY", value: "v" }] },
        { path: "old" },
        { path: "away" },
        { path: "dead" },
      ],
      projects: [{ path: "used/shop" }],
    },
  });
  admin = ApiClient.admin(sandbox);
  await admin.delete("/groups/empty%2Fbelow");
});

afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the command; `onLine` sees each line of its output while it runs, and may end it, or go away. */
function conformance(
  args: string[],
  onLine: (line: string, kill: () => void, leave: () => void) => void = () => undefined,
) {
  const child = spawn(process.execPath, ["--require", "ts-node/register", "conformance/main.ts", ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      GITLAB_BASE_URL: sandbox.url,
      GITLAB_TOKEN: sandbox.adminToken,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      for (const line of text.split("\n")) {
        onLine(
          line,
          () => child.kill("SIGINT"),
          () => child.stdout.destroy(),
        );
      }
    });
  }
  return new Promise<{ code: number | null; said: string }>((resolve) =>
    child.once("close", (code) => resolve({ code, said })),
  );
}

const subgroups = async (group: string): Promise<string[]> =>
  (await admin.get(`/groups/${group}/subgroups`)).body.map(({ path: name }: { path: string }) => name);

const wrote = async (): Promise<string[]> =>
  (await admin.control("GET", "requests")).body
    .map(({ method, path: at }: { method: string; path: string }) => `${method} ${at}`)
    .filter((call: string) => !call.startsWith("GET"));

test.each([
  ["no group", [], /--group/],
  ["an id instead of a path", ["--group", "1"], /full path of a group/],
  ["a group that is not there", ["--group", "nowhere"], /full path of a group/],
  [
    "a group in use",
    ["--group", "used"],
    /1 project: used\/shop; 1 member beside you: ann; 1 variable: KEY; .*--really/,
  ],
  [
    "a report that cannot be written",
    ["--group", "empty", "--report", "/no/such/folder/report.md"],
    /got ENOENT at \/no\/such\/folder\/report\.md; .*--report/,
  ],
  ["an area that does not exist", ["--group", "empty", "--only", "tokens,people"], /got people; allowed: tokens/],
])("GIVEN %s WHEN it is run THEN it is refused, and nothing was written", async (_, args, message) => {
  await admin.control("DELETE", "requests");
  const { code, said } = await conformance(args);
  expect([code, said]).toEqual([2, expect.stringMatching(message)]);
  expect(await wrote()).toEqual([]);
});

test("GIVEN a server that answers otherwise in one place WHEN it is run THEN both answers are shown and reported, and nothing is left", async () => {
  await admin.control("POST", "faults", { method: "GET", path: "/job_token_scope", times: 1, status: 418, body: {} });
  const file = path.join(folder, "report.md");
  const { code, said } = await conformance(["--group", "empty", "--only", "job tokens", "--report", file, "--redact"]);
  expect([code, said]).toEqual([1, expect.stringContaining("6 same, 1 different, 0 not tried")]);
  expect(said).toMatch(/expected \{"status":200,.*\n +got +\{"status":418/);
  expect(said + readFileSync(file, "utf8")).not.toContain(sandbox.adminToken);
  expect(readFileSync(file, "utf8")).not.toMatch(/127\.0\.0\.1|\bempty\b|\broot\b/);
  expect(await subgroups("empty")).toEqual([]);
});

test("GIVEN a server that is away now and then WHEN it is run THEN that is no difference, and nothing is left", async () => {
  // GIVEN the subgroup is made and nobody told, two calls of cases get through to nobody, and the deletion neither
  await admin.control("POST", "faults", { method: "POST", path: "/v4/groups$", lose_answer: true });
  await admin.control("POST", "faults", { method: "POST", path: "/allowlist$", status: 503, body: "<html>Sorry" });
  await admin.control("POST", "faults", { method: "PATCH", path: "/job_token_scope$", reset: true });
  await admin.control("POST", "faults", { method: "DELETE", path: "/v4/groups/\\d+$", reset: true });
  const { code, said } = await conformance(["--group", "away", "--only", "job tokens"]);
  expect([code, said]).toEqual([0, expect.stringContaining("5 same, 0 different, 2 not tried")]);
  expect(said).toMatch(/allowlist: got 503 a web page instead of GitLab's API/);
  expect(await subgroups("away")).toEqual([]);
});

test("GIVEN a server that makes no projects WHEN it is run THEN it says so, in the report too, and nothing is left", async () => {
  await admin.control("POST", "faults", {
    method: "POST",
    path: "/v4/projects$",
    status: 403,
    body: { message: "no" },
  });
  const file = path.join(folder, "nothing.md");
  const { code, said } = await conformance(["--group", "away", "--only", "job tokens", "--report", file]);
  expect([code, said]).toEqual([2, expect.stringMatching(/^a project could not be made: 403/m)]);
  expect(said).not.toContain("defect");
  const page = readFileSync(file, "utf8");
  expect(page).toContain(
    "# Conformance of a GitLab whose release is unknown: broken off\n\n0 same, 0 different, 7 not",
  );
  expect(page).toContain("**Broken off**: a project could not be made: 403");
  expect(await subgroups("away")).toEqual([]);
});

test("GIVEN a server that makes no subgroup WHEN it is run THEN no report is begun", async () => {
  await admin.control("POST", "faults", { method: "POST", path: "/v4/groups$", status: 403, body: { message: "no" } });
  const file = path.join(folder, "none.md");
  const { code, said } = await conformance(["--group", "away", "--report", file]);
  expect([code, said, existsSync(file)]).toEqual([2, expect.stringContaining("got 403"), false]);
});

test("GIVEN a token that ends in the middle WHEN it is run THEN the run ends, says and reports it, and the next one is not kept out by what is left", async () => {
  await admin.control("POST", "faults", { path: "/v4/", after: 20, times: 1000, status: 401, body: {} });
  const file = path.join(folder, "cut.md");
  const cut = await conformance(["--group", "dead", "--only", "job tokens", "--report", file]);
  await admin.control("DELETE", "faults");
  expect([cut.code, cut.said]).toEqual([
    2,
    expect.stringMatching(/^dead\/conformance-\S+ is left: .*\nPOST \/projects: got 401 /m),
  ]);
  expect(cut.said).not.toMatch(/^different/m);
  expect(readFileSync(file, "utf8")).toMatch(/^\*\*Broken off\*\*: POST \/projects: got 401 /m);
  const { code, said } = await conformance(["--group", "dead", "--only", "job tokens"]);
  expect([code, said]).toEqual([0, expect.stringContaining("7 same")]);
});

test("GIVEN a run that is stopped in its middle THEN it reports what was seen, removes what it made, tokens first, and ends as one that was not the same", async () => {
  await admin.control("DELETE", "requests");
  const file = path.join(folder, "stopped.md");
  writeFileSync(file, "that of an earlier run\n");
  const { code, said } = await conformance(["--group", "empty", "--only", "pushes", "--report", file], (line, kill) => {
    if (line.startsWith("same")) kill();
  });
  expect([code, said]).toEqual([
    1,
    expect.stringMatching(/ not tried; GitLab .*; broken off\n(.*\n)*stopped by SIGINT/),
  ]);
  expect(await subgroups("empty")).toEqual([]);
  const page = readFileSync(file, "utf8");
  expect(page).toMatch(
    /^# .*: broken off\n\n1 same, 0 different, \d\d not tried; .*\n\n\*\*Broken off\*\*: stopped by SIGINT$/m,
  );
  expect(page.match(/^\| same \|/gm)).toHaveLength(1);
  expect(page.match(/^\| not tried \| .*: the run was broken off \|$/gm)!.length).toBeGreaterThan(9);
  const calls = await wrote();
  const last = calls.findIndex((call) => /^DELETE .*\/groups\/\d+$/.test(call));
  expect(calls.slice(0, last).some((call) => /^DELETE .*\/access_tokens\/\d+$/.test(call))).toBe(true);
});

test("GIVEN a reader that is gone, as of `… | head` WHEN it is run THEN nothing is left all the same", async () => {
  const { code } = await conformance(["--group", "empty", "--only", "job tokens"], (line, _, leave) => {
    if (line.startsWith("everything")) leave();
  });
  expect([code, await subgroups("empty")]).toEqual([0, []]);
});

test("GIVEN what earlier runs left WHEN it is run THEN what is old and ours goes, and nothing else", async () => {
  const { id } = (await admin.get("/groups/old")).body;
  const make = (name: string, description: string) =>
    admin.post("/groups", { name, path: name, parent_id: id, description });
  const young = `conformance-${new Date().toISOString().slice(0, 16).replace(/[-:]/g, "").toLowerCase()}-0123abcd`;
  await make("conformance-20200101t0000-0123abcd", MARK);
  await make("conformance-20200101t0000-4567abcd", "somebody else's");
  await make(young, MARK);
  const { code, said } = await conformance(["--group", "old", "--really", "--only", "job tokens"]);
  expect([code, said]).toEqual([0, expect.stringContaining("removing old/conformance-20200101t0000-0123abcd")]);
  expect((await subgroups("old")).sort()).toEqual(["conformance-20200101t0000-4567abcd", young].sort());
});
