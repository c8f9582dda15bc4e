import { tellMergeRequest } from "../../../commands/review/note";
import { Sandbox } from "../../../sandbox/sandbox";
import { ApiClient } from "../../support/api-client";
import { ruleChange, SECRET, tokenChange } from "../../support/plan-json";
import { planned } from "../../support/planned";

const PROJECT = "/projects/ops%2Fpushers";
const NOTES = `${PROJECT}/merge_requests/1/notes`;
const NOTHING = planned([]);
const ROTATED = planned([tokenChange(["update"], { expires_at: "2030-09-01" })]);
const WIDER = planned([ruleChange(["update"], { push_access_level: "developer" })]);

type Variables = Record<string, string | undefined>;

let sandbox: Sandbox;
let admin: ApiClient;
let author: ApiClient;
let token: string;
let projectId: string;

beforeEach(async () => {
  const seed = { projects: [{ path: "ops/pushers", files: { "README.md": "x\n" } }] };
  sandbox = await Sandbox.start({ provider: "registry", seed });
  admin = ApiClient.admin(sandbox);
  await admin.control("PUT", "clock", { now: "2030-01-10T12:00:00Z" });
  projectId = String((await admin.get(PROJECT)).body.id);
  const olga = await admin.newUser("olga");
  await admin.post(`${PROJECT}/members`, { user_id: olga.id, access_level: 30 });
  author = olga.api;
  await push("main");
  await author.post(`${PROJECT}/merge_requests`, { source_branch: "work", target_branch: "main", title: "Change" });
  token = await noteToken("api");
});
afterEach(() => sandbox.stop());

let pushes = 0;
/** A commit on the merge request's branch. */
async function push(start = "work"): Promise<void> {
  pushes += 1;
  const branches = start === "work" ? { branch: "work" } : { branch: "work", start_branch: start };
  const file = { ...branches, content: "x\n", commit_message: "change" };
  const { status } = await author.post(`${PROJECT}/repository/files/f${pushes}.txt`, file);
  if (status !== 201) throw new Error(`no commit: ${status}`);
}

async function noteToken(scope: string, level = 20): Promise<string> {
  const wanted = { name: "note", scopes: [scope], access_level: level, expires_at: "2030-06-01" };
  const made = await admin.post(`${PROJECT}/access_tokens`, wanted);
  if (made.status !== 201) throw new Error(`no token: ${JSON.stringify(made.body)}`);
  return made.body.token;
}

const head = async (): Promise<string> => (await admin.get(`${PROJECT}/merge_requests/1`)).body.sha;
const bodies = async (): Promise<string[]> =>
  (await admin.get(`${NOTES}?sort=asc`)).body.map((note: { body: string }) => note.body);

/** What a job of the merge request's pipeline has in its environment. */
const variables = async (changed: Variables = {}): Promise<Variables> => ({
  CI_API_V4_URL: `${sandbox.url}/api/v4`,
  CI_MERGE_REQUEST_PROJECT_ID: projectId,
  CI_MERGE_REQUEST_IID: "1",
  CI_COMMIT_SHA: await head(),
  CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: "",
  CI_JOB_URL: `${sandbox.url}/ops/pushers/-/jobs/7`,
  PUSHER_NOTE_TOKEN: token,
  ...changed,
});

/** Tells it, and gives what came of it, what was said, and the calls that changed something. */
async function tell(review = ROTATED, changed: Variables = {}, part?: string) {
  const environment = await variables(changed);
  await admin.control("DELETE", "requests");
  let stderr = "";
  const write = (text: string) => {
    stderr += text;
  };
  const outcome = await tellMergeRequest(review, { environment, part, out: "review/1", stderr: { write } });
  const calls = (await admin.control("GET", "requests")).body as { method: string }[];
  return { outcome, stderr, writes: calls.map(({ method }) => method).filter((method) => method !== "GET") };
}

