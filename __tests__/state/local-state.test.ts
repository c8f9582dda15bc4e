import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { HttpAnswer, HttpCall } from "../../gitlab/http-call";
import { lockNoteOf } from "../../state/broken-off-deploy";
import { readLocalState } from "../../state/local-state";
import { readStackStates } from "../../state/stack-states";
import { httpAnswer } from "../support/http-answer";
import { outdir } from "../support/synth";

const mockCall = jest.fn<Promise<HttpAnswer>, [string | URL, HttpCall]>();
jest.mock("../../gitlab/http-call", () => ({ httpCall: (...call: Parameters<typeof mockCall>) => mockCall(...call) }));

const RULE = {
  mode: "managed",
  type: "gitlab_branch_protection",
  name: "gitops_Rulemain_B9FA3726",
  instances: [{ attributes: { project: "xlink/gitops", branch: "main" } }],
};
const STATE = JSON.stringify({ version: 4, serial: 7, resources: [RULE] });
const OLDER = JSON.stringify({ version: 4, serial: 6, resources: [] });

/** A folder with the state file of `ops` and its backup; undefined leaves one out. */
function folder(state: string | undefined, backup?: string): string {
  const directory = outdir();
  const file = path.join(directory, "ops.tfstate");
  if (state !== undefined) writeFileSync(file, state);
  if (backup !== undefined) writeFileSync(`${file}.backup`, backup);
  return directory;
}

/** What is in a folder, by file. */
const contents = (directory: string) =>
  readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name), "utf8")]);

const never = () => Promise.reject(new Error("waited"));

describe("a local state", () => {
  test.each<[string, string | undefined, string | undefined, RegExp]>([
    [
      "emptied",
      "",
      OLDER,
      /got .*ops\.tfstate, which is empty: .*; allowed: .*; fix: npx gitlab-ci-pusher state restore ops, /,
    ],
    [
      "half written",
      STATE.slice(0, 40),
      OLDER,
      /ops\.tfstate, which is cut off: .*; fix: npx gitlab-ci-pusher state restore ops$/,
    ],
    [
      "half written, without a backup",
      STATE.slice(0, 40),
      undefined,
      /cut off: .*; fix: npx gitlab-ci-pusher state restore ops$/,
    ],
    ["of a newer version", '{"version": 5}', OLDER, /a state of version 5, which a newer Terraform wrote/],
    [
      "away, with a backup that has something",
      undefined,
      STATE,
      /got no .*ops\.tfstate, and a backup of it that has something; .*; fix: npx gitlab-ci-pusher state restore ops, /,
    ],
    ["of lists that are none", '{"version": 4, "resources": [null]}', undefined, /no Terraform state/],
    [
      "something else",
      "hello",
      undefined,
      /no Terraform state \(version 4\); .*; fix: npx gitlab-ci-pusher state restore ops$/,
    ],
  ])(
    "GIVEN one that is %s WHEN it is read THEN it is refused, and stays as it is",
    async (_, state, backup, message) => {
      const directory = folder(state, backup);
      const before = contents(directory);
      await expect(readLocalState("ops", directory, never)).rejects.toThrow(message);
      expect(contents(directory)).toEqual(before);
    },
  );

  test("GIVEN an encrypted one beside a plain backup WHEN it is read THEN nothing is known, and it stays as it is", async () => {
    const directory = folder(JSON.stringify({ serial: 8, lineage: "x", encrypted_data: "abc" }), OLDER);
    const before = contents(directory);
    const { deployed, notices } = await readLocalState("ops", directory, never);
    expect([deployed.encrypted, deployed.addresses.size, notices]).toEqual([true, 0, undefined]);
    expect(contents(directory)).toEqual(before);
  });

  test.each<[string, string | undefined, string | undefined, boolean]>([
    ["a whole one", STATE, OLDER, true],
    ["none", undefined, undefined, false],
    ["one that was removed on purpose", undefined, OLDER, false],
  ])("GIVEN %s THEN it is what it says", async (_, state, backup, begun) => {
    const { deployed, notices } = await readLocalState("ops", folder(state, backup), never);
    expect([deployed.begun, deployed.addresses.size, notices]).toEqual([begun, begun ? 1 : 0, undefined]);
  });

  test("GIVEN an empty one and no backup THEN a first deploy was killed, and that is said", async () => {
    const { deployed, notices } = await readLocalState("ops", folder(""), never);
    expect([deployed.begun, deployed.written]).toEqual([true, false]);
    expect(notices).toEqual([
      expect.stringMatching(/ops\.tfstate is empty: the first deploy was killed .*npx gitlab-ci-pusher status/),
    ]);
  });

  test("GIVEN a FIFO or a device in its place THEN it is refused, and nobody waits", async () => {
    const directory = outdir();
    execFileSync("mkfifo", [path.join(directory, "ops.tfstate")]);
    symlinkSync("/dev/zero", path.join(directory, "shop.tfstate"));
    for (const stack of ["ops", "shop"]) {
      await expect(readLocalState(stack, directory, never)).rejects.toThrow(/got no regular file at .*; allowed:/);
    }
  });

  test("GIVEN a folder in its place THEN it is refused", async () => {
    const directory = outdir();
    mkdirSync(path.join(directory, "ops.tfstate"));
    await expect(readLocalState("ops", directory, never)).rejects.toThrow(/got a folder at .*ops\.tfstate; allowed:/);
  });

  test("GIVEN a Terraform that is writing it just now THEN it is looked into once more, later for a large one", async () => {
    const directory = folder("", OLDER.padEnd(2_000_000));
    const file = path.join(directory, "ops.tfstate");
    writeFileSync(file, STATE.slice(0, 40).padEnd(2_000_000));
    writeFileSync(lockNoteOf(file), "{}");
    const waits: number[] = [];
    const { deployed } = await readLocalState("ops", directory, async (milliseconds) => {
      waits.push(milliseconds);
      writeFileSync(file, STATE);
    });
    expect([deployed.addresses.size, waits]).toEqual([1, [3_000]]);
  });
});

