import { TerraformOutput } from "cdktf";
import fc from "fast-check";
import { CiPusher, Expression, type PusherStack, PushRule, PushToken, PushVariable } from "../../constructs";
import { literal, literally, literalProblem } from "../../constructs/literal";
import { describe as said } from "../../gitlab/problem";
import { config, problems, resources, testStack } from "../support/synth";

const ATTACK = "x ${nonsensitive(gitlab_project_access_token.other.token)}%{if true}";

/** How Terraform reads a text without quotes and without expressions in it, by HCL's specification. */
const read = (text: string): string => text.replace(/([$%])\1(?=\{)/g, "$1");

/** Whether Terraform would find something to evaluate in a text. */
const isEvaluated = (text: string): boolean => /[$%]\{/.test(text.replace(/([$%])\1\{/g, " "));

describe("a literal text", () => {
  test("GIVEN any text THEN Terraform reads it letter for letter and evaluates nothing", () => {
    const units = fc.constantFrom("$", "{", "}", "%", '"', "\\", "~", "x", "é", "\n");
    fc.assert(
      fc.property(
        fc.array(units).map((parts) => parts.join("")),
        (text) => {
          expect([read(literal(text)), isEvaluated(literal(text))]).toEqual([text, false]);
        },
      ),
    );
  });

  test("GIVEN a value of any shape THEN its texts are literal, and only an Expression is evaluated", () => {
    const token = Expression.attribute("gitlab_project_access_token.t", "token");
    expect(literally({ a: ["${x}", 1, true, null, { b: "%{y}" }], c: token, d: undefined })).toEqual({
      a: ["$${x}", 1, true, null, { b: "%%{y}" }],
      c: "${gitlab_project_access_token.t.token}",
      d: undefined,
    });
  });

  test.each<[string, string, RegExp | undefined]>([
    ["plain", "GITLAB_CI_PUSHER ${x}", undefined],
    ["a value of cdktf's", "${TfToken[TOKEN.0]}", /^got a value that is known only when Terraform runs; /],
    ["half a character", "a\ud83d", /^got "a\\ud83d", which is no Unicode; /],
    ["an accent apart", "cafe\u0301", /^got .*, which Terraform would change: .*; fix: write "caf\u00e9"/],
  ])("GIVEN %s THEN it is %s or refused", (_, text, problem) => {
    if (problem) expect(said(literalProblem(text)!)).toMatch(problem);
    else expect(literalProblem(text)).toBeUndefined();
  });
});

/** Every construct, with a template wherever it takes a text. */
function everything(stack: PusherStack): void {
  const token = new PushToken(stack, "Token", { project: "a/b", expires: "2030-06-01", name: ATTACK });
  new PushVariable(stack, "Variable", {
    in: { project: "a/b" },
    value: token.token,
    environment: "review/${X}",
    description: ATTACK,
  });
  new PushVariable(stack, "Group", { in: { group: "a" }, value: token.token, description: ATTACK });
  const branch = "rel-${x}%{y}";
  new PushRule(stack, "Rule", { project: "a/b", branch, push: "bot", bots: [token], adopt: true, guard: false });
  new PushRule(stack, "Other", { project: "a/b", branch: "dev-${x}" });
  new CiPusher(stack, "gitops", { target: "a/c", token: { expires: "2030-06-01", name: ATTACK } });
}

describe("the resources of every construct", () => {
  /** The texts of a rendered value. */
  const textsIn = (value: unknown): string[] =>
    typeof value === "string"
      ? [value]
      : typeof value === "object" && value !== null
        ? Object.values(value).flatMap(textsIn)
        : [];

  test("GIVEN templates in every text WHEN a stack is synthesized THEN nothing is evaluated but tokens and bots", () => {
    const stack = testStack({ edition: "premium" });
    everything(stack);
    const { resource, import: imports } = config(stack);
    const evaluated = textsIn([resource, imports]).filter(isEvaluated);
    expect([...new Set(evaluated.map((text) => text.replace(/_token\.\w+/, "_token.NAME")))].sort()).toEqual([
      "${gitlab_project_access_token.NAME.token}",
      "${gitlab_project_access_token.NAME.user_id}",
    ]);
    expect(textsIn(imports).map(read)).toContain("a/b:rel-${x}%{y}");
    const tokens = Object.values(resources(stack, "gitlab_project_access_token")).map(({ name }) => read(`${name}`));
    expect(tokens).toEqual([ATTACK, ATTACK]);
  });

  test("GIVEN a text that is known only when Terraform runs THEN the synth says that it is none", () => {
    const stack = testStack();
    const other = new TerraformOutput(stack, "other", { value: "x" });
    new PushToken(stack, "Token", { project: "a/b", expires: "2030-06-01", name: `bot of ${other.value}` });
    const known = new PushToken(stack, "Bot", { project: "a/b", expires: "2030-06-01" });
    new PushVariable(stack, "Variable", {
      in: { project: "a/b" },
      value: known.token,
      description: "${TfToken[TOKEN.3]}",
    });
    expect(problems(stack)).toEqual([
      "[ops/Variable] description: got a value that is known only when Terraform runs; allowed: text: what may be an expression has the type Expression; fix: write the text itself",
    ]);
  });

  test("GIVEN a resource overridden by its app THEN that stays Terraform", () => {
    const stack = testStack();
    const token = new PushToken(stack, "Token", { project: "a/b", expires: "2030-06-01" });
    const resource = token.node.findChild("Default") as unknown as { addOverride(key: string, value: string): void };
    resource.addOverride("name", "${var.name}");
    expect(Object.values(resources(stack, "gitlab_project_access_token"))[0]).toMatchObject({ name: "${var.name}" });
  });
});
