import { CiPusher, type CiPusherProps, type PusherStack } from "../../constructs";
import { config, problems, resource, resources, testStack } from "../support/synth";

const TARGET = "xlink/xlink-k8s-gitops";

function pusher(stack: PusherStack, props: Partial<CiPusherProps> = {}, id = "gitops"): CiPusher {
  return new CiPusher(stack, id, { target: TARGET, token: { expires: "2030-06-01" }, ...props });
}

const addresses = (stack: PusherStack): string[] =>
  Object.entries(config(stack).resource ?? {})
    .flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`))
    .sort();

describe("a pusher", () => {
  test("has frozen addresses: a changed one is a dead token (trap 10)", () => {
    const stack = testStack();
    pusher(stack, {
      token: { expires: ["2030-06-01", "2030-12-01"] },
      variable: { in: [{ project: "xlink/shop" }, { group: "xlink/apps" }] },
      branches: { main: { push: "developer" }, "release/*": { push: "developer", guard: false } },
    });
    expect(addresses(stack)).toEqual([
      "gitlab_branch_protection.gitops_Rulemain_B9FA3726",
      "gitlab_branch_protection.gitops_Rulemain_Guard_8DF62AC9",
      "gitlab_branch_protection.gitops_Rulerelease_90836DC0",
      "gitlab_group_variable.gitops_Variablegroupxlinkapps_EB761282",
      "gitlab_project_access_token.gitops_TokenB_4BDF1D78",
      "gitlab_project_access_token.gitops_Token_2F333BE2",
      "gitlab_project_variable.gitops_Variablexlinkshop_6582527D",
      "terraform_data.deletion_protection",
    ]);
  });

  test("keeps whatever replaces a token fixed: names and descriptions too (trap 10)", () => {
    const stack = testStack();
    pusher(stack, { token: { expires: ["2030-06-01", "2030-12-01"] } });
    expect(
      Object.values(resources(stack, "gitlab_project_access_token")).map(({ name, description }) => [
        name,
        description,
      ]),
    ).toEqual([
      ["GITLAB_CI_PUSHER_B", "gitlab-ci-pusher ops/gitops/TokenB"],
      ["GITLAB_CI_PUSHER", "gitlab-ci-pusher ops/gitops/Token"],
    ]);
  });

  test.each<[string, CiPusherProps["token"]["expires"], string]>([
    ["one slot", "2030-06-01", "Token"],
    ["one slot in a list", ["2030-06-01"], "Token"],
    ["the first later", ["2030-12-01", "2030-06-01"], "Token"],
    ["the second later", ["2030-06-01", "2030-12-01"], "TokenB"],
  ])("carries the token that lives longest: %s (trap 3: a rotation is a cut)", (_, expires, slot) => {
    const stack = testStack();
    const { carrier } = pusher(stack, { token: { expires } });
    expect(carrier.node.id).toBe(slot);
    expect(resource(stack, "gitlab_project_variable").value).toBe(String(carrier.token));
  });

  test("stores the token in the target itself unless told otherwise", () => {
    const stack = testStack();
    pusher(stack);
    expect(resource(stack, "gitlab_project_variable")).toMatchObject({ project: TARGET, key: "GITLAB_PUSHER_TOKEN" });
  });

  test("opens branches only once the tokens exist (trap 1)", () => {
    const stack = testStack();
    pusher(stack, { token: { expires: ["2030-06-01", "2030-12-01"] }, branches: { main: { push: "developer" } } });
    expect(resource(stack, "gitlab_branch_protection", "gitops_Rulemain_B").depends_on).toEqual([
      "gitlab_branch_protection.gitops_Rulemain_Guard_8DF62AC9",
      "gitlab_project_access_token.gitops_Token_2F333BE2",
      "gitlab_project_access_token.gitops_TokenB_4BDF1D78",
    ]);
  });

  test("lets both slots' bots through, and those of other pushers that are named", () => {
    const stack = testStack({ edition: "premium" });
    pusher(stack, { variable: { key: "OTHER" } }, "other");
    pusher(stack, {
      token: { expires: ["2030-06-01", "2030-12-01"] },
      branches: { main: { push: "bot", with: ["other"] } },
    });
    expect(resource(stack, "gitlab_branch_protection", "gitops_Rulemain_B").allowed_to_push).toEqual([
      { user_id: "${gitlab_project_access_token.gitops_Token_2F333BE2.user_id}" },
      { user_id: "${gitlab_project_access_token.gitops_TokenB_4BDF1D78.user_id}" },
      { user_id: expect.stringMatching(/^\$\{gitlab_project_access_token\.other_Token_[0-9A-F]{8}\.user_id\}$/) },
    ]);
  });

  test("lets its bot in by name where the level is above it, in rules of branches and tags", () => {
    const stack = testStack({ edition: "premium" });
    pusher(stack, {
      branches: { main: { push: "maintainer", allowedToPush: ["bot"], guard: false } },
      tags: { "v*": { create: "maintainer", allowedToCreate: ["bot"], guard: false } },
    });
    const bots = [{ user_id: "${gitlab_project_access_token.gitops_Token_2F333BE2.user_id}" }];
    expect(problems(stack)).toEqual([]);
    expect(resource(stack, "gitlab_branch_protection").allowed_to_push).toEqual(bots);
    expect(resource(stack, "gitlab_tag_protection").allowed_to_create).toEqual(bots);
  });

  test.each<[string, Partial<CiPusherProps>, RegExp[]]>([
    [
      "a level above the bot",
      { branches: { main: { push: "maintainer" } } },
      [
        /\[ops\/gitops\] got only rules that refuse the bot \(main: maintainer\)/,
        /\[ops\/gitops\/Rule main\] got push: maintainer with a bot of role developer; .* fix: write push: developer, or give the token role: maintainer/,
      ],
    ],
    [
      "a role that reaches it",
      { token: { expires: "2030-06-01", role: "maintainer" }, branches: { main: { push: "maintainer" } } },
      [],
    ],
    [
      "closed branches only",
      { branches: { main: { push: "no one" } } },
      [/got only rules that refuse the bot \(main: no one\)/],
    ],
    [
      "closed branches only, and pushes elsewhere",
      { branches: { main: { push: "no one" } }, unprotectedBranches: true },
      [],
    ],
    ["one closed, one open", { branches: { main: { push: "no one" }, "release/*": { push: "developer" } } }, []],
    [
      "closed branches only, and tags",
      { branches: { main: { push: "no one" } }, tags: { "v*": { create: "developer" } } },
      [],
    ],
    [
      "tags above the bot",
      { tags: { "v*": { create: "maintainer" } } },
      [/\[ops\/gitops\/Tag v\*\] got create: maintainer with a bot of role developer; .* "no one" to close the tags/],
    ],
    ["tags alone", { tags: { "v*": { create: "developer" } } }, []],
    [
      "a companion of tags without bots",
      { tags: { "v*": { create: "developer", with: ["nobody"] } } },
      [/got with: nobody beside create: developer of v\*; allowed: with create: bot only/],
    ],
    ["no rule at all", {}, []],
    [
      "three dates",
      { token: { expires: ["2030-06-01", "2030-07-01", "2030-08-01"] as never } },
      [/got 3 expiry dates; allowed: one or two/],
    ],
    [
      "the same date twice",
      { token: { expires: ["2030-06-01", "2030-06-01"] } },
      [/got 2030-06-01 for both slots; allowed: two different dates/],
    ],
    [
      "a companion of a rule without bots",
      { branches: { main: { push: "developer", with: ["nobody"] } } },
      [/got with: nobody beside push: developer of main; allowed: with push: bot only/],
    ],
    [
      "a source twice",
      { variable: { in: [{ project: "xlink/shop" }, { group: "xlink/shop" }, { project: "xlink/shop" }] } },
      [/\[ops\/gitops\] got the source xlink\/shop twice; allowed: each source once; fix: take one out/],
    ],
    ["no source", { variable: { in: [] } }, [/got no source for the variable; allowed: one or more/]],
  ])("%s", (_, props, expected) => {
    const stack = testStack();
    pusher(stack, props);
    expect(problems(stack)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test.each(["nobody", "gitops"])("an unknown companion is named, and so is the pusher itself: %s", (id) => {
    const stack = testStack({ edition: "premium" });
    pusher(stack, { branches: { main: { push: "bot", with: [id] } } });
    expect(problems(stack)).toEqual([
      expect.stringContaining(`got with: ${id}; allowed: ids of pushers declared earlier`),
    ]);
  });

  test("cuts the variable's description to GitLab's 255 characters", () => {
    const stack = testStack();
    pusher(stack, { target: `xlink/${"x".repeat(249)}`, variable: { in: [{ project: "xlink/shop" }] } });
    expect(resource(stack, "gitlab_project_variable").description).toHaveLength(255);
  });

  test("without a date there is no pusher", () => {
    expect(() => pusher(testStack(), { token: { expires: [] as never } })).toThrow(
      /\[ops\/gitops\] got no expiry date/,
    );
  });
});