describe("the local states of a fleet", () => {
  const named = ["ops", "shop"].map((stack) => ({ stack, stateName: stack }));

  test("GIVEN one that is broken THEN all are refused in one report, and nothing is made", async () => {
    const directory = folder("hello");
    const read = readStackStates({ kind: "local" }, named, { directory });
    await expect(read).rejects.toThrow(/^1 state cannot be used, nothing was changed:\n {2}got .*ops\.tfstate/);
    const absent = path.join(outdir(), "state");
    await readStackStates({ kind: "local" }, named, { directory: absent });
    expect(existsSync(absent)).toBe(false);
  });

  test("GIVEN a state that was not stored, of a stack that is gone or was renamed THEN nothing is synthesized over it", async () => {
    const [directory, out] = [folder(undefined), outdir()];
    const left = path.join(out, "stacks/old/errored.tfstate");
    mkdirSync(path.dirname(left), { recursive: true });
    writeFileSync(left, STATE);
    const read = (stacks: typeof named) => readStackStates({ kind: "local" }, stacks, { directory, outdir: out });
    await expect(read(named)).rejects.toThrow(
      /got .*stacks\/old\/errored\.tfstate.*; fix: npx gitlab-ci-pusher state push old$/,
    );
    await expect(read([{ stack: "new", stateName: "old" }])).rejects.toThrow(/stacks\/old\/errored\.tfstate/);
    writeFileSync(path.join(directory, "kept.errored.tfstate"), STATE);
    await expect(read(named)).rejects.toThrow(/^2 states cannot be used/);
  });

  test("GIVEN one that is to be left out THEN it may be broken", async () => {
    const states = await readStackStates({ kind: "local", stacks: ["shop"] }, named, { directory: folder("hello") });
    expect([...states].map(([stack, { hidden }]) => [stack, hidden === undefined])).toEqual([
      ["ops", false],
      ["shop", true],
    ]);
  });

  test("GIVEN a renamed file THEN the state is the one under its former name", async () => {
    const states = await readStackStates({ kind: "local" }, [{ stack: "new", stateName: "ops" }], {
      directory: folder(STATE),
    });
    expect(states.get("new")?.deployed.addresses.size).toBe(1);
  });
});

describe("a state that is to move to GitLab", () => {
  const settings = {
    kind: "gitlab",
    baseUrl: "https://gitlab.example.com",
    project: "ops/pushers",
    credentials: { username: "olga", password: "secret" },
  } as const;
  const named = [{ stack: "ops", stateName: "ops" }];
  afterEach(() => mockCall.mockReset());

  /** Reads the state of `ops`, which is still a file with this text, where Terraform was initialized with this backend. */
  function unmoved(text: string, initialized: string | undefined, remote?: string) {
    const outdirectory = outdir();
    const terraform = path.join(outdirectory, "stacks/ops/.terraform");
    mkdirSync(terraform, { recursive: true });
    const record = JSON.stringify({ backend: { type: initialized } });
    if (initialized) writeFileSync(path.join(terraform, "terraform.tfstate"), record);
    mockCall.mockResolvedValue(httpAnswer(remote ?? '{"message":"404 Not found"}', remote ? 200 : 404));
    return readStackStates(settings, named, { directory: folder(text), outdir: outdirectory });
  }

  test("GIVEN a Terraform that knows of the file THEN it is looked at where it is", async () => {
    const state = (await unmoved(STATE, "local")).get("ops")!;
    expect(state.notices).toEqual([
      expect.stringMatching(/is still in .*: `npx gitlab-ci-pusher state move` moves it/),
    ]);
    expect([state.deployed.addresses.size, state.backend.kind]).toEqual([1, "http"]);
  });

  test.each<[string, string, string | undefined]>([
    ["no Terraform", STATE, undefined],
    ["a Terraform that knows of GitLab", STATE, "http"],
    ["an encrypted one, and no Terraform", JSON.stringify({ serial: 1, encrypted_data: "x" }), undefined],
  ])("GIVEN %s that knows of the file THEN it would be forgotten, and is refused", async (_, text, initialized) => {
    await expect(unmoved(text, initialized)).rejects.toThrow(
      /got a state in .*, none in GitLab, .*; allowed: one state, .*; fix: npx gitlab-ci-pusher state move, /,
    );
  });

  test("GIVEN one in GitLab THEN the file that is left is not confused with it", async () => {
    const moved = JSON.stringify({ version: 4, resources: [] });
    expect((await unmoved(STATE, "http", moved)).get("ops")?.deployed.addresses.size).toBe(0);
  });
});
