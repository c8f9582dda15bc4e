import type { HttpAnswer, HttpCall } from "../../gitlab/http-call";
import { GitLabState } from "../../state/gitlab-state";
import { LEFT_OUT } from "../../state/left-out-states";
import type { HttpBackendSettings } from "../../state/stack-state";
import { readStackStates } from "../../state/stack-states";
import { StateError } from "../../state/state-error";
import type { StateSettings } from "../../state/state-settings";
import { httpAnswer } from "../support/http-answer";

const mockCall = jest.fn<Promise<HttpAnswer>, [string | URL, HttpCall]>();
jest.mock("../../gitlab/http-call", () => ({ httpCall: (...call: Parameters<typeof mockCall>) => mockCall(...call) }));

const PASSWORD = "job-token-of-olga";
const SETTINGS = {
  kind: "gitlab",
  baseUrl: "https://gitlab.example.com",
  project: "ops/pushers",
  credentials: { username: "gitlab-ci-token", password: PASSWORD },
} satisfies StateSettings;
const ADDRESS = "https://gitlab.example.com/api/v4/projects/ops%2Fpushers/terraform/state/prod.eu";

const token = {
  id: "7:41",
  description: "gitlab-ci-pusher ops/gitops/Token",
  expires_at: "2030-06-01",
  token: "secret",
};
const STATE = JSON.stringify({
  version: 4,
  serial: 3,
  resources: [{ mode: "managed", type: "gitlab_project_access_token", name: "T", instances: [{ attributes: token }] }],
});
const json = (status: number, body: string) => () => httpAnswer(body, status);

/** Method, address and headers of what was asked. */
let calls: { method: string; url: string; headers: Headers }[];
/** GitLab's answers in this order, the last one for ever. */
function answer(...answers: (() => HttpAnswer)[]): void {
  calls = [];
  mockCall.mockImplementation(async (url, { method, headers }) => {
    calls.push({ method, url: String(url), headers: new Headers(headers) });
    return answers[Math.min(calls.length, answers.length) - 1]!();
  });
}
const cut = (): HttpAnswer => {
  throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
};
afterEach(() => mockCall.mockReset());

const waited: number[] = [];
const wait = async (milliseconds: number) => waited.push(milliseconds);
beforeEach(() => {
  waited.length = 0;
});
const read = (settings: Extract<StateSettings, { kind: "gitlab" }> = SETTINGS) =>
  new GitLabState(settings, "prod.eu", wait).read();

