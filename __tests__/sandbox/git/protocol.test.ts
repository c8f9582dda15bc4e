import { mkdtempSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { AccessLevel } from "../../../sandbox/model/members/access-level";
import type { Project } from "../../../sandbox/model/projects/project";
import { GitClient } from "../../support/git-client";
import { GitServer } from "../../support/git-server";

let server: GitServer;
let client: GitClient;

beforeAll(async () => {
  server = await GitServer.start();
  client = new GitClient();
});

afterAll(async () => {
  await server.stop();
  await client.remove();
});

function basic(secret: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`bot:${secret}`).toString("base64")}` };
}

function packet(text: string): string {
  return `${(text.length + 4).toString(16).padStart(4, "0")}${text}`;
}

/** Whether this process waits for one that it has started. */
function hasChildren(): boolean {
  return process.getActiveResourcesInfo().includes("ProcessWrap");
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 10_000) throw new Error("still not so after 10 s");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A POST whose body is sent by hand. */
function post(project: Project, service: string, headers: Record<string, string>): ClientRequest {
  return httpRequest(`${server.remote(project)}/${service}`, {
    method: "POST",
    headers: { "content-type": `application/x-${service}-request`, ...headers },
  });
}

function answerOf(request: ClientRequest): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response: IncomingMessage) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString("latin1");
      });
      response.on("end", () => resolve({ status: response.statusCode!, body }));
      response.on("error", reject);
    });
  });
}

describe("GIVEN a project", () => {
  test.each([
    ["HEAD of info/refs", "HEAD", ".git/info/refs?service=git-upload-pack", 403, ""],
    ["the dumb protocol", "GET", ".git/info/refs", 403, "The command you're trying to execute is not allowed."],
    [
      "an unknown service",
      "GET",
      ".git/info/refs?service=git-upload-archive",
      403,
      "The command you're trying to execute is not allowed.",
    ],
    ["the dumb protocol without .git", "GET", "/info/refs", 404, undefined],
    ["a file of the repository", "GET", ".git/HEAD", 404, undefined],
    ["an object of the repository", "GET", ".git/objects/info/packs", 404, undefined],
    ["a service by GET", "GET", ".git/git-upload-pack", 404, undefined],
    ["a service without .git", "POST", "/git-upload-pack", 404, undefined],
    ["a service with the wrong content type", "POST", ".git/git-upload-pack", 415, undefined],
  ])("WHEN %s is asked for THEN the answer is GitLab's", async (_case, method, path, status, text) => {
    const project = await server.project();
    const headers = basic(server.bot(project).value);
    const url = server.remote(project).replace(/\.git$/, path);
    const answer = await fetch(url, { method, headers, redirect: "manual" });
    const body = await answer.text();
    expect(answer.status).toBe(status);
    if (text !== undefined) expect(body).toBe(text);
  });

  test("WHEN nobody in particular asks THEN 401 says how to authenticate", async () => {
    const answer = await fetch(`${server.remote(await server.project())}/info/refs?service=git-upload-pack`);
    expect(answer.status).toBe(401);
    expect(answer.headers.get("www-authenticate")).toBe('Basic realm="GitLab"');
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await answer.text()).toMatch(/^HTTP Basic: Access denied\. /);
  });

  test("WHEN it is public and a dead token is sent all the same THEN 401: it is not ignored", async () => {
    const project = await server.project({ visibility: "public" });
    const url = `${server.remote(project)}/info/refs?service=git-upload-pack`;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, { headers: basic("glpat-dead") })).status).toBe(401);
  });

  test("WHEN .git is missing THEN a redirect shows the way", async () => {
    const project = await server.project();
    const url = `${server.remote(project).replace(/\.git$/, "")}/info/refs?service=git-upload-pack`;
    const answer = await fetch(url, { redirect: "manual" });
    expect(answer.status).toBe(301);
    expect(answer.headers.get("location")).toBe(
      `/${server.store.projectFullPath(project)}.git/info/refs?service=git-upload-pack`,
    );
  });

  test.each([["%zz/app.git"], ["..%2f..%2fetc/passwd.git"], ["xlink/app-1/..%2f..%2f..%2fetc.git"]])(
    "WHEN the path is %s THEN no file is served",
    async (path) => {
      const answer = await fetch(`${server.store.url}/${path}/info/refs?service=git-upload-pack`);
      expect([400, 401, 404]).toContain(answer.status);
    },
  );
});

describe("GIVEN Git's protocol", () => {
  test.each(["0", "1", "2"])("WHEN the client speaks version %s THEN refs are listed", async (version) => {
    const project = await server.project();
    const url = server.remote(project, server.bot(project).value);
    const run = await client.run(["-c", `protocol.version=${version}`, "ls-remote", url]);
    expect(run.stdout).toMatch(/^[0-9a-f]{40}\tHEAD\n[0-9a-f]{40}\trefs\/heads\/main\n$/);
  });

  test("WHEN a request is compressed THEN it is understood", async () => {
    const project = await server.project();
    const body = gzipSync(`${packet("command=ls-refs\n")}0001${packet("peel\n")}0000`);
    const request = post(project, "git-upload-pack", {
      ...basic(server.bot(project).value),
      "content-encoding": "gzip",
      "git-protocol": "version=2",
    });
    const answer = answerOf(request);
    request.end(body);
    expect(await answer).toEqual({ status: 200, body: expect.stringMatching(/[0-9a-f]{40} refs\/heads\/main\n0000$/) });
  });

  test("WHEN Git itself compresses what it wants THEN the clone is whole", async () => {
    const project = await server.project();
    for (let position = 0; position < 25; position += 1) {
      await server.seed(project, `branch-${position}`, { [`file-${position}.txt`]: `${position}\n` });
    }
    const url = server.remote(project, server.bot(project).value);
    const run = await client.run(["clone", "--quiet", url, "compressed"], {
      env: { GIT_TRACE_CURL: "1", GIT_TRACE_CURL_NO_DATA: "1" },
    });
    expect(run.code).toBe(0);
    expect(run.stderr.toLowerCase()).toContain("content-encoding: gzip");
    expect(await client.must(["-C", "compressed", "branch", "--remotes", "--list", "origin/branch-*"])).toContain(
      "origin/branch-24",
    );
  });

  test("WHEN a client waits for 100 Continue THEN it gets it", async () => {
    const project = await server.project();
    const request = post(project, "git-upload-pack", {
      ...basic(server.bot(project).value),
      "git-protocol": "version=2",
      expect: "100-continue",
    });
    const answer = answerOf(request);
    await new Promise<void>((resolve) => request.on("continue", resolve).flushHeaders());
    request.end(`${packet("command=ls-refs\n")}0000`);
    expect((await answer).status).toBe(200);
  });

  test("WHEN a partial clone is asked for THEN the filter is obeyed", async () => {
    const project = await server.project();
    const url = server.remote(project, server.bot(project).value);
    const copy = await client.clone(url, "--filter=blob:none", "--no-checkout");
    expect(await copy.must("rev-list", "--objects", "--missing=print", "--all")).toMatch(/^\?[0-9a-f]{40}$/m);
  });
});

describe("GIVEN a client that goes away", () => {
  test("WHEN it leaves in the middle of a push THEN no process and no half pack stay behind", async () => {
    const project = await server.project();
    const { value } = server.bot(project, { accessLevel: AccessLevel.Maintainer });
    await until(() => !hasChildren());
    const request = post(project, "git-receive-pack", { ...basic(value), "transfer-encoding": "chunked" });
    request.on("error", () => undefined);
    const command = `${"0".repeat(40)} ${"1".repeat(40)} refs/heads/never\0 report-status side-band-64k`;
    request.write(`${packet(command)}0000PACK\0\0\0\x02\0\0\0\x05`);

    await until(hasChildren);

    request.destroy();

    await until(() => !hasChildren());
    const objects = join(server.store.repositoryPath(project), "objects");
    await until(() => readdirSync(objects).every((name) => !name.includes("incoming")));
  });

  test("WHEN it leaves in the middle of a clone THEN no process stays behind", async () => {
    const project = await server.project();
    await server.seed(project, "main", { "large.txt": "x".repeat(1024) });
    await until(() => !hasChildren());
    const request = post(project, "git-upload-pack", {
      ...basic(server.bot(project).value),
      "git-protocol": "version=2",
      "transfer-encoding": "chunked",
    });
    request.on("error", () => undefined);
    request.write(packet("command=fetch\n"));

    await until(hasChildren);

    request.destroy();

    await until(() => !hasChildren());
  });

  test("WHEN the sandbox stops first THEN the processes end with it", async () => {
    const stopping = await GitServer.start();
    const project = await stopping.project();
    await until(() => !hasChildren());
    const request = httpRequest(`${stopping.remote(project)}/git-upload-pack`, {
      method: "POST",
      headers: {
        "content-type": "application/x-git-upload-pack-request",
        "transfer-encoding": "chunked",
        ...basic(stopping.bot(project).value),
      },
    });
    request.on("error", () => undefined);
    request.write("00");

    await until(hasChildren);

    await stopping.stop();

    expect(hasChildren()).toBe(false);
  });
});

test("GIVEN two repositories WHEN a client of version 2 asks what Git can do THEN both answers are Git's, and the second starts no process", async () => {
  const [one, other] = [await server.project(), await server.project()];
  const ask = async (project: typeof one, version: string) => {
    const headers = { ...basic(server.bot(project).value), "Git-Protocol": version };
    return fetch(`${server.remote(project)}/info/refs?service=git-upload-pack`, { headers });
  };
  const first = await (await ask(one, "version=2")).text();
  expect(first).toMatch(/^000eversion 2\n[\s\S]*fetch=[\s\S]*0000$/);
  const path = process.env.PATH;
  process.env.PATH = "";
  try {
    const second = await ask(other, "version=2:of-no-meaning=1");
    expect(second.headers.get("content-type")).toBe("application/x-git-upload-pack-advertisement");
    expect(await second.text()).toBe(first);
    // What tells of the repository is asked each time.
    expect((await ask(other, "version=1")).status).toBe(500);
  } finally {
    process.env.PATH = path;
  }
});

test("GIVEN a machine without git WHEN a client comes THEN 500 says what is missing", async () => {
  const project = await server.project();
  const headers = basic(server.bot(project).value);
  const nothing = mkdtempSync(join(tmpdir(), "no-git-"));
  const path = process.env.PATH;
  process.env.PATH = nothing;
  try {
    const answer = await fetch(`${server.remote(project)}/info/refs?service=git-upload-pack`, { headers });
    expect(answer.status).toBe(500);
    expect(await answer.text()).toMatch(/^git upload-pack ended .*Is Git installed\?/);
  } finally {
    process.env.PATH = path;
    await rm(nothing, { recursive: true });
  }
});
