import { zipSync } from "fflate";
import { Sandbox } from "../../../../sandbox/sandbox";
import { type Answer, ApiClient } from "../../../support/api-client";
import { zipArchive } from "../../../support/zip-archive";

interface Job {
  readonly id: number;
  readonly pipeline_id: number;
  readonly token: string;
}

let sandbox: Sandbox;
let admin: ApiClient;

const PROJECT = "/projects/xlink%2Fops";
const SUMMARY = "# One token rotated\n";
const ARCHIVE = Buffer.from(
  zipSync({ "review/1/summary.md": Buffer.from(SUMMARY), "review/1/digest": Buffer.from("abc123") }),
);

beforeEach(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    edition: "premium",
    now: () => new Date("2026-03-10T12:00:00Z"),
    seed: {
      users: ["guest", "reporter", "dev", "maintainer", "stranger"].map((username) => ({ username })),
      projects: [
        {
          path: "xlink/ops",
          files: { "README.md": "x" },
          branches: ["change"],
          members: { guest: "guest", reporter: "reporter", dev: "developer", maintainer: "maintainer" },
        },
        { path: "xlink/other", files: { "README.md": "x" }, members: { dev: "developer" } },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
});

afterEach(() => sandbox.stop());

async function start(body: Record<string, unknown> = {}): Promise<Job> {
  const answer = await admin.control("POST", "jobs", { project: "xlink/ops", name: "plan", user: "dev", ...body });
  expect(answer.status).toBe(201);
  return answer.body;
}

async function upload(
  job: Job,
  fields: Record<string, string> = {},
  { token = job.token, file = ARCHIVE }: { token?: string; file?: Buffer | null } = {},
): Promise<{ status: number; body: unknown; jobStatus: string | null }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file) form.append("file", new Blob([new Uint8Array(file)]), "artifacts.zip");
  const response = await fetch(`${sandbox.url}/api/v4/jobs/${job.id}/artifacts`, {
    method: "POST",
    headers: { "JOB-TOKEN": token },
    body: form,
  });
  return { status: response.status, body: await response.json(), jobStatus: response.headers.get("job-status") };
}

const finish = (job: Job, status = "success"): Promise<Answer> =>
  admin.control("POST", `jobs/${job.id}/finish`, { status });

/** A finished job with the archive. */
async function planned(body: Record<string, unknown> = {}, fields: Record<string, string> = {}): Promise<Job> {
  const job = await start(body);
  expect((await upload(job, fields)).status).toBe(201);
  await finish(job);
  return job;
}

/** Another user's client with a token of one scope. */
async function client(username: string, scope = "read_api"): Promise<ApiClient> {
  const [user] = (await admin.get(`/users?username=${username}`)).body;
  const token = await admin.post(`/users/${user.id}/personal_access_tokens`, { name: "t", scopes: [scope] });
  return admin.as(token.body.token);
}

const fileOf = (job: Job, path = "review/1/summary.md"): string => `${PROJECT}/jobs/${job.id}/artifacts/${path}`;

