import { type PusherStack, PushToken, TagRule, type TagRuleProps } from "../../constructs";
import { config, problems, resource, resources, stateWith, testStack } from "../support/synth";

const TAG = "gitlab_tag_protection";
const GUARD = "Tags_Guard_A3AEFA52";

const rule = (stack: PusherStack, props: Partial<TagRuleProps> = {}, id = "Tags") =>
  new TagRule(stack, id, { project: "xlink/gitops", tag: "v*", ...props });

const token = (stack: PusherStack, props: Partial<ConstructorParameters<typeof PushToken>[2]> = {}) =>
  new PushToken(stack, "Token", { project: "xlink/gitops", expires: "2030-06-01", ...props });

const managed = (type: string, name: string, attributes: object) => ({
  mode: "managed",
  type,
  name,
  instances: [{ attributes }],
});

describe("a tag rule", () => {
  test("has a guard that closes the tags while the provider has the rule away", () => {
    const stack = testStack();
    rule(stack, { create: "developer" });
    expect(resources(stack, TAG)).toEqual({
      [GUARD]: { project: "xlink/gitops", tag: "v**", create_access_level: "no one" },
      Tags: {
        project: "xlink/gitops",
        tag: "v*",
        create_access_level: "developer",
        depends_on: [`${TAG}.${GUARD}`],
      },
    });
  });

  test("lets bots and people in by name, and says `no one` for the bot alone", () => {
    const stack = testStack({ edition: "premium" });
    rule(stack, { create: "bot", bots: [token(stack)], allowedToCreate: [{ user: 7 }, { group: "a" }], guard: false });
    expect(resource(stack, TAG)).toMatchObject({
      create_access_level: "no one",
      allowed_to_create: [
        { user_id: "${gitlab_project_access_token.Token.user_id}" },
        { user_id: 7 },
        { group_id: expect.stringContaining("data.gitlab_group_ids.Known_a_") },
      ],
      depends_on: ["gitlab_project_access_token.Token"],
    });
  });

  /** What the rule lists, when the state has the token with its bot. */
  function listed(attributes: object, props: Partial<ConstructorParameters<typeof PushToken>[2]> = {}): unknown {
    const known = {
      id: "xlink/gitops:3",
      project: "xlink/gitops",
      name: "GITLAB_CI_PUSHER",
      description: "gitlab-ci-pusher ops/Token",
      access_level: "developer",
      expires_at: "2030-03-01",
      user_id: 5,
      ...attributes,
    };
    const state = stateWith([managed("gitlab_project_access_token", "Token", known)]);
    const stack = testStack({ edition: "premium", state });
    rule(stack, { create: "bot", bots: [token(stack, props)], guard: false });
    return resource(stack, TAG).allowed_to_create;
  }

  test("names a bot that stays by its number: a rotation would replace the rule otherwise", () => {
    const later = [{ user_id: "${gitlab_project_access_token.Token.user_id}" }];
    expect(listed({})).toEqual([{ user_id: 5 }]);
    expect(listed({ revoked: true })).toEqual(later);
    expect(listed({}, { name: "OTHER" })).toEqual(later);
    expect(listed({}, { role: "maintainer" })).toEqual(later);
    expect(listed({ user_id: undefined })).toEqual(later);
  });

  test("whose pusher is taken out stays in GitLab: it is forgotten, and its guard goes", () => {
    const attributes = { project: "xlink/gitops", create_access_level: "developer" };
    const state = stateWith([
      managed(TAG, "Tags", { ...attributes, tag: "v*" }),
      managed(TAG, GUARD, { ...attributes, tag: "v**", create_access_level: "no one" }),
      // A rule of branches of the same name has nothing to do with it.
      managed("gitlab_branch_protection", "Other", {
        project: "xlink/gitops",
        branch: "v*",
        push_access_level: "no one",
      }),
    ]);
    const { removed } = config(testStack({ state }));
    expect((removed as { from: string }[]).map(({ from }) => from)).toEqual([
      `${TAG}.Tags`,
      "gitlab_branch_protection.Other",
    ]);
    expect(config(testStack({ state, deletionProtection: false }))).not.toHaveProperty("removed");
  });

  test("moves with its guard when the state has it under another address", () => {
    const attributes = { project: "xlink/gitops" };
    const state = stateWith([
      managed(TAG, "Before", { ...attributes, tag: "v*" }),
      managed(TAG, "Before_Guard_00000000", { ...attributes, tag: "v**" }),
    ]);
    const stack = testStack({ state });
    rule(stack);
    expect(config(stack).moved).toEqual([
      { from: `${TAG}.Before_Guard_00000000`, to: `${TAG}.${GUARD}` },
      { from: `${TAG}.Before`, to: `${TAG}.Tags` },
    ]);
  });

  test.each<[string, (stack: PusherStack) => Partial<TagRuleProps>, "free" | "premium", RegExp]>([
    [
      "create: bot on free",
      (s) => ({ create: "bot", bots: [token(s)] }),
      "free",
      /got create: bot; allowed on the free/,
    ],
    [
      "people on free",
      () => ({ allowedToCreate: [{ user: 7 }] }),
      "free",
      /got user 7 listed to create; allowed on the free/,
    ],
    ["create: bot without a bot", () => ({ create: "bot" }), "premium", /got create: bot without a bot/],
    [
      "a deploy key",
      () => ({ allowedToCreate: [{ deployKey: 7 }] }),
      "premium",
      /provider 18\.8 knows no deploy keys of tags/,
    ],
    ["no tag", () => ({ tag: "v 1" }), "free", /got "v 1"; allowed: a Git tag name/],
    ["no project", () => ({ project: "gitops" }), "free", /full path of a project/],
  ])("refuses %s", (_, props, edition, expected) => {
    const stack = testStack({ edition });
    rule(stack, props(stack));
    expect(problems(stack)).toEqual([expect.stringMatching(expected)]);
  });

  test.each<[string, object, Partial<TagRuleProps>, RegExp[]]>([
    [
      "another project",
      { project: "xlink/shop" },
      {},
      [/got v\* of xlink\/gitops where the state has v\* of xlink\/shop; allowed: the same tag/],
    ],
    [
      "other creators and a new guard",
      {},
      { create: "developer" },
      [/got a new guard and other creators \(create maintainer → developer/],
    ],
    ["a new guard alone", {}, {}, []],
    ["other creators and no guard", {}, { create: "developer", guard: false }, []],
  ])("held against the state: %s", (_, attributes, props, expected) => {
    const known = { project: "xlink/gitops", tag: "v*", create_access_level: "maintainer", ...attributes };
    const stack = testStack({ state: stateWith([managed(TAG, "Tags", known)]) });
    rule(stack, props);
    expect(problems(stack)).toEqual(expected.map((each) => expect.stringMatching(each)));
  });

  test("is refused beside another one for the same tag, and as a wildcard that opens a narrower one", () => {
    const stack = testStack();
    rule(stack, { create: "developer" });
    rule(stack, { tag: "v1*", create: "no one" }, "Closed");
    rule(stack, { tag: "v1*", create: "no one", project: "XLINK/gitops" }, "Again");
    expect(problems(stack)).toEqual([
      expect.stringMatching(
        /^\[ops\/Again\] got a second rule "v1\*" of XLINK\/gitops, beside ops\/Closed; allowed: one rule a tag/,
      ),
      expect.stringMatching(
        /^\[ops\/Tags\] got the wildcard "v\*", which opens "v1\*" of xlink\/gitops for create \(developer instead of no one\) although ops\/Closed closes it; allowed: .* than the tags it matches/,
      ),
      expect.stringMatching(/although ops\/Again closes it/),
    ]);
  });

  test("has nothing to do with a branch of the same name", () => {
    const stack = testStack();
    rule(stack, { tag: "main", create: "developer" });
    expect(rule(stack, { tag: "main*", create: "developer" }, "Wild").identity).toBe("tag rule xlink/gitops:main*");
    expect(problems(stack)).toEqual([]);
  });
});
