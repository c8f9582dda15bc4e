import { baseUrlIn, requireBaseUrl, synthBaseUrl } from "../../gitlab/base-url";
import { ExpectedError } from "../../gitlab/expected-error";

const TOKEN = { GITLAB_TOKEN: "glpat-SecretSecretSecret" };
const JOB = { GITLAB_CI: "true", CI_SERVER_URL: "https://git.example.com:8443/gitlab" };

describe("the address of GitLab", () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ["what is exported", { GITLAB_BASE_URL: "https://gitlab.example.com/api/v4/" }, "https://gitlab.example.com"],
    [
      "what is exported, in a job of another GitLab",
      { ...JOB, GITLAB_BASE_URL: "https://gitlab.com" },
      "https://gitlab.com",
    ],
    ["a job's GitLab, with port and relative root", JOB, "https://git.example.com:8443/gitlab"],
    ["the same, where the variable is empty", { ...JOB, GITLAB_BASE_URL: "" }, "https://git.example.com:8443/gitlab"],
    ["nothing", {}, undefined],
    ["nothing but empty variables", { GITLAB_BASE_URL: "", CI_SERVER_URL: "" }, undefined],
  ])("GIVEN %s", (_, environment, expected) => {
    expect(baseUrlIn(environment)).toBe(expected);
    if (expected) expect(requireBaseUrl(environment)).toBe(expected);
  });

  test("GIVEN none THEN a token goes nowhere, and GitLab.com is named as one to choose", () => {
    const asked = () => requireBaseUrl({ ...TOKEN, GITLAB_BASE_URL: "" });
    expect(asked).toThrow(ExpectedError);
    expect(asked).toThrow(
      /^got GITLAB_TOKEN without the address .*; fix: export GITLAB_BASE_URL=.*, or https:\/\/gitlab\.com/,
    );
    expect(asked).not.toThrow(/glpat-/);
  });

  test.each([
    "gitlab.example.com",
    "ftp://gitlab.example.com",
    "$CI_SERVER_URL",
    "https://me:hunter22@gitlab.example.com",
    "me:hunter22@gitlab.example.com",
    "https://:hunter22@gitlab.example.com",
    "glpat-SecretSecretSecret",
  ])("GIVEN %j THEN it is refused, without what may be secret in it", (text) => {
    for (const from of ["GITLAB_BASE_URL", "CI_SERVER_URL"]) {
      const asked = () => requireBaseUrl({ ...TOKEN, [from]: text });
      expect(asked).toThrow(ExpectedError);
      expect(asked).toThrow(new RegExp(`^got ${from} .*; allowed: the address of a GitLab.*; fix: `));
      expect(asked).not.toThrow(/hunter22|glpat-/);
    }
  });
});

describe("the address of a synth, after which Terraform's provider takes GITLAB_BASE_URL or gitlab.com", () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ["no token", {}, undefined],
    ["no token, in a job", JOB, JOB.CI_SERVER_URL],
    ["a token and its address", { ...TOKEN, GITLAB_BASE_URL: "https://x.example.com" }, "https://x.example.com"],
    ["a token in a job of gitlab.com", { ...TOKEN, CI_SERVER_URL: "https://gitlab.com" }, "https://gitlab.com"],
  ])("GIVEN %s", (_, environment, expected) => {
    expect(synthBaseUrl(environment)).toBe(expected);
  });

  test.each<[string, Record<string, string>, string]>([
    ["nowhere", {}, "fix: export GITLAB_BASE_URL=https://gitlab.example.com, or https://gitlab.com"],
    ["with an empty address", { GITLAB_BASE_URL: "" }, "fix: export GITLAB_BASE_URL=https://gitlab.example.com, or"],
    ["in a job of a GitLab of one's own", JOB, `fix: export GITLAB_BASE_URL=${JOB.CI_SERVER_URL}`],
  ])("GIVEN a token %s THEN it is refused", (_, environment, fix) => {
    expect(() => synthBaseUrl({ ...TOKEN, ...environment })).toThrow(ExpectedError);
    expect(() => synthBaseUrl({ ...TOKEN, ...environment })).toThrow(fix);
  });
});