describe("GIVEN a job that uploaded an archive", () => {
  test("WHEN it is read THEN the whole of it, one file of it and the job's view are there", async () => {
    const job = await start();
    expect(await upload(job)).toMatchObject({ status: 201, body: "201" });
    const reader = await client("dev");
    const whole = await fetch(`${sandbox.url}/api/v4${PROJECT}/jobs/${job.id}/artifacts`, {
      headers: { "PRIVATE-TOKEN": reader.token! },
    });
    expect(whole.headers.get("content-disposition")).toContain('filename="artifacts.zip"');
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(ARCHIVE);
    const file = await reader.get(fileOf(job));
    expect(file).toMatchObject({ status: 200, body: SUMMARY });
    expect(file.headers.get("content-disposition")).toContain('filename="summary.md"');
    expect((await reader.get(`${PROJECT}/jobs/${job.id}`)).body).toMatchObject({
      artifacts_file: { filename: "artifacts.zip", size: ARCHIVE.length },
      artifacts: [{ file_type: "archive", size: ARCHIVE.length, filename: "artifacts.zip", file_format: "zip" }],
      artifacts_expire_at: "2026-04-09T12:00:00.000Z",
    });
  });

  test("WHEN it stored its files without compression THEN they are read all the same", async () => {
    const job = await start();
    await upload(job, {}, { file: zipArchive({ digest: "stored" }) });
    expect((await admin.get(fileOf(job, "digest"))).body).toBe("stored");
  });

  test.each([
    ["a file it has not", "review/2/summary.md", 404, "404 page not found\n"],
    ["a folder", "review/1", 404, "404 page not found\n"],
    ["a path upwards", "review/%2E%2E%2Fdigest", 400, { message: "400 Bad request" }],
  ])("WHEN %s is asked for THEN it is refused", async (_what, path, status, body) => {
    const job = await planned();
    expect(await admin.get(fileOf(job, path))).toMatchObject({ status, body });
  });

  test("WHEN the pipeline or the project goes THEN the artifacts go with it", async () => {
    const job = await planned();
    await admin.delete(`${PROJECT}/pipelines/${job.pipeline_id}`);
    expect(await admin.get(fileOf(job))).toMatchObject({ status: 404, body: { message: "404 Not found" } });
  });
});

describe("GIVEN an upload", () => {
  test("WHEN the token is another job's, or the job is not there THEN it is 403", async () => {
    const [job, other] = [await start(), await start()];
    expect(await upload(job, {}, { token: other.token })).toMatchObject({
      status: 403,
      body: { message: "403 Forbidden" },
    });
    expect((await upload({ ...job, id: 99 })).status).toBe(403);
    expect((await upload(job, {}, { token: sandbox.adminToken })).status).toBe(403);
  });

  test("WHEN the job has ended THEN it is 403 and says how it ended", async () => {
    const job = await start();
    await finish(job, "failed");
    expect(await upload(job)).toEqual({
      status: 403,
      body: { message: "403 Forbidden - Job is not running" },
      jobStatus: "failed",
    });
  });

  test("WHEN it comes again THEN the same file is taken, another one refused, another type kept beside it", async () => {
    const job = await start();
    await upload(job);
    expect((await upload(job)).status).toBe(201);
    expect(await upload(job, {}, { file: zipArchive({ a: "b" }) })).toMatchObject({
      status: 400,
      body: { message: "another artifact of the same type already exists" },
    });
    const report = { artifact_type: "terraform", artifact_format: "raw" };
    expect((await upload(job, report, { file: Buffer.from('{"create":1}') })).status).toBe(201);
    expect((await admin.get(`${PROJECT}/jobs/${job.id}`)).body.artifacts).toHaveLength(2);
  });

  test.each([
    ["an unknown type", { artifact_type: "cake" }, { error: "artifact_type does not have a valid value" }],
    [
      "an unknown accessibility",
      { accessibility: "developer" },
      { error: "accessibility does not have a valid value" },
    ],
    [
      "a type in a format that is not its own",
      { artifact_type: "terraform" },
      { message: "Validation failed: Invalid file format with specified file type" },
    ],
  ])("WHEN it has %s THEN it is 400", async (_what, fields, body) => {
    expect(await upload(await start(), fields as Record<string, string>)).toMatchObject({ status: 400, body });
  });

  test("WHEN it has no file THEN it is 400", async () => {
    expect(await upload(await start(), {}, { file: null })).toMatchObject({
      status: 400,
      body: { error: "file is missing" },
    });
  });

  test("WHEN it is larger than other bodies may be THEN it is taken all the same", async () => {
    expect((await upload(await start(), {}, { file: Buffer.alloc(60 * 1024 * 1024) })).status).toBe(201);
  });

  test("WHEN it is larger than the instance takes THEN it is 413", async () => {
    await admin.put("/application/settings", { max_artifacts_size: 0 });
    expect((await upload(await start())).status).toBe(413);
  });
});

