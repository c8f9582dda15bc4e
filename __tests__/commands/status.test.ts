import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { CommanderError } from "commander";
import { processContext } from "../../commands/context";
import { ExitCode } from "../../commands/exit-code";
import { output as outputTo } from "../../commands/output";
import { statusCommand } from "../../commands/status";
import { Deployment, inventory, TODAY } from "../support/deployment";
import { ICAL } from "../support/icalendar";
import { FAST_PUSHER } from "../support/swc-node";

const KEY = "GITLAB_PUSHER_TOKEN";
const TOKENS = "/projects/xlink%2Fgitops/access_tokens";
const ANY_VALUE = /glpat-[\w.-]{8,}/;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-status-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `gitlab-ci-pusher status` on these inventory files, with everything around it as the test says. */
async function run(
  files: Record<string, string>,
  args: readonly string[] = [],
  { environment = {}, day = TODAY, isTTY = false, columns }: RunOptions = {},
): Promise<Run> {
  const pushers = path.join(folder, "pushers");
  rmSync(pushers, { recursive: true, force: true });
  mkdirSync(pushers);
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(pushers, name), text);
  const output = { stdout: "", stderr: "", code: -1 };
  const command = statusCommand({
    environment,
    now: () => new Date(`${day}T12:00:00Z`),
    stdout: outputTo({ isTTY, columns, write: (text) => (output.stdout += text) }, environment),
    stderr: outputTo({ write: (text) => (output.stderr += text) }, environment),
    end: (code) => {
      output.code = code;
    },
  }).exitOverride();
  command.configureOutput({ writeErr: (text) => (output.stderr += text) });
  await command.parseAsync(["--inventory", pushers, "--state", path.join(folder, "state"), ...args], { from: "user" });
  // Whatever it is about, a value never gets out.
  expect(`${output.stdout}${output.stderr}`).not.toMatch(ANY_VALUE);
  return output;
}

