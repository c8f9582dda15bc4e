import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { exampleInventory } from "../demo/example";
import type { HttpAnswer, HttpCall } from "../gitlab/http-call";
import { httpAnswer } from "./support/http-answer";
import { outdir } from "./support/synth";

const mockCall = jest.fn<Promise<HttpAnswer>, [string | URL, HttpCall]>();
jest.mock("../gitlab/http-call", () => ({ httpCall: (...call: Parameters<typeof mockCall>) => mockCall(...call) }));

const ROOT = path.join(__dirname, "..");

interface Run {
  readonly errors: string;
  readonly exitCode: typeof process.exitCode;
  /** The stack of the example, as Terraform reads it. */
  readonly stack: () => string;
}

/** An inventory of README's example alone. */
function example(): string {
  const folder = outdir();
  writeFileSync(path.join(folder, "example.yaml"), exampleInventory());
  return folder;
}

/**
 * Runs main.ts in a folder with this inventory, on a day the example's dates were written for.
 * @param state content of the example's state file; @default - none
 * @param context of cdktf.json, as the cdktf command line hands it on; @default - none
 */
async function runMain(
  inventory: string,
  { token, state, context, env }: { token?: string; state?: string; context?: object; env?: NodeJS.ProcessEnv } = {},
): Promise<Run> {
  const folder = outdir();
  cpSync(inventory, path.join(folder, "pushers"), { recursive: true });
  mkdirSync(path.join(folder, ".state"));
  if (state !== undefined) writeFileSync(path.join(folder, ".state/example.tfstate"), state);
  const [cwd, environment] = [process.cwd(), process.env];
  const write = jest.spyOn(process.stderr, "write").mockImplementation(() => true);
  jest.useFakeTimers({ now: new Date("2026-12-01T12:00:00Z") });
  process.chdir(folder);
  process.env = { ...environment, GITLAB_BASE_URL: "https://gitlab.example.com", GITLAB_TOKEN: token ?? "", ...env };
  if (context) process.env.CDKTF_CONTEXT_JSON = JSON.stringify(context);
  try {
    await jest.isolateModulesAsync(async () => {
      await (require("../main") as typeof import("../main")).synthesized;
    });
    const stack = () => readFileSync(path.join(folder, "cdktf.out/stacks/example/cdk.tf.json"), "utf8");
    return { errors: write.mock.calls.join(""), exitCode: process.exitCode, stack };
  } finally {
    process.exitCode = undefined;
    process.chdir(cwd);
    process.env = environment;
    jest.useRealTimers();
    write.mockRestore();
  }
}

