import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { compare } from "../../../commands/review/comparison";
import { mergeRequestSource } from "../../../commands/review/merge-request-plan";
import { reviewedSource } from "../../../commands/review/reviewed-source";
import { type FakeAnswer, FakeGitLab, FakeStatus, FakeTurn } from "../../support/fake-gitlab";
import { tokenChange } from "../../support/plan-json";
import { planned } from "../../support/planned";
import { outdir } from "../../support/synth";

const DIGEST = "ab".repeat(32);
const OTHER = "cd".repeat(32);
const JOB = { environment: {}, now: () => new Date() };

/** A folder of `gitlab-ci-pusher review --out`, with these files. */
function folder(files: Readonly<Record<string, string>>): string {
  const root = path.join(outdir(), "review");
  mkdirSync(root);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(root, name), text);
  return root;
}

describe("what was reviewed", () => {
  test("is a digest", async () => {
    expect(await reviewedSource(DIGEST, JOB)()).toEqual({ digest: DIGEST, origin: "the digest that was given" });
  });

  test("is in a folder, and read before the review writes there", async () => {
    const root = folder({ digest: `${DIGEST}\n${OTHER}  ops\n`, "summary.md": "what people read\n" });
    const source = reviewedSource(root, JOB);
    writeFileSync(path.join(root, "digest"), OTHER);
    expect(await source()).toEqual({ digest: DIGEST, summary: "what people read\n", origin: root });
  });

  test("is in a folder without a summary", async () => {
    const root = folder({ digest: `${DIGEST}\n` });
    expect(await reviewedSource(root, JOB)()).toEqual({ digest: DIGEST, summary: undefined, origin: root });
  });

  test.each<[string, () => string, RegExp]>([
    [
      "no folder",
      () => "12",
      /^got --reviewed "12", where no file digest is; allowed: a digest of 64 .*, merge-request, or/,
    ],
    ["a folder of something else", () => folder({ "x.md": "" }), /where no file digest is/],
    ["a file", () => path.join(folder({ digest: DIGEST }), "digest"), /where no file digest is/],
    ["a digest in capitals", () => DIGEST.toUpperCase(), /where no file digest is/],
    ["an empty digest", () => folder({ digest: "" }), /digest, whose first line is no digest; allowed: 64/],
    ["a digest cut short", () => folder({ digest: DIGEST.slice(1) }), /whose first line is no digest/],
  ])("GIVEN %s THEN it is refused at once", (_, what, message) => {
    expect(() => reviewedSource(what(), JOB)).toThrow(message);
  });
});

describe("a comparison", () => {
  const change = planned([tokenChange(["update"], { expires_at: "2030-09-01" })]);

  test("tells whether it is the same", async () => {
    expect(await compare(change, reviewedSource(change.digest, JOB))).toMatchObject({ same: true });
    expect(await compare(change, reviewedSource(DIGEST, JOB))).toMatchObject({ same: false });
  });

  test("is not made when nothing is planned: nobody is asked then", async () => {
    const unasked = () => Promise.reject(new Error("asked"));
    expect(await compare(planned([]), unasked)).toBeUndefined();
    await expect(compare(change, unasked)).rejects.toThrow("asked");
    expect(await compare(change, undefined)).toBeUndefined();
  });
});