interface RunOptions {
  readonly environment?: Record<string, string>;
  readonly day?: string;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const two = (first: string, second: string) => inventory({ token: `{expires: [${first}, ${second}]}` });
const TWO = two("2100-06-01", "2100-12-01");

/** The lines of the tables as cells, without frames. */
const rows = (stdout: string): string[][] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("│"))
    .map((line) =>
      line
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe("offline", () => {
  test("shows every slot, soonest first, and says which columns need GitLab", async () => {
    const { stdout, code } = await run({ "ops.yaml": TWO, "eu.yaml": inventory({ token: "{expires: 2100-02-01}" }) });
    expect(rows(stdout)).toEqual([
      ["Pusher", "Slot", "Project", "Expires", "Days", "Variable"],
      ["eu/gitops", "1", "xlink/gitops", "2100-02-01", "22", "to carry it"],
      ["ops/gitops", "1", "xlink/gitops", "2100-06-01", "142", ""],
      ["ops/gitops", "2", "xlink/gitops", "2100-12-01", "325", "to carry it"],
    ]);
    expect(stdout).toContain(
      "The columns GitLab, Last used and Bot, the variables, rules and orphans need it: set GITLAB_TOKEN",
    );
    expect(stdout).toContain("3 slots, nothing to do; the first dies in 22 days");
    expect(code).toBe(ExitCode.ok);
  });

  test.each<[string[], string[]]>([
    [["gitops"], ["ops/gitops 1", "ops/gitops 2"]],
    [
      ["ops/gitops", "ops/gitops", "charts"],
      ["eu/charts 1", "ops/gitops 1", "ops/gitops 2"],
    ],
  ])("GIVEN the ids %j, shows those pushers only", async (ids, expected) => {
    const other = inventory({ token: "{expires: 2100-02-01}" }).replace("gitops:", "charts:");
    const { stdout } = await run({ "ops.yaml": TWO, "eu.yaml": other }, ids);
    expect(
      rows(stdout)
        .slice(1)
        .map(([pusher, slot]) => `${pusher} ${slot}`),
    ).toEqual(expected);
  });

  test("GIVEN an id that several stacks have, or none, is refused", async () => {
    const files = { "ops.yaml": TWO, "eu.yaml": inventory() };
    await expect(run(files, ["gitops"])).rejects.toThrow("got gitops; allowed: eu/gitops, ops/gitops; fix: write");
    await expect(run(files, ["gitop"])).rejects.toThrow('got the unknown pusher "gitop"; allowed: an id');
  });

  test.each([
    ["22d", ExitCode.ok],
    ["23d", ExitCode.finding],
    ["4w", ExitCode.finding],
  ])("GIVEN a slot with 22 days and --fail-under %s, ends with %i", async (duration, expected) => {
    const { code, stdout } = await run({ "ops.yaml": two("2100-02-01", "2100-12-01") }, ["--fail-under", duration]);
    expect(code).toBe(expected);
    if (expected === ExitCode.finding) {
      expect(stdout).toMatch(
        /✗ .*pushers\/ops\.yaml:5:\d+: ops\/gitops slot 1: got 22 days left; allowed: at least \d+; fix: bump the date \(npx gitlab-ci-pusher rotate ops\/gitops\) and deploy/,
      );
    }
  });

  test.each([
    ["2100-01-11", ExitCode.ok],
    ["2100-01-10", ExitCode.finding],
    ["2100-01-09", ExitCode.finding],
  ])(
    "GIVEN a slot of %s, which is dead at 00:00 UTC of that day, ends with %i on 2100-01-10",
    async (date, expected) => {
      const { code, stdout } = await run({ "ops.yaml": two(date, "2100-12-01") });
      expect(code).toBe(expected);
      expect(stdout.includes("which is past: the token is dead")).toBe(expected === ExitCode.finding);
    },
  );

  test("--offline asks nobody, even with a token", async () => {
    const environment = { GITLAB_TOKEN: "glpat-SecretSecretSecret", GITLAB_BASE_URL: "http://127.0.0.1:1" };
    const { code, stdout } = await run({ "ops.yaml": TWO }, ["--offline"], { environment });
    expect([code, stdout.includes("GitLab was not asked")]).toEqual([ExitCode.ok, true]);
  });

  test("--json has the documented shape", async () => {
    const { stdout, code } = await run({ "ops.yaml": two("2100-02-01", "2100-12-01") }, [
      "--json",
      "--fail-under",
      "30d",
    ]);
    expect(code).toBe(ExitCode.finding);
    expect(stdout.trimEnd().split("\n")).toHaveLength(1);
    const slot = { stack: "ops", pusher: "gitops", project: "xlink/gitops", role: "developer", gitlab: null };
    const variable = { stack: "ops", pusher: "gitops", key: KEY, environment: "*", gitlab: null };
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      checked_at: "2100-01-10T12:00:00.000Z",
      gitlab: null,
      gitlab_version: null,
      fail_under_days: 30,
      operator_token: null,
      slots: [
        {
          ...slot,
          slot: 1,
          token_name: "GITLAB_CI_PUSHER",
          expires: "2100-02-01",
          days_left: 22,
          in_variable: false,
          carried: "no",
        },
        {
          ...slot,
          slot: 2,
          token_name: "GITLAB_CI_PUSHER_B",
          expires: "2100-12-01",
          days_left: 325,
          in_variable: true,
          carried: "to be",
        },
      ],
      variables: [
        { ...variable, project: "xlink/shop" },
        { ...variable, project: "xlink/gitops" },
      ],
      rules: [{ stack: "ops", pusher: "gitops", project: "xlink/gitops", branch: "main", gitlab: null }],
      tags: [],
      orphans: [],
      not_seen: [],
      findings: [
        {
          code: "expires-soon",
          subject: "ops/gitops slot 1",
          location: expect.stringMatching(/pushers\/ops\.yaml:5:\d+$/),
          message: expect.stringContaining("got 22 days left; allowed: at least 30; fix: bump the date"),
          ...{
            of: null,
            got: "22 days left",
            where: null,
            allowed: "at least 30",
            fix: expect.stringMatching(/^bump/),
          },
        },
      ],
    });
  });

  test("--ics writes a calendar beside the tables, as a whole; - prints it instead", async () => {
    const file = path.join(folder, "tokens.ics");
    const beside = await run({ "ops.yaml": TWO }, ["--ics", file]);
    const instead = await run({ "ops.yaml": TWO }, ["--ics", "-"]);
    expect(beside.stdout).toContain("ops/gitops");
    expect(readFileSync(file, "utf8")).toBe(instead.stdout);
    expect(readdirSync(folder).sort()).toEqual(["pushers", "tokens.ics"]);
    const events = new ICAL.Component(ICAL.parse(instead.stdout)).getAllSubcomponents("vevent");
    expect(events.map((event) => String(event.getFirstPropertyValue("dtstart")))).toEqual(["2100-05-31", "2100-11-30"]);
  });

  test("is coloured on a terminal, unless NO_COLOR is set", async () => {
    const colored = async (environment: Record<string, string>, isTTY: boolean) =>
      (await run({ "ops.yaml": TWO }, [], { environment, isTTY })).stdout.includes("\u001b[");
    expect(await colored({}, true)).toBe(true);
    expect(await colored({}, false)).toBe(false);
    expect(await colored({ NO_COLOR: "1" }, true)).toBe(false);
  });

  test.each<[string, string[], Record<string, string>, RegExp]>([
    ["a duration without a unit", ["--fail-under", "30"], {}, /got "30"; allowed: days or weeks/],
    ["--all without GitLab", ["--all"], {}, /got --all without GitLab; allowed: with GITLAB_TOKEN set/],
    ["--check-values offline", ["--check-values", "--offline"], { GITLAB_TOKEN: "x" }, /got --check-values without/],
    ["two outputs", ["--json", "--ics", "-"], {}, /got --json and --ics - for one output/],
    ["a calendar that cannot be written", ["--ics", "/nowhere/tokens.ics"], {}, /got ENOENT at \/nowhere\/tokens\.ics/],
    [
      "a token with a line end",
      [],
      { GITLAB_TOKEN: "glpat-SecretSecretSecret\n", GITLAB_BASE_URL: "http://127.0.0.1:1" },
      /got a token with blanks, line ends/,
    ],
    [
      "a token of nobody knows which GitLab",
      [],
      { GITLAB_TOKEN: "glpat-SecretSecretSecret" },
      /got GITLAB_TOKEN without the address .*https:\/\/gitlab\.com/,
    ],
    ["an unknown option", ["--fail-over"], {}, /unknown option/],
  ])("GIVEN %s, is refused", async (_name, args, environment, message) => {
    const refused = run({ "ops.yaml": TWO }, args, { environment });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(ANY_VALUE);
  });

  test("GIVEN a broken inventory, reports its problems and asks nobody", async () => {
    const broken = run({ "ops.yaml": inventory({ token: "{expires: soon}" }) });
    await expect(broken).rejects.toThrow(/1 problem in the inventory.*\n.*ops\.yaml:5:/);
  });

  test("--help has examples", () => {
    let help = "";
    statusCommand(processContext())
      .configureOutput({ writeOut: (text) => (help += text) })
      .exitOverride((error: CommanderError) => expect(error.exitCode).toBe(0))
      .outputHelp();
    expect(help).toContain("$ npx gitlab-ci-pusher status --fail-under 30d");
  });
});

