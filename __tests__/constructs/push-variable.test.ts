import { type PusherStack, PushToken, PushVariable, type PushVariableProps } from "../../constructs";
import { config, problems, resource, testStack } from "../support/synth";

function variable(stack: PusherStack, props: Partial<PushVariableProps> = {}): PushVariable {
  const token = new PushToken(stack, "Token", { project: "xlink/gitops", expires: "2030-06-01" });
  return new PushVariable(stack, "Variable", { in: { project: "xlink/shop" }, value: token.token, ...props });
}

describe("a push variable", () => {
  test("writes out every optional attribute (trap 2: the provider resets or re-creates what is unset)", () => {
    const stack = testStack();
    variable(stack);
    expect(resource(stack, "gitlab_project_variable")).toEqual({
      project: "xlink/shop",
      key: "GITLAB_PUSHER_TOKEN",
      value: "${gitlab_project_access_token.Token.token}",
      description: expect.stringContaining("gitlab-ci-pusher"),
      environment_scope: "*",
      masked: true,
      hidden: false,
      protected: true,
      raw: true,
      variable_type: "env_var",
    });
  });

  test("can live in a group", () => {
    const stack = testStack();
    variable(stack, { in: { group: "xlink/apps" }, key: "PUSH", hidden: true });
    expect(resource(stack, "gitlab_group_variable")).toMatchObject({
      group: "xlink/apps",
      key: "PUSH",
      environment_scope: "*",
      masked: true,
      hidden: true,
      protected: true,
      raw: true,
      variable_type: "env_var",
    });
  });

  test("carries a reference, never a value: no secret is synthesized and there are no outputs (trap 6)", () => {
    const stack = testStack();
    variable(stack);
    const synthesized = config(stack);
    expect(synthesized.output).toBeUndefined();
    expect(synthesized.provider).toEqual({ gitlab: [{}] });
    expect(JSON.stringify(synthesized)).not.toMatch(/glpat-/);
  });

  test("is adopted by project, key and environment", () => {
    const stack = testStack();
    const { address } = variable(stack, { adopt: true, environment: "production" });
    expect(config(stack).import).toEqual([{ to: address, id: "xlink/shop:GITLAB_PUSHER_TOKEN:production" }]);
  });

  test("left unprotected, it warns (trap 9)", () => {
    const warned = variable(testStack(), { protected: false });
    expect(warned.node.metadata.map(({ data }) => data)).toEqual([
      "GITLAB_PUSHER_TOKEN is not protected: whoever may push any branch of xlink/shop can read the token in a job",
    ]);
  });

  test.each<[string, Partial<PushVariableProps>, RegExp[]]>([
    [
      "one that is hidden and adopted",
      { hidden: true, adopt: true },
      [/got hidden: true for a variable that is adopted/],
    ],
    ["a bad key", { key: "a-b" }, [/got "a-b"/]],
    ["a predefined key", { key: "CI_JOB_TOKEN" }, [/which is set by GitLab in jobs/]],
    ["a bad project", { in: { project: "shop" } }, [/full path of a project/]],
    ["a bad group", { in: { group: "12" } }, [/got the id 12/]],
    ["a bad environment", { environment: "a,b" }, [/got the environment "a,b"/]],
    ["a token for an environment", { environment: "glpat-AbCdEfGhIjKlMnOpQrSt" }, [/got "\[a token\]"/]],
    [
      "a long description",
      { description: "x".repeat(256) },
      [/got a description of 256 characters; allowed: up to 255/],
    ],
    [
      "a group's environment on free",
      { in: { group: "xlink" }, environment: "prod" },
      [/for a group variable; allowed on the free edition: "\*"/],
    ],
    ["a project's environment on free", { environment: "prod/*" }, []],
    ["two problems", { key: "", in: { project: "" } }, [/allowed: 1 to 255 letters/, /full path of a project/]],
  ])("%s (trap 13: premium shapes on free)", (_, props, expected) => {
    const stack = testStack();
    variable(stack, props);
    expect(problems(stack)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test("a group's environment is allowed on premium", () => {
    const stack = testStack({ edition: "premium" });
    variable(stack, { in: { group: "xlink" }, environment: "prod" });
    expect(problems(stack)).toEqual([]);
  });
});