describe("what the merge request that brought HEAD showed last", () => {
  const HEAD = "c0ffee".padEnd(40, "0");
  const P = "/projects/7";
  /** The head that was merged, GitLab's own merge for a merged-results pipeline, and a commit that was not merged. */
  const [MERGED, RESULT, ELSE] = ["1", "3", "e"].map((digit) => digit.repeat(40)) as [string, string, string];
  const request = (iid: number, parts: object = {}) => ({
    iid,
    state: "merged",
    target_branch: "main",
    merged_at: `2030-01-0${iid}T12:00:00.000Z`,
    sha: MERGED,
    merge_commit_sha: HEAD,
    squash_commit_sha: null,
    ...parts,
  });
  /** The day before the merge of !4, and the one after. */
  const [BEFORE, AFTER] = ["2030-01-03T12:00:00.000Z", "2030-01-05T12:00:00.000Z"];
  const pipeline = (id: number, parts: object = {}) => ({
    id,
    project_id: 7,
    source: "merge_request_event",
    sha: MERGED,
    ref: "refs/merge-requests/4/head",
    created_at: BEFORE,
    ...parts,
  });
  const result = (id: number, parts: object = {}) =>
    pipeline(id, { sha: RESULT, ref: "refs/merge-requests/4/merge", ...parts });
  const job = (id: number, parts: object = {}) => ({
    id,
    name: "plan 2/3",
    status: "success",
    web_url: `https://gitlab.example.com/-/jobs/${id}`,
    created_at: BEFORE,
    finished_at: BEFORE,
    artifacts_expire_at: null,
    ...parts,
  });
  const LIST = `${P}/repository/commits/${HEAD}/merge_requests`;
  const PIPELINES = `${P}/merge_requests/4/pipelines`;
  const JOBS = `${P}/pipelines/21/jobs`;
  const TRIED = `${P}/repository/commits/${RESULT}`;
  const ARTIFACT = `${P}/jobs/31/artifacts/review/2`;
  const FORWARD = request(4, { merge_commit_sha: null, sha: HEAD });
  const merge = (head: string) => ({ id: RESULT, parent_ids: ["0".repeat(40), head] });
  const SHOWN: Readonly<Record<string, FakeAnswer>> = {
    [LIST]: [request(4)],
    [PIPELINES]: [pipeline(21)],
    [JOBS]: [job(30, { name: "plan 1/3" }), job(31)],
    [`${ARTIFACT}/digest`]: `${DIGEST}\n`,
    [`${ARTIFACT}/summary.md`]: "what people read\n",
  };

  let gitlab: FakeGitLab;
  let waits: number[] = [];
  afterEach(() => gitlab?.stop());

  const wait = async (milliseconds: number) => waits.push(milliseconds);
  const environment = (changed: object = {}) => ({
    CI_API_V4_URL: `${gitlab.url}/api/v4`,
    CI_PROJECT_ID: "7",
    CI_COMMIT_SHA: HEAD,
    CI_COMMIT_BRANCH: "main",
    CI_JOB_NAME: "plan 2/3",
    CI_NODE_INDEX: "2",
    GITLAB_BASE_URL: gitlab.url,
    GITLAB_TOKEN: "glpat-SecretSecretSecret1",
    ...changed,
  });
  async function ask(answers: Readonly<Record<string, FakeAnswer>> = {}, changed: object = {}) {
    waits = [];
    gitlab = await FakeGitLab.start({ ...SHOWN, ...answers });
    return mergeRequestSource({ environment: environment(changed), now: () => new Date() }, wait)();
  }
  const REVIEWED = {
    digest: DIGEST,
    summary: "what people read\n",
    origin: "!4, https://gitlab.example.com/-/jobs/31",
  };

  test("is in the artifacts of the job of this name, in its newest pipeline", async () => {
    expect(await ask()).toEqual(REVIEWED);
    expect(gitlab.calls).toEqual(
      [LIST, PIPELINES, JOBS, `${ARTIFACT}/digest`, `${ARTIFACT}/summary.md`].map((p) => `GET ${p}`),
    );
    expect([...gitlab.tokens]).toEqual(["glpat-SecretSecretSecret1"]);
    expect(waits).toEqual([]);
  });

  test("is found from a job that is not one of several", async () => {
    const alone = { [JOBS]: [job(31, { name: "plan" })], [`${P}/jobs/31/artifacts/review/1/digest`]: DIGEST };
    expect(await ask(alone, { CI_JOB_NAME: "plan", CI_NODE_INDEX: undefined })).toMatchObject({ digest: DIGEST });
  });

  test.each<[string, Readonly<Record<string, FakeAnswer>>]>([
    ["squashed", { [LIST]: [request(4, { merge_commit_sha: null, squash_commit_sha: HEAD })] }],
    ["merged by fast-forward", { [LIST]: [FORWARD], [PIPELINES]: [pipeline(21, { sha: HEAD })] }],
    ["rebased at the merge, which names the commit nowhere", { [LIST]: [request(4, { merge_commit_sha: null })] }],
    [
      "beside another that has the commit in the middle",
      { [LIST]: [request(5, { merge_commit_sha: "2".repeat(40) }), request(4)] },
    ],
    ["beside one of which nobody knows when", { [LIST]: [request(5, { merged_at: null }), request(4)] }],
    ["merged before another", { [LIST]: [request(5), request(4)] }],
    [
      "merged by fast-forward, beside one of the same head that GitLab marked merged before it",
      { [LIST]: [request(3, { sha: HEAD }), FORWARD], [PIPELINES]: [pipeline(21, { sha: HEAD })] },
    ],
    ["beside one for another branch", { [LIST]: [request(5, { target_branch: "next" }), request(4)] }],
    ["beside an open one", { [LIST]: [request(5, { state: "opened", merged_at: null }), request(4)] }],
    ["with an older pipeline", { [PIPELINES]: [pipeline(20), pipeline(21)] }],
    [
      "with a newer pipeline without that job",
      { [PIPELINES]: [pipeline(22), pipeline(21)], [`${P}/pipelines/22/jobs`]: [job(40, { name: "test" })] },
    ],
    ["with a pipeline of the branch itself", { [PIPELINES]: [pipeline(21), pipeline(22, { source: "push" })] }],
    ["whose job was started again after the merge", { [JOBS]: [job(32, { created_at: AFTER }), job(31)] }],
    ["whose job was started again before the merge", { [JOBS]: [job(29, { status: "failed" }), job(31)] }],
    [
      "with a pipeline that was started after the merge",
      {
        [PIPELINES]: [pipeline(22, { created_at: AFTER }), pipeline(21)],
        [`${P}/pipelines/22/jobs`]: [job(41, { created_at: AFTER })],
      },
    ],
    ["with a newer pipeline of another commit", { [PIPELINES]: [pipeline(22, { sha: ELSE }), pipeline(21)] }],
    ["with a pipeline of its merge into the target", { [PIPELINES]: [result(21)], [TRIED]: merge(MERGED) }],
    [
      "with a pipeline in a merge train",
      { [PIPELINES]: [result(21, { ref: "refs/merge-requests/4/train" })], [TRIED]: merge(MERGED) },
    ],
    [
      "with a newer pipeline of another commit's merge into the target",
      { [PIPELINES]: [result(22), pipeline(21)], [TRIED]: merge(ELSE) },
    ],
    ["with a newer pipeline of a merge that is gone", { [PIPELINES]: [result(22), pipeline(21)] }],
    [
      "whose head GitLab does not name, with a pipeline of this very commit",
      { [LIST]: [request(4, { sha: null })], [PIPELINES]: [pipeline(22), pipeline(21, { sha: HEAD })] },
    ],
    ["with a pipeline of a fork", { [PIPELINES]: [pipeline(22, { project_id: 8 }), pipeline(21)] }],
  ])("GIVEN a merge request %s", async (_, answers) => {
    expect(await ask(answers)).toEqual(REVIEWED);
  });

  test("has no summary where only that is gone", async () => {
    const { summary } = await ask({ [`${ARTIFACT}/summary.md`]: new FakeStatus(404) });
    expect(summary).toBeUndefined();
  });

  test("GIVEN a merge that GitLab is still at THEN it is waited for", async () => {
    const merging = [request(4, { state: "locked", merged_at: null })];
    expect(await ask({ [LIST]: [new FakeTurn(merging), new FakeTurn(merging), new FakeTurn([request(4)])] })).toEqual(
      REVIEWED,
    );
    expect(waits).toEqual([2000, 2000]);
    await gitlab.stop();
    await expect(ask({ [LIST]: merging })).rejects.toThrow(/which no merge request brought to main/);
    expect(waits).toHaveLength(4);
  });

  test("GIVEN a merge whose commit GitLab has not noted yet THEN it is waited for, GIVEN closed requests alone THEN not", async () => {
    expect(await ask({ [LIST]: [new FakeTurn([]), new FakeTurn([request(4)])] })).toEqual(REVIEWED);
    expect(waits).toEqual([2000]);
    await gitlab.stop();
    const closed = request(4, { state: "closed", merged_at: null });
    await expect(ask({ [LIST]: [closed] })).rejects.toThrow(/which no merge request brought to main/);
    expect(waits).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, FakeAnswer>>, RegExp]>([
    [
      "a direct push",
      { [LIST]: [] },
      /^got the commit c0ffee000000, which no merge request brought to main; allowed: .*; fix: open one .*; for this one run a pipeline by hand, read its plan, and start its deploy job$/,
    ],
    [
      "a closed merge request",
      { [LIST]: [request(4, { state: "closed", merged_at: null })] },
      /no merge request brought/,
    ],
    [
      "a project that cannot be seen",
      { [LIST]: new FakeStatus(404, { message: "404 Project Not Found" }) },
      /got 404 Project Not Found; allowed: what exists and is visible to the token; fix/,
    ],
    [
      "a token without the scope",
      { [LIST]: new FakeStatus(403, { error: "insufficient_scope" }) },
      /got 403 insufficient_scope; allowed: a token with scope read_api/,
    ],
    [
      "no pipeline",
      { [PIPELINES]: [] },
      /^got no job "plan 2\/3" in the 0 merge request pipelines of !4 in this project; allowed: .*; fix: run a pipeline by hand/,
    ],
    [
      "a fork's pipeline alone",
      { [PIPELINES]: [pipeline(21, { project_id: 8 })] },
      /got no job "plan 2\/3" in the 0 merge request pipelines of !4/,
    ],
    [
      "another commit's pipeline alone",
      { [PIPELINES]: [pipeline(21, { sha: ELSE })] },
      /^got no pipeline of 111111111111, which !4 merged; the newest before the merge is of eeeeeeeeeeee; allowed: a plan of what was merged, so that people could read it; fix: run a pipeline by hand, read its plan, and start its deploy job; the next time push or rebase, so that a pipeline plans the head before the merge$/,
    ],
    [
      "a pipeline of another commit's merge into the target alone",
      { [PIPELINES]: [result(21)], [TRIED]: merge(ELSE) },
      /^got no pipeline of 111111111111, which !4 merged; the newest before the merge is of 333333333333;/,
    ],
    [
      "a commit of the author's that merges the head",
      { [PIPELINES]: [pipeline(21, { sha: RESULT })], [TRIED]: merge(MERGED) },
      /^got no pipeline of 111111111111/,
    ],
    [
      "another merge request's merge",
      { [PIPELINES]: [result(21, { ref: "refs/merge-requests/5/merge" })], [TRIED]: merge(MERGED) },
      /^got no pipeline of 111111111111/,
    ],
    [
      "a commit whose parents it may not read",
      { [PIPELINES]: [result(21)], [TRIED]: new FakeStatus(403, { message: "403 Forbidden" }) },
      /got 403 Forbidden; allowed: a token with scope read_api/,
    ],
    [
      "a merge request whose head GitLab does not name",
      { [LIST]: [request(4, { sha: null })] },
      /^got no pipeline of a head that GitLab does not name, which !4 merged; the newest before the merge is of 111111111111; .*; fix: run a pipeline by hand/,
    ],
    [
      "other jobs in the head's pipeline, and another commit's that planned",
      {
        [PIPELINES]: [pipeline(22), pipeline(21, { sha: ELSE })],
        [`${P}/pipelines/22/jobs`]: [job(41, { name: "test" })],
      },
      /^got no job "plan 2\/3" in the 1 merge request pipelines of !4/,
    ],
    [
      "other parallel jobs",
      { [JOBS]: [job(31, { name: "plan 2/2" })] },
      /got no job "plan 2\/3" in the 1 merge request pipelines/,
    ],
    [
      "a failed job",
      { [JOBS]: [job(31, { status: "failed" })] },
      /^got a job that is failed, the last that planned !4: https:\/\/gitlab.example.com\/-\/jobs\/31; allowed: one that succeeded before the merge, so that people could read its plan; fix: run a pipeline by hand/,
    ],
    [
      "a job that runs",
      { [JOBS]: [job(31, { status: "running", finished_at: null })] },
      /got a job that is running, .*; fix: run a pipeline by hand/,
    ],
    [
      "a job that ended after the merge",
      { [JOBS]: [job(31, { finished_at: AFTER })] },
      /^got a job that ended at 2030-01-05T12:00:00.000Z, after !4 was merged at 2030-01-04.*; allowed: .* before the merge/,
    ],
    [
      "a newer job that failed",
      { [PIPELINES]: [pipeline(22), pipeline(21)], [`${P}/pipelines/22/jobs`]: [job(41, { status: "failed" })] },
      /got a job that is failed/,
    ],
    [
      "expired artifacts",
      {
        [JOBS]: [job(31, { artifacts_expire_at: "2020-01-01T00:00:00.000Z" })],
        [`${ARTIFACT}/digest`]: new FakeStatus(404),
      },
      /^got artifacts of !4 that expired at 2020-01-01T00:00:00.000Z: .*; fix: run a pipeline by hand.*; a longer artifacts:expire_in/,
    ],
    [
      "a job without the artifact",
      { [`${ARTIFACT}/digest`]: new FakeStatus(404) },
      /^got no artifact review\/2\/digest of !4 at .*; allowed: the file review\/2\/digest that/,
    ],
    [
      "artifacts it may not read",
      { [`${ARTIFACT}/digest`]: new FakeStatus(403, { message: "403 Forbidden" }) },
      /^got 403 Forbidden for the artifacts of .*; allowed: GITLAB_TOKEN .*Developer.*; fix: give/,
    ],
    [
      "an artifact that is none",
      { [`${ARTIFACT}/digest`]: "<html>" },
      /^got review\/2\/digest of !4, .*, whose first line is no digest/,
    ],
  ])("GIVEN %s THEN it says what to do", async (_, answers, message) => {
    const asked = ask(answers);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.not.toThrow(/SecretSecret/);
  });

  test.each<[string, object, RegExp]>([
    [
      "outside a pipeline",
      { CI_API_V4_URL: undefined, CI_PROJECT_ID: undefined, CI_COMMIT_SHA: undefined, CI_JOB_NAME: undefined },
      /^got --reviewed merge-request without CI_API_V4_URL, CI_PROJECT_ID, CI_COMMIT_SHA, CI_JOB_NAME; allowed: a job of a GitLab pipeline; fix: elsewhere pass/,
    ],
    [
      "without a token",
      { GITLAB_TOKEN: "" },
      /^got --reviewed merge-request without GITLAB_TOKEN; allowed: a token with scope read_api/,
    ],
    ["with a variable that GitLab does not know", { GITLAB_TOKEN: "$PUSHER_READ_TOKEN" }, /without GITLAB_TOKEN/],
    [
      "for another GitLab",
      { GITLAB_BASE_URL: "https://gitlab.example.com" },
      /^got --reviewed merge-request in a pipeline of http:.*, with GITLAB_TOKEN for https:\/\/gitlab.example.com; allowed: the same/,
    ],
    [
      "for nobody knows which GitLab",
      { GITLAB_BASE_URL: undefined },
      /^got GITLAB_TOKEN without the address of the GitLab it is for; allowed: .*; fix: export GITLAB_BASE_URL=/,
    ],
  ])("GIVEN a job %s THEN it is refused before anything is sent", async (_, changed, message) => {
    await expect(ask({}, changed)).rejects.toThrow(message);
    expect(gitlab.calls).toEqual([]);
  });
});
