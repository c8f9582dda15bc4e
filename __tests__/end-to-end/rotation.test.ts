import { Deployment, inventory } from "../support/deployment";
import type { TerraformPlan } from "../support/terraform-workspace";

const KEY = "GITLAB_PUSHER_TOKEN";
const TOKENS = "/projects/xlink%2Fgitops/access_tokens";

interface Token {
  readonly id: number;
  readonly name: string;
  readonly user_id: number;
}

let deployment: Deployment;
beforeEach(async () => {
  deployment = await Deployment.start();
});
afterEach(() => deployment.stop());

/** A pusher with these dates, one or two slots, into two source projects. */
const dates = (...expires: string[]) => inventory({ token: `{expires: [${expires.join(", ")}]}` });
const interrupting = (...expires: string[]) =>
  inventory({ token: `{expires: [${expires.join(", ")}], allow_interruption: true}` });

/** The value a job gets that starts now. */
const value = async (): Promise<string> => (await deployment.job("xlink/gitops")).variables[KEY]!;
const works = async (token: string): Promise<boolean> => (await deployment.push(token)).code === 0;
const living = async (): Promise<Token[]> => (await deployment.api.get(`${TOKENS}?state=active`)).body as Token[];
const bots = async (): Promise<number[]> => (await living()).map(({ user_id }) => user_id).sort();

/** What a plan would do, by resource: `Token update`, `Variable update`, … */
const actions = ({ changes }: TerraformPlan): string[] =>
  changes
    .filter(({ actions }) => actions.join() !== "no-op")
    .map(
      ({ name, actions }) =>
        `${/_(TokenB|Token|Variable|Rule)/.exec(`_${name.split("_")[1]}`)?.[1]} ${actions.join("+")}`,
    )
    .sort();

