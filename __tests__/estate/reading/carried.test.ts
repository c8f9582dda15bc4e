import { suspicionOf } from "../../../estate/reading/carried";
import type { CiVariable } from "../../../gitlab/variable-exposure";

const TOKEN = "glpat-c2VjcmV0LXZhbHVl.01.0w1a2b3c4";
const variable = (key: string, value: string | null, more: Partial<CiVariable> = {}): CiVariable => ({
  key,
  value,
  protected: true,
  masked: true,
  raw: true,
  variable_type: "env_var",
  environment_scope: "*",
  ...more,
});
const WORD = "an-instance-prefix-0123456789";

describe("GIVEN a variable WHEN it may carry a token that pushes THEN it is looked at", () => {
  test.each<[string, CiVariable, object | undefined]>([
    ["a token, whatever the key", variable("X", TOKEN), { by: "value", values: [TOKEN] }],
    ["a token in an address", variable("URL", `https://x:${TOKEN}@h/a.git`), { by: "value", values: [TOKEN] }],
    ["the same one twice in a file", variable("NETRC", `${TOKEN}\n${TOKEN}`), { by: "value", values: [TOKEN] }],
    ["another prefix under a key that says so", variable("GITLAB_TOKEN", WORD), { by: "name", value: WORD }],
    ["another prefix under a key that a job pushes with", variable("SESAME", WORD), { by: "name", value: WORD }],
    [
      "a description that says so",
      variable("X", WORD, { description: "pushes to gitops" }),
      { by: "name", value: WORD },
    ],
    ["hidden, and its key says so", variable("PUSH_TOKEN", null), { by: "name", value: undefined }],
    ["hidden, and nothing says so", variable("X", null), undefined],
    ["another system's secret", variable("SONAR_TOKEN", WORD), undefined],
    ["words under such a key", variable("GITLAB_TOKEN", "to be filled in"), undefined],
    ["empty", variable("GITLAB_TOKEN", ""), undefined],
    ["a deploy token, which cannot push", variable("X", "gldt-c2VjcmV0LXZhbHVl0"), undefined],
  ])("%s", (_, given, expected) => {
    expect(suspicionOf(given, new Set(["SESAME"]))).toEqual(expected);
  });
});