describe("a state in GitLab", () => {
  test("is where Terraform's HTTP backend finds it, locked with the methods that GitLab knows, and without credentials", () => {
    expect(new GitLabState(SETTINGS, "prod.eu").backend).toEqual({
      kind: "http",
      address: ADDRESS,
      lockAddress: `${ADDRESS}/lock`,
      lockMethod: "POST",
      unlockAddress: `${ADDRESS}/lock`,
      unlockMethod: "DELETE",
      retryWaitMin: 5,
    });
  });

  test("is asked for once, as Terraform asks", async () => {
    answer(json(200, STATE));
    await read();
    expect(calls.map(({ method, url }) => `${method} ${url}`)).toEqual([`GET ${ADDRESS}`]);
    const basic = Buffer.from(`gitlab-ci-token:${PASSWORD}`).toString("base64");
    expect(calls[0]!.headers.get("Authorization")).toBe(`Basic ${basic}`);
  });

  test.each<[string, () => HttpAnswer, object]>([
    ["a state", json(200, STATE), { begun: true, written: true, encrypted: false }],
    ["a lock only", json(204, ""), { begun: true, written: false }],
    ["none", json(404, '{"message":"404 Not found"}'), { begun: false, written: false }],
    ["an encrypted one", json(200, '{"serial":1,"encrypted_data":"x"}'), { written: true, encrypted: true }],
  ])("GIVEN %s", async (_, response, expected) => {
    answer(response);
    const { deployed, hidden } = await read();
    expect(deployed).toMatchObject(expected);
    expect(hidden).toBeUndefined();
  });

  test("tells of the tokens in it", async () => {
    answer(json(200, STATE));
    const { deployed } = await read();
    expect([...deployed.tokens]).toEqual([
      ["ops/gitops/Token", expect.objectContaining({ id: 41, expires: "2030-06-01" })],
    ]);
  });

  test.each<[string, () => HttpAnswer, RegExp]>([
    [
      "dead credentials",
      json(401, '{"message":"401 Unauthorized"}'),
      /got 401 Unauthorized; .*Developer of ops\/pushers.*; fix: renew TF_HTTP_PASSWORD/,
    ],
    [
      "too small a role",
      json(403, '{"message":"403 Forbidden"}'),
      /got 403 Forbidden; .*; fix: check role and token scope/,
    ],
    [
      "no such project",
      json(404, '{"message":"404 Project Not Found"}'),
      /got 404 Project Not Found; .*; fix: correct stateProject/,
    ],
    ["no GitLab", json(404, "<html>no such page</html>"), /got 404 a web page instead.*; fix: correct stateProject/],
    ["a redirect", json(302, ""), /got 302.*; fix: write GitLab's final address/],
    ["a failure", json(500, `oops ${PASSWORD}`), /got 500 oops \[a token\]; .*; fix: try again later/],
    [
      "no state",
      json(200, `{"secret": "${PASSWORD}"}`),
      /got the state at .*, which is no Terraform state .*; fix: restore an earlier version/,
    ],
  ])("GIVEN %s THEN it is refused, with the fix and no secret", async (_, response, message) => {
    answer(response);
    const problem = (await read().catch((error: Error) => error)) as Error;
    expect(problem).toBeInstanceOf(StateError);
    expect(problem.message).toMatch(message);
    expect(problem.message).not.toContain(PASSWORD);
  });

  test("is asked for again while GitLab is busy, and once after a broken connection", async () => {
    answer(json(503, ""), json(502, ""), json(200, STATE));
    expect((await read()).deployed.written).toBe(true);
    answer(cut, json(200, STATE));
    expect((await read()).deployed.written).toBe(true);
    expect(waited).toEqual([500, 1000, 1000]);
  });

  test.each<[string, StateSettings, () => HttpAnswer, number, RegExp]>([
    [
      "no credentials",
      { ...SETTINGS, credentials: undefined },
      json(200, STATE),
      0,
      /^TF_HTTP_USERNAME and TF_HTTP_PASSWORD are not set$/,
    ],
    ["no answer", SETTINGS, cut, 2, /^https:\/\/gitlab\.example\.com did not answer \(ECONNRESET\)$/],
  ])("GIVEN %s THEN nothing is known, and why", async (_, settings, response, asked, reason) => {
    answer(response);
    const { deployed, hidden } = await read(settings as typeof SETTINGS);
    expect(deployed.begun).toBe(false);
    expect(hidden).toMatch(reason);
    expect(calls).toHaveLength(asked);
  });
});

describe("the states of a fleet", () => {
  const stacks = Array.from({ length: 100 }, (_, i) => `stack-${i}`);
  const named = stacks.map((stack) => ({ stack, stateName: stack }));

  test("are read by name", async () => {
    answer(json(200, STATE));
    expect([...(await readStackStates(SETTINGS, named)).keys()]).toEqual(stacks);
    expect(calls.map(({ url }) => url.split("/").at(-1)).sort()).toEqual([...stacks].sort());
  });

  test("are not asked for where they are left out, not even without credentials", async () => {
    answer(json(200, STATE));
    const left = { ...SETTINGS, stacks: ["stack-7", "of another app"] };
    const states = [...(await readStackStates(left, named))];
    expect(calls.map(({ url }) => url.split("/").at(-1))).toEqual(["stack-7"]);
    expect(states.map(([name]) => name).sort()).toEqual([...stacks].sort());
    for (const [name, { hidden, deployed, backend }] of states) {
      expect([hidden, deployed.written]).toEqual(name === "stack-7" ? [undefined, true] : [LEFT_OUT, false]);
      expect((backend as HttpBackendSettings).address).toMatch(new RegExp(`/terraform/state/${name}$`));
    }
    const nobody = await readStackStates({ ...left, credentials: undefined, stacks: [] }, [
      { stack: "one", stateName: "one" },
    ]);
    expect(nobody.get("one")?.hidden).toBe(LEFT_OUT);
  });

  test("are not all asked for when GitLab does not answer", async () => {
    answer(cut);
    const states = await readStackStates(SETTINGS, named, { wait });
    expect(new Set([...states.values()].map(({ hidden }) => hidden))).toEqual(
      new Set(["https://gitlab.example.com did not answer (ECONNRESET)"]),
    );
    expect(calls.length).toBeLessThanOrEqual(16);
  });

  test("are refused in one report, of a few lines", async () => {
    answer(json(401, '{"message":"401 Unauthorized"}'));
    const problem = (await readStackStates(SETTINGS, named).catch((error) => error)) as StateError;
    expect(problem).toBeInstanceOf(StateError);
    expect(problem.message).toMatch(/^100 states cannot be used, nothing was changed:\n {2}GET .*stack-0 at https/);
    expect(problem.message.split("\n")).toHaveLength(7);
    expect(problem.message).toMatch(/\n {2}and 95 more$/);
    // AND programs get them all, in parts
    const of = expect.stringMatching(/^GET \S+\/stack-99 at https/);
    const fix = expect.stringContaining("TF_HTTP_PASSWORD");
    expect(problem.parts).toHaveLength(100);
    expect(problem.parts[99]).toMatchObject({ problem: { of, got: "401 Unauthorized", fix } });
  });
});
