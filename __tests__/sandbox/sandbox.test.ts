import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import { readSeed } from "../../sandbox/seed";
import { ApiClient } from "../support/api-client";

const ROOT = resolve(__dirname, "../..");

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "sandbox-test-"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("GIVEN a started sandbox", () => {
  let running: Sandbox;

  beforeAll(async () => {
    running = await Sandbox.start({ provider: "registry" });
  });

  afterAll(() => running.stop());

  test("WHEN stopped THEN port, open connections and directory are gone", async () => {
    const sandbox = await Sandbox.start();
    expect(sandbox.environment).toEqual({
      GITLAB_BASE_URL: sandbox.url,
      GITLAB_TOKEN: sandbox.adminToken,
      TF_REATTACH_PROVIDERS: expect.stringContaining("registry.terraform.io/gitlabhq/gitlab"),
      CDKTF_SKIP_PROVIDER_LOCK: "true",
    });
    expect(await (await fetch(sandbox.url)).text()).toContain("not GitLab");
    await ApiClient.admin(sandbox).control("POST", "faults", { path: "/version", delay_ms: 60_000 });
    const hanging = fetch(`${sandbox.url}/api/v4/version`).catch(() => "cut");
    await new Promise((done) => setTimeout(done, 100));
    await sandbox.stop();
    expect(await hanging).toBe("cut");
    expect(existsSync(sandbox.directory)).toBe(false);
    await expect(fetch(sandbox.url)).rejects.toThrow();
  });

  test("WHEN every call is answered later THEN its own switches are not", async () => {
    const sandbox = await Sandbox.start({ provider: "registry", latency: 60_000 });
    const waiting = fetch(`${sandbox.url}/api/v4/version`).catch(() => "cut");
    expect((await fetch(`${sandbox.url}/-/sandbox/clock`)).status).toBe(200);
    await sandbox.stop();
    expect(await waiting).toBe("cut");
    const quick = await Sandbox.start({ provider: "registry", latency: 1 });
    expect((await ApiClient.admin(quick).send("GET", "/version")).status).toBe(200);
    await quick.stop();
  });

  test.each([
    ["127.0.0.1", 200],
    ["127.0.0.1:1", 200],
    ["LOCALHOST:8080", 200],
    ["gitlab.localhost", 200],
    ["[::1]:8080", 200],
    ["attacker.example", 403],
    ["127.0.0.1.attacker.example", 403],
    ["localhost.attacker.example:8080", 403],
    ["notlocalhost", 403],
  ])(
    "WHEN it is called as %j THEN it answers %d: no page of a browser reaches it by a name of its own",
    async (host, status) => {
      const { port } = new URL(running.url);
      const called = request({ port, host: "127.0.0.1", path: "/-/sandbox/clock", headers: { host } }).end();
      const [response] = (await once(called, "response")) as [IncomingMessage];
      response.resume();
      expect(response.statusCode).toBe(status);
    },
  );

  test("WHEN the real provider is wanted THEN no stand-in is offered", async () => {
    const sandbox = await Sandbox.start({ provider: "registry" });
    await sandbox.stop();
    expect(Object.keys(sandbox.environment)).toEqual(["GITLAB_BASE_URL", "GITLAB_TOKEN"]);
  });

  test("WHEN the port is taken THEN the error says so and nothing is left", async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
    const { port } = other.address() as { port: number };
    await expect(Sandbox.start({ port })).rejects.toThrow(`Port ${port} is taken; choose another with --port`);
    await new Promise((done) => other.close(done));
  });
});