describe("the note on a merge request", () => {
  test("is made once, kept up to date, and not touched when it says so already", async () => {
    // GIVEN a plan that does nothing WHEN there is no note THEN there is none
    expect(await tell(NOTHING)).toEqual({ outcome: "unneeded", stderr: "", writes: [] });
    // WHEN something is planned
    expect(await tell(ROTATED)).toEqual({ outcome: "made", stderr: "", writes: ["POST"] });
    const [made] = await bodies();
    expect(made).toContain("- rotated: slot 1 `CI` of `xlink/gitops`: 2030-06-01 → 2030-09-01");
    expect(made).toContain(`Planned by [this job](${sandbox.url}/ops/pushers/-/jobs/7) for ${await head()}.`);
    // WHEN the job runs again THEN nothing is written
    expect(await tell(ROTATED)).toEqual({ outcome: "unchanged", stderr: "", writes: [] });
    // WHEN another commit plans something else, then nothing
    await push();
    expect(await tell(WIDER)).toEqual({ outcome: "changed", stderr: "", writes: ["PUT"] });
    expect(await bodies()).toEqual([expect.stringMatching(/Dangers \(1\)[\s\S]*branch opened wider/)]);
    expect(await tell(NOTHING)).toMatchObject({ outcome: "changed", writes: ["PUT"] });
    expect(await bodies()).toEqual([expect.stringContaining("Nothing would change.")]);
  });

  test("is that of the newest commit: a job of an older one leaves it", async () => {
    const old = await head();
    await push();
    await tell(WIDER);
    const before = await bodies();
    const late = await tell(ROTATED, { CI_COMMIT_SHA: old });
    expect(late).toMatchObject({ outcome: "outdated", writes: [] });
    expect(late.stderr).toContain("the merge request has a newer commit");
    expect(await bodies()).toEqual(before);
    // A pipeline of merged results has a commit of its own, and tells which one of the branch it is for.
    const merged = { CI_COMMIT_SHA: "f".repeat(40), CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: await head() };
    expect(await tell(ROTATED, merged)).toMatchObject({ outcome: "changed" });
  });

  test("is one's own: others' markers, and others' notes, stay", async () => {
    await tell();
    const [mine] = await bodies();
    await author.post(NOTES, { body: mine });
    await author.post(NOTES, { body: "looks good" });
    await push();
    expect(await tell(WIDER)).toMatchObject({ outcome: "changed", writes: ["PUT"] });
    expect(await bodies()).toEqual([expect.stringContaining("branch opened wider"), mine, "looks good"]);
  });

  test("GIVEN two of a race THEN the oldest is kept up to date, and the other goes", async () => {
    await tell();
    const [first] = await bodies();
    await admin.as(token).post(NOTES, { body: first });
    await push();
    expect(await tell(WIDER)).toMatchObject({ outcome: "changed", writes: ["PUT", "DELETE"] });
    expect(await bodies()).toEqual([expect.stringContaining("branch opened wider")]);
  });

  test("GIVEN an answer that was lost THEN the review goes on, and the next run finds the note", async () => {
    const fault = { method: "POST", path: "/notes$", lose_answer: true, times: 1 };
    expect((await admin.control("POST", "faults", fault)).status).toBe(201);
    const lost = await tell();
    expect(lost.outcome).toBeUndefined();
    expect(lost.stderr).toMatch(
      /^The merge request has no note of this plan, .*: got .*; allowed: .*; fix: retry the job later/,
    );
    expect(await tell()).toMatchObject({ outcome: "unchanged" });
    expect(await bodies()).toHaveLength(1);
  });

  test("has one of its own for each part of the stacks, and none of a split that is no more", async () => {
    await tell(ROTATED);
    expect(await tell(ROTATED, {}, "1/2")).toMatchObject({ outcome: "made", writes: ["POST", "DELETE"] });
    expect(await tell(WIDER, {}, "2/2")).toMatchObject({ outcome: "made", writes: ["POST"] });
    expect(await tell(NOTHING, {}, "1/2")).toMatchObject({ outcome: "changed", writes: ["PUT"] });
    expect(await bodies()).toEqual([
      expect.stringMatching(/review 1\/2 -->[\s\S]*Nothing[\s\S]*part 1\/2 of the stacks/),
      expect.stringMatching(/review 2\/2 -->[\s\S]*branch opened wider/),
    ]);
    expect(await tell(NOTHING, {}, "1/1")).toMatchObject({ outcome: "unneeded", writes: ["DELETE", "DELETE"] });
    expect(await bodies()).toEqual([]);
  });

  test("holds no secret of the plan", async () => {
    await tell(planned([tokenChange(["create"], { name: SECRET })]));
    const [body] = await bodies();
    expect(body).toContain("created: slot 1 `[a token]`");
    expect(body).not.toContain(SECRET);
  });
});

describe("what hinders the note is said on one line, and nothing is written", () => {
  const cases: [string, Variables, RegExp][] = [
    [
      "no token",
      { PUSHER_NOTE_TOKEN: undefined },
      /^No note on a merge request: PUSHER_NOTE_TOKEN is not set; the summary is in review\/1 only\.\n$/,
    ],
    ["an empty token", { PUSHER_NOTE_TOKEN: "" }, /PUSHER_NOTE_TOKEN is not set/],
    [
      "a variable that GitLab does not know",
      { PUSHER_NOTE_TOKEN: "$PUSHER_NOTE_TOKEN" },
      /PUSHER_NOTE_TOKEN is not set/,
    ],
    ["the same in braces", { PUSHER_NOTE_TOKEN: "${PUSHER_NOTE_TOKEN}" }, /PUSHER_NOTE_TOKEN is not set/],
    [
      "no merge request",
      { CI_MERGE_REQUEST_IID: undefined },
      /^No note on a merge request: this is no pipeline of a merge request; /,
    ],
    ["no pipeline", { CI_API_V4_URL: undefined }, /this is no pipeline of a merge request/],
    [
      "a wrong token",
      { PUSHER_NOTE_TOKEN: "glpat-wrongwrongwrong" },
      /no note of this plan, the summary is in review\/1 only: got 401.*; allowed: a PUSHER_NOTE_TOKEN with scope api, of a Reporter.*; fix: check that the token is alive/,
    ],
    ["a token with a line end", { PUSHER_NOTE_TOKEN: "glpat-wrongwrongwrong\n" }, /got a token with blanks, line ends/],
    ["a merge request that is not there", { CI_MERGE_REQUEST_IID: "9" }, /got 404 .*; fix: check/],
    ["no GitLab", { CI_API_V4_URL: "http://127.0.0.1:1/api/v4" }, /got .*; fix: retry the job later/],
  ];

  test.each(cases)("GIVEN %s", async (_, changed, message) => {
    const { outcome, stderr, writes } = await tell(ROTATED, changed);
    expect({ outcome, writes }).toEqual({ outcome: undefined, writes: [] });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr).not.toContain("wrongwrong");
  });

  test("GIVEN a token that only reads THEN GitLab refuses, and nothing fails", async () => {
    const { outcome, stderr } = await tell(ROTATED, { PUSHER_NOTE_TOKEN: await noteToken("read_api") });
    expect(outcome).toBeUndefined();
    expect(stderr).toMatch(/got 403 insufficient_scope.*; allowed: a PUSHER_NOTE_TOKEN with scope api/);
    expect(await bodies()).toEqual([]);
  });
});
