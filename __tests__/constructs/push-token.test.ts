import { PushToken } from "../../constructs";
import { problems, resource, resources, testStack } from "../support/synth";

const TOKEN = "gitlab_project_access_token";

describe("a push token", () => {
  test("is rendered with every attribute the provider would otherwise choose (trap 7: too strong by default)", () => {
    // GIVEN a token with nothing but what must be said
    const stack = testStack();
    new PushToken(stack, "Token", { project: "xlink/shop", expires: "2030-06-01" });
    // THEN role and scope are the least a push needs, and past dates are refused from creation on
    expect(resource(stack, TOKEN)).toEqual({
      project: "xlink/shop",
      name: "GITLAB_CI_PUSHER",
      description: "gitlab-ci-pusher ops/Token",
      scopes: ["write_repository"],
      access_level: "developer",
      expires_at: "2030-06-01",
      validate_past_expiration_date: true,
      lifecycle: { create_before_destroy: true },
    });
  });

  test("can neither rotate itself nor use the API (trap 4: a replayed self-rotation revokes the family)", () => {
    const stack = testStack();
    new PushToken(stack, "Token", { project: "xlink/shop", expires: "2030-06-01", role: "maintainer", name: "deploy" });
    expect(resource(stack, TOKEN)).toMatchObject({ scopes: ["write_repository"], access_level: "maintainer" });
  });

  test.each([
    ["2029-12-31", /\[ops\/Token\] got 2029-12-31, which is in the past.*fix: bump the date/],
    ["2030-01-10", /got 2030-01-10, which is today/],
    ["2031-01-11", /got 2031-01-11, 366 days from 2030-01-10; allowed: up to 2031-01-10/],
    ["2030-02-30", /got "2030-02-30"; allowed: a day of the calendar/],
    ["2030-01-11", undefined],
    ["2031-01-10", undefined],
  ])("may expire on %s: %s (traps 5 and 14: silent expiry, the clock)", (expires, problem) => {
    const stack = testStack();
    new PushToken(stack, "Token", { project: "xlink/shop", expires });
    expect(problems(stack)).toEqual(problem ? [expect.stringMatching(problem)] : []);
  });

  test("may live for 400 days where the instance allows it", () => {
    const stack = testStack({ lifetimeLimit: 400 });
    new PushToken(stack, "Token", { project: "xlink/shop", expires: "2031-02-14" });
    expect(problems(stack)).toEqual([]);
  });

  test.each([
    ["2030-02-10", undefined],
    ["2030-02-09", "expires on 2030-02-09, in 30 days: bump the date and deploy before then"],
    ["2030-01-11", "expires on 2030-01-11, in 1 day: bump the date and deploy before then"],
  ])("that expires on %s warns: %s", (expires, warning) => {
    const token = new PushToken(testStack(), "Token", { project: "xlink/shop", expires });
    const warnings = token.node.metadata.map(({ data }) => data);
    expect(warnings).toEqual(warning ? [warning] : []);
  });

  test("reports a wrong project, a wrong date and a wrong name at once", () => {
    const stack = testStack();
    new PushToken(stack, "Token", { project: "4711", expires: "soon", name: " " });
    expect(problems(stack)).toEqual([
      expect.stringContaining('got "soon"'),
      expect.stringContaining("got the id 4711"),
      expect.stringContaining("got a name of 1 characters"),
    ]);
  });

  test.each([
    ["a token", "glpat-AbCdEfGhIjKlMnOpQrSt", 'got "[a token]"'],
    ["a character nobody sees", "bot\u202e", "got U+202E as character 4"],
  ])("GIVEN %s for a name THEN it is refused", (_, name, problem) => {
    const stack = testStack();
    new PushToken(stack, "Token", { project: "a/b", expires: "2030-06-01", name });
    expect(problems(stack)).toEqual([expect.stringContaining(problem)]);
  });

  test("cannot be adopted, and says why", () => {
    expect(() => PushToken.importFrom("xlink/shop:12")).toThrow(
      /got the existing token "xlink\/shop:12"; allowed: a new token only; fix: declare a new one, deploy, then revoke the old one.*GitLab tells its value only when it is made or rotated/,
    );
  });

  test("needs a PusherStack around it", () => {
    const { TerraformStack } = jest.requireActual<typeof import("cdktf")>("cdktf");
    const plain = new TerraformStack(testStack().node.root, "plain");
    expect(() => new PushToken(plain, "Token", { project: "a/b", expires: "2030-06-01" })).toThrow(
      /\[plain\/Token\] got a TerraformStack as its stack; allowed: a PusherStack/,
    );
  });

  test("is one resource", () => {
    const stack = testStack();
    new PushToken(stack, "Token", { project: "xlink/shop", expires: "2030-06-01" });
    expect(Object.keys(resources(stack, TOKEN))).toEqual(["Token"]);
  });
});
