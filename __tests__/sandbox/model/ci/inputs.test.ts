import { type CiInputs, fillInputs } from "../../../../sandbox/model/ci/inputs";

/** A file whose header has these inputs. */
const file = (inputs: unknown, body: string) => `# what it is for\nspec: ${JSON.stringify({ inputs })}\n---\n${body}`;
const fill = (inputs: unknown, body: string, given?: CiInputs) => fillInputs(file(inputs, body), "ci/a.yml", given);

test.each<[string, unknown, string, CiInputs, string]>([
  ["a default", { stage: { default: "test" } }, "stage: $[[ inputs.stage ]]", {}, "stage: test"],
  ["a given value", { stage: { default: "test" } }, "stage: $[[inputs.stage]]", { stage: "deploy" }, "stage: deploy"],
  ["false over a default", { a: { type: "boolean", default: true } }, "x: $[[ inputs.a ]]", { a: false }, "x: false"],
  ["a number", { n: { type: "number" } }, "x: $[[ inputs.n ]]", { n: 2 }, "x: 2"],
  ["a list as JSON", { l: { type: "array" } }, "x: $[[ inputs.l ]]", { l: ["a", { b: 1 }] }, 'x: ["a",{"b":1}]'],
  ["text as it is, quotes too", { t: null }, 'x: "$[[ inputs.t ]]"', { t: 'a "b"' }, 'x: "a "b""'],
  ["a key", { "job-name": null }, '"$[[ inputs.job-name ]]": {}', { "job-name": "b c" }, '"b c": {}'],
  ["a part of it", { t: null }, "x: $[[ inputs.t | truncate(1, 2) ]]", { t: "abcd" }, "x: bc"],
])("GIVEN %s WHEN inputs are filled in THEN the text holds it", (_what, inputs, body, given, expected) => {
  expect(fill(inputs, body, given)).toBe(`\n${expected}`);
});

test.each<[string, unknown, string, CiInputs, string]>([
  ["none", { a: null }, "", {}, "`a` input: required value has not been provided"],
  ["an unknown one", {}, "", { b: 1 }, "unknown input arguments: b"],
  ["the wrong type", { a: { type: "array" } }, "", { a: "x" }, "`a` input: provided value is not an array"],
  ["a number for text", { a: null }, "", { a: 1 }, "`a` input: provided value is not a string"],
  ["a bad default", { a: { default: 1 } }, "", {}, "`a` input: default value is not a string"],
  [
    "no option",
    { a: { options: ["x"] } },
    "",
    { a: "y" },
    "`a` input: `y` cannot be used because it is not in the list of allowed options",
  ],
  [
    "no match",
    { a: { regex: "^v\\d+$" } },
    "",
    { a: "1" },
    "`a` input: provided value does not match required RegEx pattern",
  ],
  ["a broken pattern", { a: { regex: "(" } }, "", { a: "1" }, "`a` input: invalid regular expression"],
  ["an unknown type", { a: { type: "map" } }, "", {}, "header:spec:inputs:a input type unknown value: map"],
  [
    "an unknown keyword",
    { a: { defualt: 1 } },
    "",
    { a: "x" },
    "header:spec:inputs:a config contains unknown keys: defualt",
  ],
  ["a block of no input", {}, "x: $[[ inputs.b ]]", {}, "unknown interpolation key: `b`"],
  ["a block of nothing", {}, "x: $[[ bb ]]", {}, "invalid interpolation access pattern"],
  [
    "two at once",
    { a: null, b: null },
    "",
    {},
    "`a` input: required value has not been provided, `b` input: required value has not been provided",
  ],
])(
  "GIVEN %s WHEN inputs are filled in THEN GitLab's words name file and input",
  (_what, inputs, body, given, problem) => {
    expect(() => fill(inputs, `job: {}\n${body}`, given)).toThrow(`\`ci/a.yml\`: ${problem}`);
  },
);

test("GIVEN a file without header WHEN there are no inputs THEN it is left alone, else refused", () => {
  expect(fillInputs("---\njob: $[[ inputs.a ]]\n", "a.yml")).toBe("---\njob: $[[ inputs.a ]]\n");
  expect(() => fillInputs("job: {}\n", "a.yml", { a: 1 })).toThrow(
    "`a.yml`: Given inputs not defined in the `spec` section of the included configuration file",
  );
  expect(() => fillInputs("spec: {}\n---\na: 1\n---\nb: 1\n", "a.yml")).toThrow("Too many YAML documents");
});
