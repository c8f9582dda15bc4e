import { mergeRequestSource } from "../../../commands/review/merge-request-plan";
import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";
import { zipArchive } from "../../support/zip-archive";

const PROJECT = "/projects/ops%2Fpushers";
const DIGEST = "ab".repeat(32);
const OTHER = "cd".repeat(32);

interface StartedJob {
  readonly id: number;
  readonly variables: Record<string, string>;
}

let sandbox: Sandbox;
let admin: ApiClient;
let reader: ApiClient;

beforeEach(async () => {
  const seed = {
    projects: [{ path: "ops/pushers", files: { "README.md": "x\n", ".gitlab-ci.yml": "plan: {script: x}\n" } }],
  };
  sandbox = await Sandbox.start({ provider: "registry", seed });
  admin = ApiClient.admin(sandbox);
  const rita = await admin.newUser("rita", ["read_api"]);
  await admin.post(`${PROJECT}/members`, { user_id: rita.id, access_level: 30 });
  reader = rita.api;
});
afterEach(() => sandbox.stop());

async function change(branch: string, file: string): Promise<void> {
  const commit = { branch, start_branch: "main", content: "x\n", commit_message: "change" };
  expect((await admin.post(`${PROJECT}/repository/files/${file}`, commit)).status).toBe(201);
}

/** A job of a pipeline, which runs on. */
async function start(parts: object): Promise<StartedJob> {
  const wanted = { project: "ops/pushers", name: "plan", node_index: 2, node_total: 3, ...parts };
  const { status, body } = await admin.control("POST", "jobs", wanted);
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
}

/** Ends a job as its runner does, with what it reviewed. */
async function finish(job: StartedJob, digest: string, status = "success"): Promise<void> {
  const zip = zipArchive({ "review/2/digest": `${digest}\n`, "review/2/summary.md": `read ${digest}\n` });
  const form = new FormData();
  form.set("file", new Blob([new Uint8Array(zip)]), "artifacts.zip");
  form.set("artifact_format", "zip");
  form.set("artifact_type", "archive");
  const token = job.variables.CI_JOB_TOKEN!;
  const url = `${sandbox.url}/api/v4/jobs/${job.id}/artifacts`;
  const { status: code } = await fetch(url, { method: "POST", headers: { "JOB-TOKEN": token }, body: form });
  expect(code).toBe(201);
  expect((await admin.control("POST", `jobs/${job.id}/finish`, { status })).status).toBeLessThan(300);
}

/** What a job finds out that merged, as the member who only reads. */
const found = ({ variables }: StartedJob) =>
  mergeRequestSource(
    {
      environment: { ...variables, GITLAB_BASE_URL: sandbox.url, GITLAB_TOKEN: reader.token },
      now: () => new Date(),
    },
    async () => undefined,
  )();

test("GIVEN a merge request that was planned twice WHEN it is merged THEN the merge's job finds what it showed last", async () => {
  await change("work", "a.txt");
  await admin.post(`${PROJECT}/merge_requests`, { source_branch: "work", target_branch: "main", title: "Change" });
  await finish(await start({ ref: "work", merge_request: true }), OTHER);
  await finish(await start({ ref: "work", merge_request: true }), DIGEST);
  expect((await admin.put(`${PROJECT}/merge_requests/1/merge`)).status).toBe(200);

  const reviewed = await found(await start({ ref: "main" }));
  expect(reviewed).toEqual({
    digest: DIGEST,
    summary: `read ${DIGEST}\n`,
    origin: expect.stringMatching(/^!1, http.*\/-\/jobs\/\d+$/),
  });
});

test("GIVEN a push after the plan WHEN that is merged THEN the plan does not count", async () => {
  await change("work", "a.txt");
  await admin.post(`${PROJECT}/merge_requests`, { source_branch: "work", target_branch: "main", title: "Change" });
  const shown = await start({ ref: "work", merge_request: true });
  await finish(shown, DIGEST);
  const commit = { branch: "work", content: "y\n", commit_message: "after it" };
  expect((await admin.post(`${PROJECT}/repository/files/b.txt`, commit)).status).toBe(201);
  const { body } = await admin.put(`${PROJECT}/merge_requests/1/merge`);
  const [head, planned] = [body.sha, shown.variables.CI_COMMIT_SHA!].map((sha) => sha.slice(0, 12));
  expect(head).not.toBe(planned);
  await expect(found(await start({ ref: "main" }))).rejects.toThrow(
    `got no pipeline of ${head}, which !1 merged; the newest before the merge is of ${planned}; `,
  );
});

test("GIVEN a push past merge requests, or a plan that failed THEN there is none", async () => {
  await expect(found(await start({ ref: "main" }))).rejects.toThrow(/which no merge request brought to main/);
  await change("work", "a.txt");
  await admin.post(`${PROJECT}/merge_requests`, { source_branch: "work", target_branch: "main", title: "Change" });
  await finish(await start({ ref: "work", merge_request: true }), DIGEST, "failed");
  await admin.put(`${PROJECT}/merge_requests/1/merge`);
  await expect(found(await start({ ref: "main" }))).rejects.toThrow(
    /^got a job that is failed, the last that planned !1/,
  );
});

test("GIVEN a plan that is made again after the merge, when nobody reads it any more, THEN it does not count", async () => {
  await change("work", "a.txt");
  await admin.post(`${PROJECT}/merge_requests`, { source_branch: "work", target_branch: "main", title: "Change" });
  const shown = await start({ ref: "work", merge_request: true });
  await finish(shown, DIGEST);
  expect((await admin.put(`${PROJECT}/merge_requests/1/merge`)).status).toBe(200);
  const merged = await start({ ref: "main" });

  await admin.control("PUT", "clock", { now: new Date(Date.now() + 60_000).toISOString() });
  const { body } = await admin.get(`${PROJECT}/jobs/${shown.id}`);
  await finish(await start({ pipeline: body.pipeline.id }), OTHER);
  expect(await found(merged)).toMatchObject({ digest: DIGEST });
});
