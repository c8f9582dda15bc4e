import { writeFileSync } from "node:fs";
import * as path from "node:path";
import type { HttpAnswer, HttpCall } from "../../gitlab/http-call";
import { goneStacks } from "../../state/gone-stacks";
import { leftBehind } from "../../state/left-behind";
import { httpAnswer } from "../support/http-answer";
import { outdir } from "../support/synth";

const mockCall = jest.fn<Promise<HttpAnswer>, [string | URL, HttpCall]>();
jest.mock("../../gitlab/http-call", () => ({ httpCall: (...call: Parameters<typeof mockCall>) => mockCall(...call) }));

const OPS = [{ stack: "ops", stateName: "ops" }];

const managed = (type: string, name: string) => ({ mode: "managed", type, name, instances: [{ attributes: {} }] });
const LEFT = JSON.stringify({
  version: 4,
  resources: [
    managed("gitlab_project_access_token", "a"),
    managed("gitlab_project_access_token", "b"),
    managed("gitlab_group_variable", "c"),
    managed("gitlab_branch_protection", "d"),
  ],
});
const EMPTIED = JSON.stringify({ version: 4, resources: [] });

/** A folder with these states, by file name. */
function states(files: Readonly<Record<string, string>>): string {
  const directory = outdir();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  return directory;
}

const told = (found: Awaited<ReturnType<typeof goneStacks>>) => found.map((each) => [each.name, leftBehind(each)]);

test("GIVEN local states that no stack has THEN those that still have something, or cannot be read, are gone stacks", async () => {
  const directory = states({
    "ops.tfstate": LEFT,
    "old.tfstate": LEFT,
    "emptied.tfstate": EMPTIED,
    "old.tfstate.backup": LEFT,
    "ops.errored.tfstate": LEFT,
    "lost.errored.tfstate": LEFT,
    "-x.tfstate": LEFT,
    "broken.tfstate": "hello",
    "hidden.tfstate": JSON.stringify({ serial: 1, encrypted_data: "x" }),
  });
  expect(told(await goneStacks({ kind: "local" }, OPS, ["never-deployed"], { directory }))).toEqual([
    [
      "lost",
      expect.stringMatching(
        /^what cannot be told \(got .*lost\.errored\.tfstate, .*fix: npx gitlab-ci-pusher state push lost\)$/,
      ),
    ],
    ["broken", expect.stringMatching(/^what cannot be told \(got .*no Terraform state.*\)$/)],
    ["hidden", "what cannot be told (the state is encrypted)"],
    ["old", "2 tokens, 1 variable and 1 rule"],
  ]);
  // Whatever the synth's settings leave out.
  expect((await goneStacks({ kind: "local", stacks: [] }, OPS, [], { directory })).length).toBe(4);
});

test("GIVEN states in GitLab THEN former names are asked for, each once, and no others", async () => {
  const settings = {
    kind: "gitlab",
    baseUrl: "https://gitlab.example.com",
    project: "ops/pushers",
    credentials: { username: "olga", password: "secret" },
  } as const;
  mockCall.mockImplementation(async (url) => {
    const name = String(url).split("/").at(-1);
    return name === "old" ? httpAnswer(LEFT) : httpAnswer('{"message":"404 Not found"}', 404);
  });
  try {
    const former = ["old", "older", "ops", "old", "../evil"];
    expect(told(await goneStacks(settings, OPS, former, { directory: outdir() }))).toEqual([
      ["old", "2 tokens, 1 variable and 1 rule"],
    ]);
    expect(mockCall.mock.calls.map(([url]) => String(url).split("/").at(-1))).toEqual(["old", "older"]);
  } finally {
    mockCall.mockReset();
  }
});