describe("GIVEN a private project's artifacts", () => {
  test.each([
    ["all", { guest: 200, reporter: 200, dev: 200, maintainer: 200 }],
    ["developer", { guest: 403, reporter: 403, dev: 200, maintainer: 200 }],
    ["maintainer", { guest: 403, reporter: 403, dev: 403, maintainer: 200 }],
    ["none", { guest: 403, reporter: 403, dev: 403, maintainer: 403 }],
  ])(
    "WHEN the job's artifacts:access is %s THEN roles are held to it, and strangers see no project",
    async (access, roles) => {
      const job = await planned({ artifacts_access: access });
      for (const [username, status] of Object.entries(roles)) {
        const reader = await client(username);
        expect([username, (await reader.get(fileOf(job))).status]).toEqual([username, status]);
        expect((await reader.get(`${PROJECT}/jobs/${job.id}/artifacts`)).status).toBe(status);
      }
      expect((await (await client("stranger")).get(fileOf(job))).status).toBe(404);
      expect((await admin.as(undefined).get(fileOf(job))).status).toBe(404);
    },
  );

  test("WHEN the upload itself says who may THEN that counts", async () => {
    const job = await planned({ artifacts_access: "none" }, { accessibility: "private" });
    expect((await (await client("dev")).get(fileOf(job))).status).toBe(200);
    expect((await (await client("reporter")).get(fileOf(job))).status).toBe(403);
  });

  test("WHEN jobs are not public THEN Guests see neither jobs nor artifacts, Reporters do", async () => {
    const job = await planned();
    await admin.put(PROJECT, { public_jobs: false });
    const guest = await client("guest");
    for (const path of [fileOf(job), `${PROJECT}/jobs`, `${PROJECT}/pipelines`]) {
      expect((await guest.get(path)).status).toBe(403);
    }
    expect((await (await client("reporter")).get(fileOf(job))).status).toBe(200);
  });

  test("WHEN the token's scope is not for the API THEN it is 403", async () => {
    const job = await planned();
    const writer = await client("maintainer", "write_repository");
    expect(await writer.get(fileOf(job))).toMatchObject({ status: 403, body: { error: "insufficient_scope" } });
  });
});

describe("GIVEN a job's token", () => {
  const as = async (token: string, path: string): Promise<number> =>
    (await fetch(`${sandbox.url}/api/v4${path}`, { headers: { "JOB-TOKEN": token } })).status;

  test("WHEN it asks by the runner's endpoint THEN earlier jobs' archives are there", async () => {
    const plan = await planned();
    const deploy = await start({ pipeline: plan.pipeline_id, name: "deploy" });
    expect(await as(deploy.token, `/jobs/${plan.id}/artifacts`)).toBe(200);
    expect(await as(deploy.token, `/jobs/${deploy.id}/artifacts`)).toBe(404);
    expect(await as(deploy.token, "/jobs/99/artifacts")).toBe(403);
    expect((await admin.as(undefined).get(`/jobs/${plan.id}/artifacts`)).status).toBe(401);
  });

  test("WHEN it asks by the API THEN the project's allowlist decides", async () => {
    const plan = await planned();
    const own = await start();
    const foreign = await start({ project: "xlink/other" });
    expect(await as(own.token, fileOf(plan))).toBe(200);
    expect(await as(foreign.token, fileOf(plan))).toBe(403);
    const other = (await admin.get("/projects/xlink%2Fother")).body.id;
    await admin.post(`${PROJECT}/job_token_scope/allowlist`, { target_project_id: other });
    expect(await as(foreign.token, fileOf(plan))).toBe(200);
  });
});

test("GIVEN no Premium licence WHEN a job's token asks by the API THEN there is no such project", async () => {
  const free = await Sandbox.start({
    provider: "registry",
    seed: { projects: [{ path: "xlink/ops", files: { f: "x" } }] },
  });
  try {
    const job = (await ApiClient.admin(free).control("POST", "jobs", { project: "xlink/ops" })).body as Job;
    const response = await fetch(`${free.url}/api/v4${PROJECT}/jobs/${job.id}/artifacts`, {
      headers: { "JOB-TOKEN": job.token },
    });
    expect([response.status, await response.json()]).toEqual([404, { message: "404 Project Not Found" }]);
  } finally {
    await free.stop();
  }
});