describe("as a process", () => {
  const dead = inventory({ token: "{expires: 2001-01-01}" });
  test.each([
    [ExitCode.ok, TWO, []],
    [ExitCode.finding, dead, []],
    [ExitCode.usage, TWO, ["--fail-under", "30"]],
    [ExitCode.usage, inventory({ token: "{expires: soon}" }), []],
  ])("ends with %i", async (expected, text, args) => {
    writeFileSync(path.join(folder, "ops.yaml"), text);
    const [node, ...pusher] = FAST_PUSHER;
    const environment = { ...process.env, GITLAB_TOKEN: "" };
    const { status } = spawnSync(node, [...pusher, "status", "--inventory", folder, ...args], { env: environment });
    expect(status).toBe(expected);
  });
});

describe("with GitLab", () => {
  let deployment: Deployment;
  /** One GitLab for the tests of a block, as a deploy of two slots leaves it. */
  const deployOnce = () => {
    beforeAll(async () => {
      deployment = await Deployment.start();
      await deployment.deploy(TWO);
    });
    afterEach(() => deployment.api.control("DELETE", "faults"));
    afterAll(() => deployment.stop());
  };

  interface Token {
    readonly id: number;
    readonly name: string;
    readonly description: string;
    readonly user_id: number;
  }
  const living = async (): Promise<Token[]> => (await deployment.api.get(`${TOKENS}?state=active`)).body as Token[];
  const tokenOf = async (slot: string): Promise<Token> =>
    (await living()).find(({ description }) => description.endsWith(`/${slot}`)) as Token;

  interface Online extends RunOptions {
    readonly token?: string;
  }
  const online = (
    text: string,
    args: readonly string[] = [],
    { token = deployment.sandbox.adminToken, ...more }: Online = {},
  ) =>
    run({ "ops.yaml": text }, args, {
      ...more,
      environment: { GITLAB_BASE_URL: deployment.sandbox.url, GITLAB_TOKEN: token, ...more.environment },
    });
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what is tested
  const json = async (...args: Parameters<typeof online>): Promise<any> => {
    const [text, options = [], more] = args;
    const { stdout, code } = await online(text, ["--json", ...options], more);
    return { ...JSON.parse(stdout), code };
  };
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const codes = ({ findings }: any): string[] => findings.map(({ code }: { code: string }) => code);
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const states = ({ slots }: any): Record<number, string> =>
    Object.fromEntries(
      slots.map((slot: { slot: number; gitlab: { state: string } | null }) => [slot.slot, slot.gitlab?.state]),
    );

  // biome-ignore lint/suspicious/noExplicitAny: as above
  const carried = ({ slots }: any): Record<number, string> =>
    Object.fromEntries(slots.map((slot: { slot: number; carried: string }) => [slot.slot, slot.carried]));

  /** Puts the state of the last deploy where the command looks for it. */
  function keepState(): void {
    mkdirSync(path.join(folder, "state"), { recursive: true });
    writeFileSync(path.join(folder, "state", "ops.tfstate"), deployment.state());
  }

  async function newToken(username: string, scopes: string[], expires_at?: string): Promise<string> {
    const { body } = await deployment.api.get(`/users?username=${username}`);
    const path = `/users/${body[0].id}/personal_access_tokens`;
    return (await deployment.api.post(path, { name: "ops", scopes, expires_at })).body.token;
  }

  const idOf = async (username: string): Promise<number> =>
    (await deployment.api.get(`/users?username=${username}`)).body[0].id;

  describe("as a deploy left it", () => {
    deployOnce();

    test("GIVEN a deployed pusher, shows it as a read_api token of a Maintainer sees it, and nothing is to do", async () => {
      const carried = (await deployment.job("xlink/gitops")).variables[KEY]!;
      await deployment.push(carried);
      const [one, other] = [await tokenOf("Token"), await tokenOf("TokenB")];
      await deployment.forgetCalls();
      const { stdout, code } = await online(TWO, [], { token: await newToken("mia", ["read_api"]) });
      expect(rows(stdout)).toEqual([
        ["Pusher", "Slot", "Project", "Expires", "Days", "Variable", "GitLab", "Last used", "Bot"],
        ["ops/gitops", "1", "xlink/gitops", "2100-06-01", "142", "", "active", "never", `user ${one.user_id}`],
        [
          "ops/gitops",
          "2",
          "xlink/gitops",
          "2100-12-01",
          "325",
          "carries it",
          "active",
          TODAY,
          `user ${other.user_id}`,
        ],
        ["Pusher", "Variable", "In", "Environment", "GitLab", "Carries"],
        ["ops/gitops", KEY, "xlink/shop", "*", "as declared", "its slot"],
        ["ops/gitops", KEY, "xlink/gitops", "*", "as declared", "its slot"],
        ["Pusher", "Rule", "Of", "GitLab"],
        ["ops/gitops", "main", "xlink/gitops", "as declared"],
      ]);
      expect(stdout).toContain("2 slots, nothing to do");
      expect(code).toBe(ExitCode.ok);
      const narrow = { token: deployment.sandbox.adminToken, columns: 80, environment: { NO_COLOR: "1" } };
      const folded = (await online(TWO, [], { ...narrow, isTTY: true })).stdout;
      expect(folded).toContain(
        "Pusher ops/gitops\n  Slot 2   Project xlink/gitops   Expires 2100-12-01   Days 325\n  Variable carries it   GitLab active",
      );
      expect(folded.split("\n").filter((line) => line.length > 80)).toEqual([]);
      // What is piped does not depend on a terminal.
      expect(rows((await online(TWO, [], narrow)).stdout)).toHaveLength(8);
      const changes = (await deployment.calls()).filter((call) => !/^GET|personal_access_tokens$/.test(call));
      expect(changes).toEqual([]);
    });

    test.each([
      ["is not known to GitLab", async () => "glpat-NobodyNobodyNobody", /GET \/user: got 401 Unauthorized/],
      ["has no scope for it", () => newToken("mia", ["write_repository"]), /GET \/user: got 403 insufficient_scope/],
    ])("GIVEN an operator's token that %s, is refused as a whole", async (_why, token, refusal) => {
      const asked = online(TWO, [], { token: await token() });
      await expect(asked).rejects.toThrow(refusal);
      await expect(asked).rejects.not.toThrow(ANY_VALUE);
    });

    test("waits out a GitLab that is busy", async () => {
      await deployment.api.control("POST", "faults", {
        method: "GET",
        path: "access_tokens",
        times: 2,
        status: 429,
        body: "Retry later",
        headers: { "Retry-After": "0" },
      });
      expect((await json(TWO)).code).toBe(ExitCode.ok);
    });

    test.each([
      ["a Developer", "ann", "401 Unauthorized"],
      ["no member", "zoe", "404 Project Not Found"],
    ])(
      "GIVEN a token of %s, says so of each project, shows the dates, and ends with 2",
      async (_who, user, refusal) => {
        if (user === "zoe") await deployment.api.newUser("zoe");
        const { stdout, code } = await online(TWO, [], { token: await newToken(user, ["read_api"]) });
        expect(stdout).toContain(`not seen: access tokens of project xlink/gitops: ${refusal}`);
        expect(rows(stdout)[1]).toEqual([
          "ops/gitops",
          "1",
          "xlink/gitops",
          "2100-06-01",
          "142",
          "",
          "not seen",
          "",
          "",
        ]);
        expect(stdout).toContain("2 slots; GitLab shows none of the target projects");
        expect(code).toBe(ExitCode.usage);
      },
    );

    test("GIVEN a token that sees one project only, says what it did not see, and judges the rest", async () => {
      const token = await newToken("ann", ["read_api"]);
      await deployment.api.put(`/projects/xlink%2Fgitops/members/${await idOf("ann")}`, { access_level: 40 });
      const { stdout, code } = await online(TWO, [], { token });
      expect(stdout).toContain("not seen: variables of project xlink/shop: 403 Forbidden");
      expect(rows(stdout).map((cells) => cells[6])).toContain("active");
      expect(code).toBe(ExitCode.ok);
    });
  });

  describe("the token it runs with", () => {
    /** A token of a Maintainer that dies on 2100-02-01, in 22 days. */
    const dying = () => newToken("mia", ["read_api"], "2100-02-01");
    deployOnce();

    test.each<[string, string[], ExitCode, boolean]>([
      ["2100-02-01", ["--fail-under", "30d"], ExitCode.finding, true],
      ["2100-02-01", ["--fail-under", "22d"], ExitCode.ok, true],
      ["2100-02-01", [], ExitCode.ok, true],
      ["2100-02-09", [], ExitCode.ok, false],
    ])("GIVEN one until %s, and %j, ends with %i", async (expires, args, expected, isSoon) => {
      const { code, stdout } = await online(TWO, args, { token: await newToken("mia", ["read_api"], expires) });
      expect(code).toBe(expected);
      expect(stdout).toContain(`GITLAB_TOKEN (ops) dies on ${expires}, in `);
      expect(stdout.includes("warning: GITLAB_TOKEN (ops) dies")).toBe(isSoon);
      expect(stdout.includes("✗ GITLAB_TOKEN (ops): got 22 days left, until 2100-02-01; allowed: at least 30;")).toBe(
        expected === ExitCode.finding,
      );
    });

    test("is in JSON and in the calendar", async () => {
      const token = await dying();
      const found = await json(TWO, ["--fail-under", "30d"], { token });
      expect(found.operator_token).toMatchObject({ token_name: "ops", expires: "2100-02-01", days_left: 22 });
      expect(codes(found)).toEqual(["operator-token-expires-soon"]);
      const calendar = (await online(TWO, ["--ics", "-"], { token })).stdout;
      const events = new ICAL.Component(ICAL.parse(calendar)).getAllSubcomponents("vevent");
      expect(events.map((event) => event.getFirstPropertyValue("summary"))).toContain("Last day of GITLAB_TOKEN (ops)");
    });

    test("GIVEN a project's token, is told as well", async () => {
      const { body } = await deployment.api.post(TOKENS, {
        name: "reader",
        scopes: ["read_api"],
        access_level: 40,
        expires_at: "2100-02-01",
      });
      const found = await json(TWO, ["--fail-under", "30d"], { token: body.token });
      expect(found.operator_token).toMatchObject({ token_name: "reader", user_id: body.user_id, days_left: 22 });
      expect(codes(found)).toContain("operator-token-expires-soon");
    });

    test.each<[string, object]>([
      ["does not know the call", { status: 404, body: { error: "404 Not Found" } }],
      ["refuses", { status: 400, body: { message: "400 Bad request" } }],
    ])("GIVEN a GitLab that %s, nothing is said", async (_, answer) => {
      const token = await dying();
      const fault = { method: "GET", path: "personal_access_tokens/self", times: 6, ...answer };
      await deployment.api.control("POST", "faults", fault);
      const found = await json(TWO, ["--fail-under", "30d"], { token });
      expect([found.operator_token, codes(found), found.code]).toEqual([null, [], ExitCode.ok]);
      expect((await online(TWO, [], { token })).stdout).not.toContain("GITLAB_TOKEN");
    });
  });

  describe("variables", () => {
    const SHOP = `/projects/xlink%2Fshop/variables/${KEY}`;
    const shop = async (...args: string[]) => {
      const found = await json(TWO, args);
      return { ...found.variables[0].gitlab, codes: codes(found), code: found.code };
    };
    deployOnce();
    // What the test before changed by hand is as declared again.
    beforeEach(() => deployment.deploy(TWO));

    test("GIVEN one was deleted or changed by hand, says what differs", async () => {
      await deployment.api.put(SHOP, { masked: false, protected: false });
      expect(await shop()).toMatchObject({ state: "differs", codes: ["variable-differs"], code: ExitCode.finding });
      expect((await json(TWO)).findings[0].message).toBe(
        "got protected: false, masked: false; allowed: protected: true, masked: true; fix: deploy, and find out who changed it",
      );
      await deployment.api.put(SHOP, { value: "", protected: true });
      expect((await shop()).differences).toContainEqual({ what: "value", got: "empty", declared: "a token" });
      await deployment.api.delete(SHOP);
      expect(await shop()).toMatchObject({ state: "missing", codes: ["variable-missing"], code: ExitCode.finding });
    });

    test("says which token each carries, without showing any; --no-check-values asks nobody", async () => {
      expect(await shop()).toMatchObject({ state: "as declared", carries: "its slot", codes: [] });
      const strange = { name: "strange", scopes: ["write_repository"], access_level: 30, expires_at: "2100-05-01" };
      const { body: another } = await deployment.api.post(TOKENS, strange);
      await deployment.api.put(SHOP, { value: another.token });
      expect(await shop("--check-values")).toMatchObject({
        state: "not ours",
        carries: "another token",
        codes: ["variable-carries-another-token"],
        code: ExitCode.finding,
      });
      expect(carried(await json(TWO))).toEqual({ 1: "no", 2: "partly" });
      // Nobody asked: nobody guesses.
      const unasked = await shop("--no-check-values");
      expect(unasked).toMatchObject({ state: "not known", carries: "not known", codes: [], code: ExitCode.ok });
      await deployment.api.delete(`${TOKENS}/${another.id}`);
      expect(await shop()).toMatchObject({ state: "not known", carries: "a dead value" });
      await deployment.api.put(SHOP, { value: "not-a-token-at-all" });
      expect(await shop()).toMatchObject({ carries: "a dead value", codes: ["variable-carries-another-token"] });
    });

    test("GIVEN the state, a value that it knows is no use of the token, and where none is read the description counts", async () => {
      keepState();
      await deployment.forgetCalls();
      expect(await shop()).toMatchObject({ state: "as declared", carries: "its slot", codes: [] });
      expect((await deployment.calls()).filter((call) => call.endsWith("personal_access_tokens/self"))).toHaveLength(1);
      expect(await shop("--no-check-values")).toMatchObject({ state: "as declared", carries: "not known", codes: [] });
      const { stdout } = await run({ "ops.yaml": TWO });
      expect(rows(stdout).map((cells) => cells[5])).toEqual(["Variable", "", "carries it"]);
      // A value of the state's that lives no more.
      await deployment.api.delete(`${TOKENS}/${(await tokenOf("TokenB")).id}`);
      expect(await shop()).toMatchObject({ carries: "a dead value", codes: ["revoked"] });
      expect(carried(await json(TWO))).toEqual({ 1: "no", 2: "to be" });
    });

    test.each<[string, object, string]>([
      ["described otherwise", { description: "the old one" }, 'described as "the old one"'],
      ["without a description", { description: "" }, "without a description"],
      [
        "of another pusher",
        { description: "gitlab-ci-pusher ops/gitops2: pushes to x" },
        'described as "gitlab-ci-pusher ops/gitops2: pushes to x"',
      ],
    ])("GIVEN one that is there, %s, and no token of ours in it, is somebody else's", async (_, change, told) => {
      await deployment.api.put(SHOP, { value: "not-a-token-at-all", protected: false, ...change });
      expect(await shop()).toMatchObject({ state: "not ours", codes: ["variable-not-ours"], code: ExitCode.finding });
      expect((await json(TWO)).findings[0].message).toBe(
        `got somebody else's variable, ${told}, with a dead value in it; allowed: the one of ops/gitops; fix: write import: true at the variable for one deploy, which takes it over and replaces its value; or give the pusher another key`,
      );
      const unasked = await shop("--no-check-values");
      expect(unasked).toMatchObject({ state: "not ours", carries: "not known", codes: ["variable-not-ours"] });
      keepState();
      expect((await json(TWO)).findings[0].message).toContain("fix: deploy, and find out who changed it");
    });

    test("GIVEN a deploy whose update of the variable was refused, --check-values tells that it carries the other slot", async () => {
      const bumped = two("2101-01-05", "2100-12-01");
      const fault = { method: "PUT", path: "xlink/shop/variables", times: 1, status: 400, body: { message: "no" } };
      await deployment.api.control("POST", "faults", fault);
      expect((await deployment.tryDeploy(bumped)).exitCode).not.toBe(0);
      const found = await json(bumped, ["--check-values"]);
      expect(found.variables.map((variable: { gitlab: { carries: string } }) => variable.gitlab.carries)).toEqual([
        "the other slot",
        "its slot",
      ]);
      expect(states(found)).toEqual({ 1: "active", 2: "active" });
      await deployment.deploy(bumped);
      expect(codes(await json(bumped, ["--check-values"]))).toEqual([]);
    });
  });

  describe("as it changes", () => {
    beforeEach(async () => {
      deployment = await Deployment.start();
    });
    afterEach(() => deployment.stop());

    test("GIVEN an inventory that was never deployed, says so of each slot and variable", async () => {
      const found = await json(TWO);
      expect(states(found)).toEqual({ 1: "unknown", 2: "unknown" });
      expect(carried(found)).toEqual({ 1: "no", 2: "to be" });
      expect(codes(found)).toEqual([
        ...["unknown-token", "unknown-token", "variable-missing", "variable-missing"],
        // GitLab's own rule of the default branch.
        "rule-narrower",
      ]);
      expect(found.code).toBe(ExitCode.finding);
    });

    test("GIVEN a date that was bumped but not deployed, counts the days of the token that lives", async () => {
      await deployment.deploy(two("2100-02-01", "2100-12-01"));
      const found = await json(two("2100-12-20", "2100-12-01"), ["--fail-under", "30d"]);
      expect(states(found)).toEqual({ 1: "not deployed", 2: "active" });
      // The deploy that its own finding asks for switches the variables.
      expect(carried(found)).toEqual({ 1: "to be", 2: "yes" });
      expect(found.variables[0].gitlab).toMatchObject({ state: "as declared", carries: "the other slot" });
      expect(found.slots[0]).toMatchObject({ days_left: 344, gitlab: { expires: "2100-02-01", days_left: 22 } });
      expect(codes(found)).toEqual(["not-deployed", "expires-soon"]);
      expect(found.findings[1].message).toContain("fix: deploy: the inventory has a later date");
    });

    test("GIVEN a slot that lapsed, GitLab's clock and the inventory agree that it is dead", async () => {
      await deployment.deploy(two("2100-02-01", "2100-12-01"));
      await deployment.setDay("2100-02-01");
      const found = await json(two("2100-02-01", "2100-12-01"), [], { day: "2100-02-01" });
      expect(states(found)).toEqual({ 1: "expired", 2: "active" });
      expect(codes(found)).toEqual(["expired"]);
      // Bumped, but not deployed: it is as dead as before.
      const bumped = await json(two("2101-01-20", "2100-12-01"), [], { day: "2100-02-01" });
      expect(states(bumped)).toEqual({ 1: "expired", 2: "active" });
      expect(bumped.findings[0].message).toContain("fix: deploy: the inventory has a later date");
      // GitLab forgets it a month later.
      await deployment.setDay("2100-03-20");
      const later = await json(two("2100-02-01", "2100-12-01"), [], { day: "2100-03-20" });
      expect(states(later)).toEqual({ 1: "unknown", 2: "active" });
      expect(codes(later)).toEqual(["unknown-token", "expired"]);
    });

    test("GIVEN a token revoked by hand, says so until a deploy made a new one", async () => {
      await deployment.deploy(TWO);
      await deployment.api.delete(`${TOKENS}/${(await tokenOf("TokenB")).id}`);
      const found = await json(TWO);
      expect([states(found), codes(found)]).toEqual([{ 1: "active", 2: "revoked" }, ["revoked"]]);
      await deployment.deploy(TWO);
      const healed = await json(TWO);
      expect([states(healed), codes(healed)]).toEqual([{ 1: "active", 2: "active" }, []]);
    });

    test.each(["2100-12-01", "2100-11-11"])(
      "GIVEN a token rotated by hand to %s, says so; after a deploy it is an orphan",
      async (date) => {
        await deployment.deploy(TWO);
        const before = await tokenOf("TokenB");
        await deployment.api.post(`${TOKENS}/${before.id}/rotate`, { expires_at: date });
        const stray = await tokenOf("TokenB");
        const found = await json(TWO);
        expect([states(found), codes(found)]).toEqual([{ 1: "active", 2: "rotated elsewhere" }, ["rotated-elsewhere"]]);
        expect(found.slots[1].gitlab.token_id).toBe(stray.id);
        await deployment.deploy(TWO);
        const healed = await json(TWO);
        expect([states(healed), codes(healed)]).toEqual([{ 1: "active", 2: "active" }, ["orphan"]]);
        expect(healed.orphans).toMatchObject([{ token_id: stray.id, reason: "duplicate", project: "xlink/gitops" }]);
      },
    );

    test("GIVEN the answer of a creation was lost, the state tells the orphan at once, and GitLab alone after the next deploy", async () => {
      await deployment.api.control("POST", "faults", { method: "POST", path: "access_tokens$", lose_answer: true });
      const one = inventory();
      expect((await deployment.tryDeploy(one)).exitCode).not.toBe(0);
      const stray = await tokenOf("Token");
      keepState();
      const atOnce = await json(one);
      expect(states(atOnce)).toEqual({ 1: "unknown" });
      expect(atOnce.orphans).toMatchObject([{ token_id: stray.id, reason: "duplicate" }]);
      rmSync(path.join(folder, "state"), { recursive: true });
      await deployment.deploy(one);
      const later = await json(one);
      expect([states(later), codes(later)]).toEqual([{ 1: "active" }, ["orphan"]]);
      expect(later.orphans).toMatchObject([{ token_id: stray.id, reason: "duplicate" }]);
      expect((await online(one)).stdout).toMatch(
        /✗ token \d+ \(gitlab-ci-pusher ops\/gitops\/Token\) of xlink\/gitops: got a living token/,
      );
      await deployment.api.delete(`${TOKENS}/${stray.id}`);
      expect((await json(one)).code).toBe(ExitCode.ok);
    });

    test("GIVEN tokens of pushers and stacks that no file has, names them; of other projects with --all", async () => {
      await deployment.deploy(inventory());
      const mark = (project: string, at: string) =>
        deployment.api.post(`/projects/${encodeURIComponent(project)}/access_tokens`, {
          name: "x",
          scopes: ["write_repository"],
          access_level: 30,
          expires_at: "2100-05-01",
          description: at,
        });
      await mark("xlink/gitops", "gitlab-ci-pusher ops/gone/Token");
      await mark("xlink/gitops", "gitlab-ci-pusher elsewhere/gitops/Token");
      await mark("xlink/gitops", "made by hand, for gitlab-ci-pusher");
      await mark("xlink/shop", "gitlab-ci-pusher ops/gitops/Token");
      const reasons = async (...args: string[]) =>
        (await json(inventory(), args)).orphans.map(
          ({ project, reason }: Record<string, string>) => `${project}: ${reason}`,
        );
      const inTargets = ["xlink/gitops: not in the inventory", "xlink/gitops: unknown stack"];
      expect((await reasons()).sort()).toEqual(inTargets);
      // What no pusher has is nobody's who was asked for.
      expect([await reasons("gitops"), await reasons("gitops", "--all")]).toEqual([[], ["xlink/shop: other project"]]);
      expect((await reasons("--all")).sort()).toEqual([...inTargets, "xlink/shop: other project"]);
      // A project that everybody sees, and only its owner and administrators manage.
      const zoe = await deployment.api.newUser("zoe");
      await zoe.api.post("/projects", { name: "own", visibility: "public" });
      await mark("zoe/own", "gitlab-ci-pusher elsewhere/own/Token");
      expect((await reasons("--all")).sort()).toEqual([
        ...inTargets,
        "xlink/shop: other project",
        "zoe/own: unknown stack",
      ]);
      const asMia = await json(inventory(), ["--all"], { token: await newToken("mia", ["read_api"]) });
      expect(asMia.orphans).toHaveLength(3);
      expect(asMia.not_seen).toEqual([]);
    });

    test("GIVEN a bot of another role than declared, or one that an administrator deleted, says what to do", async () => {
      await deployment.deploy(TWO);
      const { user_id } = await tokenOf("Token");
      expect(codes(await json(TWO.replace("{", "{role: maintainer, ")))).toEqual(["role-changed", "role-changed"]);
      await deployment.api.delete(`/users/${user_id}`);
      const found = await json(TWO);
      expect([states(found), codes(found)]).toEqual([{ 1: "unknown", 2: "active" }, ["unknown-token"]]);
    });

    test("GIVEN rules that were changed by hand, says which are missing, wider, narrower or without a guard", async () => {
      const rulesOf = inventory({ branches: "{main: {push: developer}, release/*: {push: no one}}" });
      await deployment.deploy(rulesOf);
      const rules = async () => {
        const found = await json(rulesOf);
        const told = found.rules.map((rule: { gitlab: { state: string } }) => rule.gitlab.state);
        return [...told, ...codes(found)];
      };
      expect(await rules()).toEqual(["as declared", "as declared"]);
      const RULES = "/projects/xlink%2Fgitops/protected_branches";
      await deployment.api.delete(`${RULES}/mai*n`);
      expect(await rules()).toEqual(["no guard", "as declared", "rule-unguarded"]);
      // The most permissive of all that match decides.
      await deployment.api.post(RULES, { name: "rel*", push_access_level: 30, merge_access_level: 40 });
      await deployment.api.delete(`${RULES}/main`);
      await deployment.api.post(RULES, { name: "main", push_access_level: 40, merge_access_level: 40 });
      expect(await rules()).toEqual(["narrower", "wider", "rule-narrower", "rule-wider"]);
      await deployment.api.delete(`${RULES}/main`);
      await deployment.api.delete(`${RULES}/rel*`);
      await deployment.api.patch(`${RULES}/release%2F*`, { allow_force_push: true });
      expect(await rules()).toEqual(["missing", "wider", "rule-missing", "rule-wider"]);
      const { stdout, code } = await online(rulesOf);
      expect(stdout).toMatch(
        /✗ \S*ops\.yaml:7:\d+: rule main of xlink\/gitops: got no rule that matches: every Developer/,
      );
      expect(code).toBe(ExitCode.finding);
    });
  });
});

