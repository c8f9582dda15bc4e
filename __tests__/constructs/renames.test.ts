import { App } from "cdktf";
import { CiPusher, type CiPusherProps, findOwners, type PusherStack, PusherStack as Stack } from "../../constructs";
import { LEFT_OUT } from "../../state/left-out-states";
import type { StackState } from "../../state/stack-state";
import { config, GITLAB, NOW, outdir, problems, stateOf, stateWith, testStack } from "../support/synth";

const RULE = "gitlab_branch_protection";

function pusher(stack: PusherStack, id: string, props: Partial<CiPusherProps> = {}): CiPusher {
  return new CiPusher(stack, id, {
    target: "xlink/gitops",
    token: { expires: ["2030-06-01", "2030-12-01"] },
    branches: { main: { push: "developer" } },
    ...props,
  });
}

/** The state after this was deployed. */
function deployed(declare: (stack: PusherStack) => void, props: { was?: string } = {}): StackState {
  const stack = testStack(props);
  declare(stack);
  const { resource = {} } = config(stack);
  return stateWith(
    Object.entries(resource).flatMap(([type, named]) =>
      Object.entries(named).map(([name, attributes]) => ({ mode: "managed", type, name, instances: [{ attributes }] })),
    ),
  );
}

/** Addresses without cdktf's hashes. */
const short = (address: string) => address.replace(/_[0-9A-F]{8}$/, "").replace(/^gitlab_/, "");
const moves = (stack: PusherStack) =>
  ((config(stack).moved ?? []) as { from: string; to: string }[]).map(
    ({ from, to }) => `${short(from)} → ${short(to)}`,
  );

describe("a renamed pusher", () => {
  const before = deployed((stack) => pusher(stack, "svc39"));

  test("GIVEN `was` THEN everything moves, and no attribute changes", () => {
    const stack = testStack({ state: before });
    pusher(stack, "service39", { was: "svc39" });
    expect(problems(stack)).toEqual([]);
    expect(moves(stack).sort()).toEqual([
      "branch_protection.svc39_Rulemain → branch_protection.service39_Rulemain",
      "branch_protection.svc39_Rulemain_Guard → branch_protection.service39_Rulemain_Guard",
      "project_access_token.svc39_Token → project_access_token.service39_Token",
      "project_access_token.svc39_TokenB → project_access_token.service39_TokenB",
      "project_variable.svc39_Variablexlink:gitops → project_variable.service39_Variablexlink:gitops".replaceAll(
        ":",
        "",
      ),
    ]);
    const { resource, removed, import: imports } = config(stack);
    expect([removed, imports]).toEqual([undefined, undefined]);
    const attributes = (type: string) =>
      Object.values(resource![type]!).map(({ description, name }) => [description, name]);
    expect(attributes("gitlab_project_access_token").sort()).toEqual([
      ["gitlab-ci-pusher ops/svc39/Token", "GITLAB_CI_PUSHER"],
      ["gitlab-ci-pusher ops/svc39/TokenB", "GITLAB_CI_PUSHER_B"],
    ]);
    expect(attributes("gitlab_project_variable")[0]![0]).toMatch(/^gitlab-ci-pusher ops\/svc39: /);
  });

  test.each<[string, StackState]>([
    ["encrypted", stateOf(JSON.stringify({ serial: 1, encrypted_data: "x" }))],
    ["out of reach", { ...stateOf(undefined), hidden: "no answer" }],
  ])("GIVEN a state that is %s THEN `was` alone tells the moves, and nothing is taken for unrecorded", (_, state) => {
    const stack = testStack({ state });
    pusher(stack, "service39", { was: "svc39" });
    expect(problems(stack)).toEqual([]);
    const seen = testStack({ state: before });
    pusher(seen, "service39", { was: "svc39" });
    expect(moves(stack).sort()).toEqual(moves(seen).sort());
    expect(config(stack).moved).toEqual(expect.arrayContaining(config(seen).moved as object[]));
    expect(stack.unrecorded()).toEqual([]);
  });

  test("GIVEN `was` after that deploy THEN nothing moves any more", () => {
    const after = deployed((stack) => pusher(stack, "service39", { was: "svc39" }));
    const stack = testStack({ state: after });
    pusher(stack, "service39", { was: "svc39" });
    expect([problems(stack), moves(stack)]).toEqual([[], []]);
  });

  test("GIVEN no `was` THEN the synth refuses and writes the line to add", () => {
    const stack = testStack({ state: before });
    pusher(stack, "service39");
    expect(problems(stack)).toEqual([
      expect.stringMatching(
        /^\[ops\/service39\] got service39, new, with rules or variables of svc39, which is gone; .*; fix: write was: svc39 under service39; /,
      ),
    ]);
  });

  test.each<[string, string, Partial<CiPusherProps>, RegExp]>([
    [
      "its `was` is taken out",
      "service39",
      {},
      /got the mark ops\/service39\/Token .* deployed as ops\/svc39\/Token; .*fix: write was: svc39/,
    ],
    ["another `was`", "service39", { was: "svc" }, /got the mark ops\/svc\/Token .* fix: write was: svc39/],
  ])("GIVEN %s after the deploy THEN its tokens would be replaced, and it is refused", (_, id, props, message) => {
    const after = deployed((stack) => pusher(stack, "service39", { was: "svc39" }));
    const stack = testStack({ state: after });
    pusher(stack, id, props);
    expect(problems(stack)).toEqual([expect.stringMatching(message), expect.stringMatching(/TokenB/)]);
  });

  test("GIVEN a `was` that it never had THEN it is refused", () => {
    const stack = testStack({ state: before });
    pusher(stack, "svc39", { was: "other" });
    expect(problems(stack)[0]).toMatch(/got the mark ops\/other\/Token .*; fix: take `was` out$/);
  });

  test("GIVEN two pushers that say they were the same one THEN that is refused", () => {
    const stack = testStack();
    pusher(stack, "a", { was: "svc39" });
    pusher(stack, "b", { was: "svc39", target: "xlink/shop" });
    expect(problems(stack).filter((each) => each.includes("second token"))).toHaveLength(2);
  });

  test("GIVEN another pusher of the same project that was always there THEN none is taken for a renamed one", () => {
    const both = deployed((stack) => {
      pusher(stack, "svc39");
      pusher(stack, "other", { branches: {}, variable: { key: "OTHER" } });
    });
    const stack = testStack({ state: both });
    pusher(stack, "other", { variable: { key: "OTHER" } });
    expect(problems(stack)).toEqual([]);
    expect(moves(stack)).toHaveLength(2);
  });

  test("GIVEN a new pusher that takes nothing over THEN the gone one is gone", () => {
    const stack = testStack({ state: before });
    pusher(stack, "new", { branches: {}, variable: { key: "NEW" } });
    expect(problems(stack)).toEqual([]);
    expect(config(stack).removed).toEqual([
      { from: expect.stringContaining("svc39_Rulemain"), lifecycle: { destroy: false } },
    ]);
  });
});