describe("GIVEN artifacts of a ref", () => {
  const latest = (ref: string, job = "plan"): Promise<Answer> =>
    admin.get(`${PROJECT}/jobs/artifacts/${ref}/raw/review/1/digest?job=${encodeURIComponent(job)}`);

  test("WHEN asked for by ref and job THEN those of the newest pipeline that succeeded answer", async () => {
    expect(await latest("main")).toMatchObject({ status: 404, body: { message: "404 Not found" } });
    const job = await start();
    await upload(job);
    expect((await latest("main")).status).toBe(404);
    await finish(job);
    expect(await latest("main")).toMatchObject({ status: 200, body: "abc123" });
    expect((await latest("main", "other")).status).toBe(404);
    expect((await latest("change")).status).toBe(404);
    const failed = await start();
    await upload(failed, {}, { file: zipArchive({ "review/1/digest": "failed" }) });
    await finish(failed, "failed");
    expect((await latest("main")).body).toBe("abc123");
    expect((await admin.get(`${PROJECT}/jobs/artifacts/main/download?job=plan`)).status).toBe(200);
    expect(await admin.get(`${PROJECT}/jobs/artifacts/main/download`)).toMatchObject({
      status: 400,
      body: { error: "job is missing" },
    });
  });

  test("WHEN one of two parallel jobs is still to succeed THEN the pipeline does not count yet", async () => {
    const first = await start({ node_index: 1, node_total: 2 });
    const second = await start({ pipeline: first.pipeline_id, node_index: 2, node_total: 2 });
    await upload(first);
    await finish(first);
    expect((await latest("main", "plan 1/2")).status).toBe(404);
    await finish(second);
    expect((await latest("main", "plan 1/2")).body).toBe("abc123");
  });

  test.each(["refs/merge-requests/1/head", "refs%2Fmerge-requests%2F1%2Fhead"])(
    "WHEN the ref is a merge request's (%s) THEN its pipelines answer",
    async (ref) => {
      await admin.post(`${PROJECT}/repository/files/new`, { branch: "change", content: "x", commit_message: "c" });
      await admin.post(`${PROJECT}/merge_requests`, { source_branch: "change", target_branch: "main", title: "t" });
      await planned({ ref: "change", merge_request: true });
      expect((await latest(ref)).body).toBe("abc123");
    },
  );
});

describe("GIVEN artifacts that expire", () => {
  const week = (): Promise<Answer> => admin.control("PUT", "clock", { advance_seconds: 7 * 86_400 + 1 });

  test("WHEN nothing newer succeeded on the ref THEN they are kept, else gone", async () => {
    const job = await planned({}, { expire_in: "1 week" });
    await week();
    expect((await admin.get(fileOf(job))).status).toBe(200);
    expect((await admin.get(`${PROJECT}/jobs/${job.id}`)).body).not.toHaveProperty("artifacts_file");
    await planned({ ref: "change" });
    await finish(await start(), "failed");
    expect((await admin.get(fileOf(job))).status).toBe(200);
    await finish(await start());
    expect(await admin.get(fileOf(job))).toMatchObject({ status: 404, body: { message: "404 Not Found" } });
    expect((await admin.get(`${PROJECT}/jobs/${job.id}`)).body).toMatchObject({
      artifacts: [],
      artifacts_expire_at: "2026-03-17T12:00:00.000Z",
    });
  });

  test("WHEN the project does not keep the latest THEN they are gone in time", async () => {
    await admin.put(PROJECT, { keep_latest_artifact: false });
    const [job, kept] = [await planned({}, { expire_in: "1 week" }), await planned({}, { expire_in: "never" })];
    expect((await admin.get(fileOf(job))).status).toBe(200);
    await week();
    expect((await admin.get(fileOf(job))).status).toBe(404);
    expect((await admin.get(fileOf(kept))).status).toBe(200);
  });
});