/** What changes GitLab got since the calls were forgotten, in order. */
async function changes(): Promise<string[]> {
  const calls = (await deployment.calls()).filter((call) => !call.startsWith("GET"));
  return calls.map((call) => call.replace(/\/api\/v4\/projects\/xlink\/(gitops|shop)\//, "").replace(/\d+/, "N"));
}

const SWITCH = ["PUT variables/GITLAB_PUSHER_TOKEN", "PUT variables/GITLAB_PUSHER_TOKEN"];

async function isNoOp(declared: string, today?: string): Promise<boolean> {
  const stdout = await deployment.deploy(declared, today);
  // Terraform says the first of an empty plan alone.
  return stdout.includes("No changes.") && stdout.includes("0 added, 0 changed, 0 destroyed");
}

describe("bumping a date (traps 3 and 10)", () => {
  test("the earlier of two: the running job's token lives on, bots and rules stay", async () => {
    await deployment.deploy(dates("2100-12-01", "2100-06-01"));
    const [before, botsBefore] = [await value(), await bots()];
    await deployment.setDay("2100-05-20");
    const next = dates("2100-12-01", "2101-05-10");
    expect(actions(await deployment.plan(next, "2100-05-20"))).toEqual([
      "TokenB update",
      "Variable update",
      "Variable update",
    ]);
    await deployment.forgetCalls();
    await deployment.deploy(next, "2100-05-20");
    expect(await changes()).toEqual(["POST access_tokens/N/rotate", ...SWITCH]);
    expect(await value()).not.toBe(before);
    expect([await works(before), await works(await value())]).toEqual([true, true]);
    expect(await bots()).toEqual(botsBefore);
    expect(await isNoOp(next, "2100-05-20")).toBe(true);
  });

  test("of bots that a rule names: no rule is touched (premium)", async () => {
    const premium = await Deployment.start({ edition: "premium" });
    const named = (second: string) =>
      inventory({ edition: "premium", token: `{expires: [2100-12-01, ${second}]}`, branches: "{main: {push: bot}}" });
    try {
      await premium.deploy(named("2100-06-01"));
      await premium.forgetCalls();
      await premium.deploy(named("2101-01-05"));
      const calls = (await premium.calls()).filter((call) => !call.startsWith("GET"));
      expect(calls.filter((call) => call.includes("protected_branches"))).toEqual([]);
      expect((await premium.push((await premium.job("xlink/gitops")).variables[KEY]!)).code).toBe(0);
    } finally {
      await premium.stop();
    }
  });

  test("the only one: in place, the bot stays, and the value running jobs hold dies", async () => {
    await deployment.deploy(dates("2100-06-01"));
    const [before, botsBefore] = [await value(), await bots()];
    expect(actions(await deployment.plan(dates("2100-12-01")))).toEqual([
      "Token update",
      "Variable update",
      "Variable update",
    ]);
    await deployment.deploy(dates("2100-12-01"));
    expect([await works(before), await works(await value())]).toEqual([false, true]);
    expect(await bots()).toEqual(botsBefore);
    expect(await isNoOp(dates("2100-12-01"))).toBe(true);
  });

  test("both in one change: refused, nothing touched; told to, both rotate and running jobs lose theirs", async () => {
    await deployment.deploy(dates("2100-06-01", "2100-12-01"));
    const before = await value();
    await deployment.forgetCalls();
    await expect(deployment.synth(dates("2100-07-01", "2101-01-05"))).rejects.toThrow(
      /ops\.yaml:5:.* jobs that run would lose their token/,
    );
    expect(await changes()).toEqual([]);
    await deployment.deploy(interrupting("2100-07-01", "2101-01-05"));
    expect([await works(before), await works(await value())]).toEqual([false, true]);
    expect(await isNoOp(dates("2100-07-01", "2101-01-05"))).toBe(true);
  });

  test("the later one instead of the earlier: refused likewise", async () => {
    await deployment.deploy(dates("2100-06-01", "2100-12-01"));
    await expect(deployment.synth(dates("2100-06-01", "2101-01-05"))).rejects.toThrow(
      /fix: keep 2100-12-01 in slot 2 and bump slot 1 \(2100-06-01\)/,
    );
  });
});

describe("from one slot to two and back", () => {
  test("a second slot is made, the variable switches to it, the first lives on", async () => {
    await deployment.deploy(dates("2100-06-01"));
    const before = await value();
    const two = dates("2100-06-01", "2100-12-01");
    expect(actions(await deployment.plan(two))).toEqual(["TokenB create", "Variable update", "Variable update"].sort());
    await deployment.deploy(two);
    expect([await works(before), await works(await value())]).toEqual([true, true]);
    expect(await value()).not.toBe(before);
    expect(await isNoOp(two)).toBe(true);
  });

  test("a second slot that is given up lives until the variable carries the first", async () => {
    await deployment.deploy(dates("2100-06-01", "2100-09-01"));
    await expect(deployment.synth(dates("2100-06-01"))).rejects.toThrow(
      /allowed: giving up the other slot; fix: bump slot 1 and deploy/,
    );
    // Bump the first: the variable carries it, and jobs that run keep the second until it is given up.
    await deployment.deploy(dates("2100-12-01", "2100-09-01"));
    const carried = await value();
    await deployment.forgetCalls();
    await deployment.deploy(dates("2100-12-01"));
    expect(await changes()).toEqual(["DELETE access_tokens/N"]);
    expect(await value()).toBe(carried);
    expect([await works(carried), (await living()).length]).toEqual([true, 1]);
    expect(await isNoOp(dates("2100-12-01"))).toBe(true);
  });

  test("told to interrupt, the variable still switches before the token goes", async () => {
    await deployment.deploy(dates("2100-06-01", "2100-09-01"));
    await deployment.forgetCalls();
    await deployment.deploy(interrupting("2100-06-01"));
    expect(await changes()).toEqual([...SWITCH, "DELETE access_tokens/N"]);
  });
});

describe("a slot that lapsed", () => {
  const day = "2100-06-05";

  test("beside a living one: the synth fails until its date is bumped, which rotates it and switches the variable", async () => {
    await deployment.deploy(dates("2100-06-01", "2100-12-01"));
    const before = await value();
    await deployment.setDay(day);
    await expect(deployment.synth(dates("2100-06-01", "2100-12-01"), day)).rejects.toThrow(
      /ops\.yaml:5:.*got 2100-06-01, which is in the past/,
    );
    const next = dates("2101-05-10", "2100-12-01");
    expect(actions(await deployment.plan(next, day))).toEqual(["Token update", "Variable update", "Variable update"]);
    await deployment.deploy(next, day);
    expect([await works(before), await works(await value())]).toEqual([true, true]);
    expect(await isNoOp(next, day)).toBe(true);
  });

  test.each<[string, string[], string[]]>([
    ["the only one", ["2100-06-01"], ["2101-05-10"]],
    ["both", ["2100-06-01", "2100-05-20"], ["2100-12-01", "2101-05-10"]],
  ])("%s: bumping it brings pushes back, bots stay", async (_, lapsed, bumped) => {
    await deployment.deploy(dates(...lapsed));
    const botsBefore = await bots();
    await deployment.setDay(day);
    expect(await works(await value())).toBe(false);
    await deployment.deploy(dates(...bumped), day);
    expect(await works(await value())).toBe(true);
    expect(await bots()).toEqual(botsBefore);
    expect(await isNoOp(dates(...bumped), day)).toBe(true);
  });

  test("for so long that GitLab has deleted it with its bot: a new one is made", async () => {
    await deployment.deploy(dates("2100-06-01"));
    const later = "2100-08-01";
    await deployment.setDay(later);
    expect((await deployment.api.get(TOKENS)).body).toEqual([]);
    const next = dates("2101-05-10");
    expect(actions(await deployment.plan(next, later))).toEqual(["Token create", "Variable update", "Variable update"]);
    await deployment.deploy(next, later);
    expect(await works(await value())).toBe(true);
    expect(await isNoOp(next, later)).toBe(true);
  });
});

describe("what somebody did by hand", () => {
  const two = dates("2100-06-01", "2100-12-01");
  const slot = async (name: string): Promise<Token> => (await living()).find((token) => token.name === name)!;

  beforeEach(async () => {
    await deployment.deploy(two);
  });

  test("a token revoked by hand that the variable carries: made anew, and the variable follows (trap 16)", async () => {
    await deployment.api.delete(`${TOKENS}/${(await slot("GITLAB_CI_PUSHER_B")).id}`);
    expect(await works(await value())).toBe(false);
    expect(actions(await deployment.plan(two))).toEqual(["TokenB create+delete", "Variable update", "Variable update"]);
    await deployment.deploy(two);
    expect([await works(await value()), (await living()).length]).toEqual([true, 2]);
    expect(await isNoOp(two)).toBe(true);
  });

  test("the other token revoked by hand: made anew, the variable stays", async () => {
    const before = await value();
    await deployment.api.delete(`${TOKENS}/${(await slot("GITLAB_CI_PUSHER")).id}`);
    expect(actions(await deployment.plan(two))).toEqual(["Token create+delete"]);
    await deployment.deploy(two);
    expect([await value(), await works(before), (await living()).length]).toEqual([before, true, 2]);
    expect(await isNoOp(two)).toBe(true);
  });

  test("a token rotated by hand: replaced, and the one made by hand lives on until somebody revokes it", async () => {
    const byHand = await deployment.api.post(`${TOKENS}/${(await slot("GITLAB_CI_PUSHER_B")).id}/rotate`, {
      expires_at: "2100-12-01",
    });
    expect(await works(await value())).toBe(false);
    expect(actions(await deployment.plan(two))).toEqual(["TokenB create+delete", "Variable update", "Variable update"]);
    await deployment.deploy(two);
    expect([await works(await value()), await works(byHand.body.token)]).toEqual([true, true]);
    expect((await living()).filter(({ name }) => name === "GITLAB_CI_PUSHER_B")).toHaveLength(2);
    expect(await isNoOp(two)).toBe(true);
  });

  test("a bot that an administrator deleted, and its token with it: both made anew, the variable follows", async () => {
    const { user_id } = await slot("GITLAB_CI_PUSHER_B");
    await deployment.api.delete(`/users/${user_id}`);
    expect(await works(await value())).toBe(false);
    expect(actions(await deployment.plan(two))).toEqual(["TokenB create", "Variable update", "Variable update"]);
    await deployment.deploy(two);
    expect(await works(await value())).toBe(true);
    expect(await isNoOp(two)).toBe(true);
  });
});

test("a renamed token is made before the old one goes: the variable never holds a dead value (trap 10)", async () => {
  await deployment.deploy(dates("2100-06-01"));
  await deployment.forgetCalls();
  await deployment.deploy(inventory({ token: "{expires: 2100-06-01, name: OTHER}" }));
  expect(await changes()).toEqual(["POST access_tokens", ...SWITCH, "DELETE access_tokens/N"]);
});