describe("a branch or source that goes from one pusher to another", () => {
  const two = (stack: PusherStack, first: Partial<CiPusherProps>, second: Partial<CiPusherProps>) => {
    pusher(stack, "a", first);
    pusher(stack, "b", { variable: { key: "B" }, branches: {}, ...second });
  };

  test("GIVEN a branch THEN rule and guard move, and are neither forgotten nor adopted", () => {
    const stack = testStack({ state: deployed((earlier) => two(earlier, {}, {})) });
    two(stack, { branches: {} }, { branches: { main: { push: "developer", adopt: true } } });
    expect(problems(stack)).toEqual([]);
    expect(moves(stack).sort()).toEqual([
      "branch_protection.a_Rulemain → branch_protection.b_Rulemain",
      "branch_protection.a_Rulemain_Guard → branch_protection.b_Rulemain_Guard",
    ]);
    const { removed, import: imports } = config(stack);
    expect([removed, imports]).toEqual([undefined, undefined]);
    expect(stack.unrecorded()).toEqual([]);
  });

  test("GIVEN a source THEN its variable moves", () => {
    const source = (key: string, ...projects: string[]) => ({ key, in: projects.map((project) => ({ project })) });
    const before = deployed((earlier) =>
      two(earlier, { variable: source("P", "x/a", "x/b") }, { variable: source("P", "x/c") }),
    );
    const stack = testStack({ state: before });
    two(stack, { variable: source("P", "x/a") }, { variable: source("P", "x/c", "x/b") });
    expect(moves(stack)).toEqual(["project_variable.a_Variablexb → project_variable.b_Variablexb"]);
  });

  test("GIVEN a place that something else takes THEN one deploy cannot do both, and it is refused", () => {
    const before = deployed((earlier) => two(earlier, { variable: { key: "A" } }, {}));
    const stack = testStack({ state: before });
    two(stack, { variable: { key: "C" } }, { variable: { key: "A" } });
    expect(problems(stack)).toEqual([
      expect.stringMatching(
        /^\[ops\/b\/Variable xlink:gitops\] got project variable xlink\/gitops:A:\*, which the state has as that of ops\/a/,
      ),
    ]);
  });
});