describe("main.ts", () => {
  test("synthesizes the inventory of README.md", async () => {
    const { errors, exitCode, stack } = await runMain(example());
    expect(errors).toBe("");
    expect(exitCode).toBeUndefined();
    expect(stack()).toMatchSnapshot();
  });

  test("says what is wrong with an inventory without a stack trace, and fails", async () => {
    const { errors, exitCode } = await runMain(path.join(__dirname, "inventory"));
    expect(exitCode).toBe(1);
    expect(errors).toMatch(
      /^\d+ problems in the inventory, nothing was changed:\n {2}pushers\/declare\.test\.ts: got "declare\.test\.ts"/,
    );
    expect(errors).not.toMatch(/\n {4}at /);
  });

  test("shows a defect with its trace, without tokens, and ends with a code of its own", async () => {
    // GIVEN cdktf failing in a way that nobody thought of
    const synth = jest.spyOn(App.prototype, "synth").mockImplementation(() => {
      throw new TypeError("cannot read glpat-0123456789abcdefghij");
    });
    try {
      jest.doMock("cdktf", () => ({ ...jest.requireActual<object>("cdktf"), App }));
      const { errors, exitCode } = await runMain(example());
      expect(exitCode).toBe(70);
      expect(errors).toMatch(/^This is a defect.*\nTypeError: cannot read \[a token\]\n {4}at /);
    } finally {
      synth.mockRestore();
      jest.dontMock("cdktf");
    }
  });

  test.each<[string, { token?: string; state?: string }, string[]]>([
    ["before the first deploy nothing", { token: "glpat-operator" }, []],
    ["without the operator's token nothing", { state: "" }, []],
    ["after a deploy that broke off what it left", { token: "glpat-operator", state: "" }, ["glpat-operator"]],
  ])("%s is asked of GitLab and adopted", async (_, given, tokens) => {
    const closed = [{ access_level: 0 }];
    const guard = { push_access_levels: closed, merge_access_levels: closed, allow_force_push: false };
    mockCall.mockResolvedValue(httpAnswer(JSON.stringify(guard)));
    try {
      const { stack } = await runMain(example(), given);
      const sent = mockCall.mock.calls.map(([, { headers }]) => headers["PRIVATE-TOKEN"]);
      expect([...new Set(sent)]).toEqual(tokens);
      const { import: imports = [] } = JSON.parse(stack()) as { import?: { id: string }[] };
      const guards = ["xlink/xlink-k8s-gitops:mai*n", "xlink/xlink-k8s-gitops:release/**"];
      expect(imports.map(({ id }) => id)).toEqual(tokens.length > 0 ? guards : []);
      expect(stack()).not.toContain("glpat-");
    } finally {
      mockCall.mockReset();
    }
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    ["no address", { GITLAB_BASE_URL: "" }, /^got GITLAB_TOKEN without GITLAB_BASE_URL.*https:\/\/gitlab\.com.*\n$/],
    [
      "no address, in a job",
      { GITLAB_BASE_URL: "", CI_SERVER_URL: "https://x.io" },
      /fix: export GITLAB_BASE_URL=https:\/\/x\.io\n$/,
    ],
    ["none", { GITLAB_BASE_URL: "gitlab.example.com" }, /^got GITLAB_BASE_URL "gitlab\.example\.com"; .*\n$/],
    [
      "one that turns the direction of writing",
      { GITLAB_BASE_URL: "x\u202ey\u009b2K" },
      /^got GITLAB_BASE_URL "xy2K"; .*\n$/,
    ],
  ])("GIVEN a token and %s THEN it says so, and asks nobody", async (_, env, message) => {
    mockCall.mockRejectedValue(new Error("asked"));
    try {
      const { errors, exitCode } = await runMain(example(), { token: "glpat-operator", state: "", env });
      expect([exitCode, errors]).toEqual([1, expect.stringMatching(message)]);
      expect(mockCall.mock.calls).toEqual([]);
    } finally {
      mockCall.mockReset();
    }
  });

  describe("with states in GitLab", () => {
    const context = { state: "gitlab", stateProject: "ops/pushers" };
    const env = { TF_HTTP_USERNAME: "olga", TF_HTTP_PASSWORD: "glpat-secret-of-olga" };
    const guard = {
      mode: "managed",
      type: "gitlab_branch_protection",
      name: "old_Rulemain_00000000",
      instances: [{ attributes: { project: "xlink/old", branch: "main" } }],
    };
    beforeEach(() => mockCall.mockResolvedValue(httpAnswer(JSON.stringify({ version: 4, resources: [guard] }))));
    afterEach(() => mockCall.mockReset());

    test("reads them before the stacks are declared, and synthesizes no credentials", async () => {
      const { errors, stack } = await runMain(example(), { context, env });
      expect(errors).toBe("");
      const address = "https://gitlab.example.com/api/v4/projects/ops%2Fpushers/terraform/state/example";
      expect(mockCall.mock.calls.map(([url]) => url)).toEqual([address]);
      const { terraform, removed } = JSON.parse(stack()) as { terraform: { backend: object }; removed: object[] };
      expect(terraform.backend).toMatchObject({ http: { address, lock_method: "POST", unlock_method: "DELETE" } });
      expect(removed).toEqual([expect.objectContaining({ from: `${guard.type}.${guard.name}` })]);
      for (const secret of Object.values(env)) expect(stack()).not.toContain(secret);
    });

    test("reads none that it is told to leave out, and nothing in GitLab because of it", async () => {
      const given = { env, token: "glpat-operator", state: "" };
      const { errors, stack } = await runMain(example(), { ...given, context: { ...context, readStates: [] } });
      expect(errors).toBe("");
      expect(mockCall.mock.calls).toEqual([]);
      const { terraform, removed } = JSON.parse(stack()) as { terraform: { backend: object }; removed?: object[] };
      expect(terraform.backend).toHaveProperty("http");
      expect(removed).toBeUndefined();
    });

    test.each<[string, object, HttpAnswer, RegExp]>([
      ["a wrong place", { state: "s3" }, httpAnswer("{}"), /^cdktf\.json: got state "s3" .*\n$/],
      ["dead credentials", context, httpAnswer("{}", 401), /^1 state cannot be used, .*\n {2}GET /],
    ])("says what is wrong with %s without a stack trace, and fails", async (_, given, answer, message) => {
      mockCall.mockResolvedValue(answer);
      const { errors, exitCode } = await runMain(example(), { context: given, env });
      expect(exitCode).toBe(1);
      expect(errors).toMatch(message);
      expect(errors).not.toMatch(/\n {4}at |glpat-/);
    });
  });

  test("is composition only", () => {
    expect(readFileSync(path.join(ROOT, "main.ts"), "utf8").split("\n").length).toBeLessThanOrEqual(40);
  });
});