describe("GIVEN a seed", () => {
  test("WHEN it is a YAML file THEN everything in it is there", async () => {
    const file = join(scratch, "seed.yaml");
    await writeFile(
      file,
      `users: [{username: alice, admin: true}]
groups: [{path: xlink/apps, visibility: internal, members: {alice: owner}}]
projects:
  - path: xlink/apps/shop
    files: {README.md: "hello"}
    defaultBranch: trunk
    branches: [next]
    members: {alice: maintainer}
    variables: [{key: K, value: V, protected: true}]
    protectedBranches: [{name: "t*", push: no one, merge: developer}]
  - path: alice/own
    visibility: public
`,
    );
    const sandbox = await Sandbox.start({ provider: "registry", seed: await readSeed(file) });
    const admin = ApiClient.admin(sandbox);
    const project = "/projects/xlink%2Fapps%2Fshop";
    expect((await admin.get(project)).body).toMatchObject({ default_branch: "trunk", visibility: "private" });
    expect((await admin.get("/groups/xlink%2Fapps")).body).toMatchObject({ visibility: "internal" });
    expect((await admin.get(`${project}/repository/branches`)).body).toMatchObject([
      { name: "next" },
      { name: "trunk" },
    ]);
    expect((await admin.get(`${project}/variables/K`)).body).toMatchObject({ value: "V", protected: true });
    expect((await admin.get(`${project}/protected_branches`)).body).toMatchObject([
      { name: "t*", push_access_levels: [{ access_level: 0 }], merge_access_levels: [{ access_level: 30 }] },
    ]);
    expect((await admin.get("/projects/alice%2Fown")).body.owner.username).toBe("alice");
    await sandbox.stop();
  });

  test.each([
    ["an unknown key", "project: []", /Unrecognized key/],
    ["a bad role", "projects: [{path: a/b, members: {root: boss}}]", /projects\[0\]\.members\.root/],
    ["no namespace", "projects: [{path: shop}]", /project shop cannot be made: a project's path is <group>\/<project>/],
    [
      "an unknown member",
      "projects: [{path: a/b, members: {ann: guest}}]",
      /there is no user ann; list it under users/,
    ],
    ["one path twice", "projects: [{path: a/b}, {path: a/b}]", /project a\/b cannot be made: .*has already been taken/],
    ["branches without files", "projects: [{path: a/b, branches: [x]}]", /branches need files/],
  ])("WHEN it has %s THEN the error tells what and where", async (_what, content, message) => {
    const file = join(scratch, "bad.yaml");
    await writeFile(file, content);
    const attempt = async (): Promise<Sandbox> => Sandbox.start({ provider: "registry", seed: await readSeed(file) });
    await expect(attempt()).rejects.toThrow(message);
  });
});

describe("GIVEN the command", () => {
  interface Ended {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }

  /** Runs `sandbox/main.ts`; once a line is out, `whileRunning` is called and the process is ended. */
  function run(args: string[], whileRunning: (line: string) => Promise<void> = async () => undefined): Promise<Ended> {
    return new Promise((done, fail) => {
      const child = spawn(process.execPath, ["-r", "ts-node/register", "sandbox/main.ts", ...args], { cwd: ROOT });
      let [stdout, stderr, seen] = ["", "", false];
      child.stderr.on("data", (chunk) => {
        stderr += chunk;
      });
      child.stdout.on("data", (chunk) => {
        stdout += chunk;
        if (seen || !stdout.endsWith("\n")) return;
        seen = true;
        whileRunning(stdout)
          .catch(fail)
          .finally(() => child.kill("SIGTERM"));
      });
      child.on("error", fail);
      child.on("close", (code) => done({ code, stdout, stderr }));
    });
  }

  test("WHEN run with --json THEN one line of JSON is enough to use it, and SIGTERM ends it cleanly", async () => {
    const { code, stdout, stderr } = await run(["--json", "--edition", "premium"], async (line) => {
      const { GITLAB_BASE_URL, GITLAB_TOKEN } = JSON.parse(line);
      const { body } = await new ApiClient(GITLAB_BASE_URL, GITLAB_TOKEN).get("/metadata");
      expect(body.enterprise).toBe(true);
    });
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("WHEN run for a person THEN it says what it is and how to use it", async () => {
    const { stdout } = await run([]);
    expect(stdout).toContain("It is not GitLab");
    expect(stdout).toMatch(/^export GITLAB_TOKEN='glpat-/m);
  });

  test.each([
    [["--edition", "gold"], /Allowed choices are free, premium/],
    [["--port", "x"], /A port is a number from 0/],
    [["--latency", "50ms"], /Milliseconds are a number from 0/],
    [["--seed", "/no/such/file"], /cannot be read \(ENOENT\)/],
  ])("WHEN run with %j THEN it ends with an error", async (args, message) => {
    const { code, stderr, stdout } = await run(args);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(message);
    expect(stdout).toBe("");
  });
});