describe("what another state has", () => {
  const before = deployed((stack) => pusher(stack, "gitops"));

  test("GIVEN a stack that is gone THEN a new one with its rules is refused, and told of `was`", async () => {
    const stack = testStack();
    pusher(stack, "gitops");
    await findOwners([stack], async () => [{ name: "old", deployed: before.deployed, isGone: true, isFile: true }]);
    expect(problems(stack)).toEqual([
      expect.stringMatching(
        /got token ops\/gitops\/Token and 4 more, which the state of old has, a stack that is gone; .*fix: write was: old at the top of pushers\/ops\.yaml/,
      ),
    ]);
  });

  test("GIVEN a stack that was left out THEN its state is read for what is new, and for nothing else", async () => {
    const app = new App({ stackTraces: false, outdir: outdir() });
    const left = { ...stateOf(undefined), hidden: LEFT_OUT };
    const from = new Stack(app, "from", { now: NOW, baseUrl: GITLAB, state: left });
    const to = testStack({}, app);
    pusher(to, "gitops");
    const read = jest.fn(async () => [{ name: "from", deployed: before.deployed, isGone: false, isFile: true }]);
    await findOwners([from, to], read);
    expect(problems(to)).toEqual([expect.stringMatching(/which the state of from has; .*take it out of from, deploy/)]);

    const deployedAlready = testStack({ state: before });
    pusher(deployedAlready, "gitops");
    await findOwners([deployedAlready], read);
    expect(read).toHaveBeenCalledTimes(1);
  });

  test("GIVEN something new beside a gone stack's file that cannot be read THEN it is refused, elsewhere said", async () => {
    const stack = testStack();
    pusher(stack, "gitops");
    const unread = { name: "old", unread: "it is cut off", isGone: true };
    await findOwners([stack], async () => [{ ...unread, isFile: true }]);
    expect(problems(stack)).toEqual([expect.stringMatching(/got something new, beside the state of old, .*cut off/)]);
    const other = testStack();
    pusher(other, "gitops");
    await findOwners([other], async () => [{ ...unread, isFile: false }]);
    expect(problems(other)).toEqual([]);
    expect(other.node.metadata.map(({ data }) => data)).toEqual([expect.stringMatching(/^it is cut off: so a synth/)]);
  });

  test("GIVEN a renamed stack that says what it was THEN its tokens keep their marks", () => {
    const state = deployed((stack) => pusher(stack, "gitops"), { was: "old" });
    const stack = testStack({ was: "old", state });
    pusher(stack, "gitops");
    expect([problems(stack), moves(stack)]).toEqual([[], []]);
    const other = testStack({ state });
    pusher(other, "gitops");
    expect(problems(other)[0]).toMatch(/deployed as old\/gitops\/Token; .*fix: write was: old at the top of the file$/);
  });

  test("GIVEN a pusher that goes to another stack THEN that is refused before anything is made twice", () => {
    const app = new App({ stackTraces: false, outdir: outdir() });
    const from = new Stack(app, "from", { now: NOW, baseUrl: GITLAB, state: before });
    const to = testStack({}, app);
    pusher(to, "gitops");
    expect(problems(from)).toEqual([
      expect.stringMatching(
        /got token ops\/gitops\/Token and 4 more, which the state of from has; .*fix: move it back; or take it out of from, deploy/,
      ),
    ]);
  });

  test("GIVEN the same rule twice THEN it is told once", () => {
    const app = new App({ stackTraces: false, outdir: outdir() });
    const from = new Stack(app, "from", { now: NOW, baseUrl: GITLAB, state: before });
    pusher(from, "gitops", { token: { expires: "2030-06-01" }, variable: { key: "OTHER" } });
    const to = testStack({}, app);
    pusher(to, "gitops", { variable: { key: "ANOTHER" } });
    expect(problems(from).filter((each) => each.includes("main"))).toEqual([
      expect.stringContaining("got a second rule"),
    ]);
  });
});

test(`a rule's address stays the one it was deployed under (${RULE})`, () => {
  const stack = testStack();
  pusher(stack, "gitops", { was: "svc39" });
  expect(Object.keys(config(stack).resource![RULE]!).map(short).sort()).toEqual([
    "gitops_Rulemain",
    "gitops_Rulemain_Guard",
  ]);
});