describe("with GitLab Premium", () => {
  const variableRow = (stdout: string) => rows(stdout).find((cells) => cells[1] === KEY);

  test("GIVEN a rule that lets in the bot, a user and a group by name, compares them by their numbers", async () => {
    const deployment = await Deployment.start({ edition: "premium" });
    try {
      const named = inventory({
        edition: "premium",
        branches:
          "{main: {push: bot, allowed_to_push: [{user: Ann}], allowed_to_merge: [bot, {user: mia}], allowed_to_unprotect: [{user: mia}]}}",
        tags: "{v*: {create: bot, allowed_to_create: [{user: Ann}]}}",
      });
      await deployment.deploy(named);
      const environment = { GITLAB_BASE_URL: deployment.sandbox.url, GITLAB_TOKEN: deployment.sandbox.adminToken };
      const asked = async (text: string) =>
        JSON.parse((await run({ "ops.yaml": text }, ["--json"], { environment })).stdout);
      const rule = async (text: string) => (await asked(text)).rules[0].gitlab;
      const tag = async (text: string) => (await asked(text)).tags[0].gitlab;
      expect(await rule(named)).toEqual({ state: "as declared", opened_by: [], closes: [] });
      expect(await rule(named.replace("user: Ann", "group: xlink"))).toMatchObject({ state: "wider" });
      expect(await rule(named.replace("user: Ann", "user: nobody"))).toMatchObject({ state: "not known" });
      expect(await rule(named.replace("unprotect: [{user: mia}]", "unprotect: [{user: ann}]"))).toMatchObject({
        state: "wider",
        opened_by: [{ rule: "main", opens: [expect.stringMatching(/^unprotect \(Maintainers, user \d+ instead of/)] }],
      });
      expect(await tag(named)).toEqual({ state: "as declared", opened_by: [], closes: [] });
      const open = { name: "*", create_access_level: 30 };
      expect((await deployment.api.post("/projects/xlink%2Fgitops/protected_tags", open)).status).toBe(201);
      expect(await tag(named)).toMatchObject({ state: "wider", opened_by: [{ rule: "*" }] });
      const { stdout } = await run({ "ops.yaml": named }, [], { environment });
      expect(rows(stdout)).toContainEqual(["ops/gitops", "tag v*", "xlink/gitops", "wider"]);
      expect(stdout).toMatch(
        /✗ \S*ops\.yaml:\d+:\d+: tag rule v\* of xlink\/gitops: got "\*" \(create: Developers \+ Maintainers\), which opens create/,
      );
    } finally {
      await deployment.stop();
    }
  });

  test("GIVEN a GitLab below 17.7, which knows no descriptions of tokens, says that by name", async () => {
    const deployment = await Deployment.start({ edition: "premium", version: "17.6.4" });
    try {
      const { token } = (await deployment.api.newUser("rita", ["read_api"])).api;
      const { id } = (await deployment.api.get("/users?username=rita")).body[0];
      for (const project of ["xlink%2Fgitops", "xlink%2Fshop"])
        await deployment.api.post(`/projects/${project}/members`, { user_id: id, access_level: 40 });
      const environment = { GITLAB_BASE_URL: deployment.sandbox.url, GITLAB_TOKEN: token as string };
      const { stdout, code } = await run({ "ops.yaml": inventory() }, ["--json"], { environment });
      const { gitlab_version: version, slots, findings } = JSON.parse(stdout);
      expect([version, slots[0].gitlab, code]).toEqual(["17.6.4-ee", null, ExitCode.finding]);
      expect(findings.map(({ code }: { code: string }) => code)).not.toContain("unknown-token");
      const text = (await run({ "ops.yaml": inventory() }, [], { environment })).stdout;
      expect(text).toMatch(
        /✗ GitLab 17\.6\.4-ee: got a release whose access tokens have no descriptions; allowed: 17\.7 or later/,
      );
      expect(rows(text)[1]?.[6]).toBe("not told");
    } finally {
      await deployment.stop();
    }
  });

  test("GIVEN a group's variable for one environment, needs an Owner to see it", async () => {
    const deployment = await Deployment.start({ edition: "premium" });
    try {
      const group = inventory({
        edition: "premium",
        variable: "{in: [{group: xlink}], environment: production, hidden: true}",
      });
      await deployment.deploy(group);
      const environment = { GITLAB_BASE_URL: deployment.sandbox.url, GITLAB_TOKEN: deployment.sandbox.adminToken };
      const { stdout, code } = await run({ "ops.yaml": group }, ["--check-values"], { environment });
      // Neither a value nor a state: nobody can tell.
      expect(variableRow(stdout)).toEqual(["ops/gitops", KEY, "group xlink", "production", "not known", "not known"]);
      expect([code, rows(stdout)[1]?.[5]]).toEqual([ExitCode.ok, "not known"]);
      mkdirSync(path.join(folder, "state"));
      writeFileSync(path.join(folder, "state", "ops.tfstate"), deployment.state());
      const told = (await run({ "ops.yaml": group }, [], { environment })).stdout;
      expect(variableRow(told)).toEqual(["ops/gitops", KEY, "group xlink", "production", "as declared", "not known"]);
      const { api } = await deployment.api.newUser("max", ["read_api"]);
      await deployment.api.post("/groups/xlink/members", {
        user_id: (await api.get("/user")).body.id,
        access_level: 40,
      });
      const maintainer = { ...environment, GITLAB_TOKEN: api.token as string };
      const seen = await run({ "ops.yaml": group }, [], { environment: maintainer });
      expect(seen.stdout).toContain("not seen: variables of group xlink: 403 Forbidden");
      expect(seen.code).toBe(ExitCode.ok);
    } finally {
      await deployment.stop();
    }
  });
});
