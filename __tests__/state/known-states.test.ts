import { writeFileSync } from "node:fs";
import * as path from "node:path";
import type { HttpAnswer, HttpCall } from "../../gitlab/http-call";
import { cdktfContext } from "../../state/cdktf-context";
import { knownStates } from "../../state/known-states";
import type { StateSettings } from "../../state/state-settings";
import { httpAnswer } from "../support/http-answer";
import { outdir } from "../support/synth";

const mockCall = jest.fn<Promise<HttpAnswer>, [string | URL, HttpCall]>();
jest.mock("../../gitlab/http-call", () => ({ httpCall: (...call: Parameters<typeof mockCall>) => mockCall(...call) }));

const named = (stack: string) => ({ stack, stateName: stack });

const token = (expires: string) => ({
  version: 4,
  resources: [
    {
      mode: "managed",
      type: "gitlab_project_access_token",
      name: "T",
      instances: [{ attributes: { description: "gitlab-ci-pusher ops/gitops/Token", expires_at: expires } }],
    },
  ],
});

const GITLAB: StateSettings = {
  kind: "gitlab",
  baseUrl: "https://gitlab.example.com",
  project: "ops/pushers",
  credentials: { username: "olga", password: "secret" },
};

/** The date that is known of the stack `ops`, whose local state says 2030-01-01 and GitLab this; and why GitLab's could not be read. */
async function known(
  settings: StateSettings,
  status: number,
  body: object | null,
): Promise<[string | undefined, string[]]> {
  const directory = outdir();
  writeFileSync(path.join(directory, "ops.tfstate"), JSON.stringify(token("2030-01-01")));
  mockCall.mockImplementation(async () => httpAnswer(body === null ? "" : JSON.stringify(body), status));
  const reasons: string[] = [];
  const states = await knownStates([named("ops"), named("new")], {
    settings,
    directory,
    unread: (reason) => reasons.push(reason),
  });
  return [states.get("ops")?.tokens.get("ops/gitops/Token")?.expires, reasons];
}
afterEach(() => mockCall.mockReset());

test.each<[string, StateSettings, number, object | null, string | undefined]>([
  ["local states: the file's", { kind: "local" }, 200, token("2030-09-09"), "2030-01-01"],
  ["a state in GitLab: that one, not the file that is left", GITLAB, 200, token("2030-09-09"), "2030-09-09"],
  ["none in GitLab yet: the file's", GITLAB, 404, { message: "404 Not found" }, "2030-01-01"],
  ["a lock in GitLab only: the file's", GITLAB, 204, null, "2030-01-01"],
  ["an encrypted state in GitLab: nothing", GITLAB, 200, { serial: 1, encrypted_data: "x" }, undefined],
])("GIVEN %s is known", async (_, settings, status, body, expires) => {
  expect(await known(settings, status, body)).toEqual([expires, []]);
});

test("GIVEN a state that could not be stored, the older one is not taken for the last deploy's, and that is told", async () => {
  const directory = outdir();
  writeFileSync(path.join(directory, "ops.tfstate"), JSON.stringify(token("2030-01-01")));
  writeFileSync(path.join(directory, "ops.errored.tfstate"), JSON.stringify(token("2030-09-09")));
  const unread = jest.fn();
  expect((await knownStates([named("ops")], { settings: { kind: "local" }, directory, unread })).size).toBe(0);
  expect(unread.mock.calls).toEqual([[expect.stringMatching(/fix: npx gitlab-ci-pusher state push ops$/)]]);
});

test("GIVEN no credentials, nothing is known, and the reason is told once", async () => {
  expect(await known({ ...GITLAB, credentials: undefined }, 200, token("2030-09-09"))).toEqual([
    undefined,
    ["TF_HTTP_USERNAME and TF_HTTP_PASSWORD are not set"],
  ]);
});

test.each<[string, string | undefined, object | RegExp]>([
  ["a context", '{"context": {"state": "gitlab"}}', { state: "gitlab" }],
  ["no context", "{}", {}],
  ["no file", undefined, {}],
  ["no JSON", "{,}", /got .*cdktf\.json, which cannot be read .*; allowed: JSON; fix/],
])("GIVEN a cdktf.json with %s beside the inventory", (_, text, expected) => {
  const root = outdir();
  if (text !== undefined) writeFileSync(path.join(root, "cdktf.json"), text);
  const inventory = path.join(root, "pushers");
  if (expected instanceof RegExp) expect(() => cdktfContext(inventory)).toThrow(expected);
  else expect(cdktfContext(inventory)).toEqual(expected);
});
