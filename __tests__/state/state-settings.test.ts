import { StateError } from "../../state/state-error";
import { stateSettings } from "../../state/state-settings";

const GITLAB = { state: "gitlab", stateProject: "ops/pushers" };
const OWN = { GITLAB_BASE_URL: "https://gitlab.example.com/api/v4/" };
const PIPELINE = { CI_API_V4_URL: "https://ci.example.com/gitlab/api/v4", CI_PROJECT_ID: "42" };
const CREDENTIALS = { TF_HTTP_USERNAME: "olga", TF_HTTP_PASSWORD: "glpat-secret-of-olga" };

type Environment = Record<string, string>;

describe("where states are kept", () => {
  test.each<[string, object, Environment, object]>([
    ["nothing said", {}, OWN, { kind: "local" }],
    ["other tools' context", { excludeStackIdFromLogicalIds: "true" }, OWN, { kind: "local" }],
    ["local, with a project for later", { ...GITLAB, state: "local" }, OWN, { kind: "local" }],
    ["gitlab", GITLAB, OWN, { kind: "gitlab", baseUrl: "https://gitlab.example.com", project: "ops/pushers" }],
    [
      "an id",
      { ...GITLAB, stateProject: 4711 },
      OWN,
      { kind: "gitlab", baseUrl: "https://gitlab.example.com", project: "4711" },
    ],
    [
      "an id as text",
      { ...GITLAB, stateProject: "4711" },
      OWN,
      { kind: "gitlab", baseUrl: "https://gitlab.example.com", project: "4711" },
    ],
    [
      "a pipeline: its GitLab and its project, whatever GitLab the stacks are for",
      { state: "gitlab" },
      { ...OWN, ...PIPELINE },
      { kind: "gitlab", baseUrl: "https://ci.example.com/gitlab", project: "42" },
    ],
    [
      "a pipeline of a fork: the project that is written",
      GITLAB,
      PIPELINE,
      { kind: "gitlab", baseUrl: "https://ci.example.com/gitlab", project: "ops/pushers" },
    ],
    [
      "stacks whose states are to be read",
      { ...GITLAB, readStates: ["one"] },
      OWN,
      { kind: "gitlab", baseUrl: "https://gitlab.example.com", project: "ops/pushers", stacks: ["one"] },
    ],
    [
      "credentials",
      GITLAB,
      { ...OWN, ...CREDENTIALS },
      {
        kind: "gitlab",
        baseUrl: "https://gitlab.example.com",
        project: "ops/pushers",
        credentials: { username: "olga", password: "glpat-secret-of-olga" },
      },
    ],
  ])("GIVEN %s", (_, context, environment, settings) => {
    expect(stateSettings(context as Record<string, unknown>, environment)).toEqual(settings);
  });

  test.each<[string, object, Environment, RegExp]>([
    [
      "another backend",
      { state: "s3" },
      OWN,
      /got state "s3" in the context; allowed: "local" or "gitlab"; fix: .*main\.ts/,
    ],
    ["no text", { state: true }, OWN, /got state true in the context; allowed: "local" or "gitlab"/],
    [
      "a slip",
      { state: "gitlab", stateproject: "a/b" },
      OWN,
      /got "stateproject" .* allowed: state and stateProject; fix/,
    ],
    [
      "no project",
      { state: "gitlab" },
      OWN,
      /got state "gitlab" .* without a project; allowed: stateProject.*; fix: write/,
    ],
    ["a URL", { ...GITLAB, stateProject: "https://x.io/a/b.git" }, OWN, /stateProject: got .*; fix: write "a\/b"/],
    ["a list", { ...GITLAB, stateProject: ["a/b"] }, OWN, /stateProject: got .* allowed: the full path of a project/],
    [
      "no address",
      GITLAB,
      { GITLAB_BASE_URL: "gitlab.example.com" },
      /got GITLAB_BASE_URL "gitlab.example.com"; allowed/,
    ],
    [
      "no address at all",
      GITLAB,
      { ...CREDENTIALS, GITLAB_BASE_URL: "" },
      /got state "gitlab" without the address .*; fix: export GITLAB_BASE_URL=.*https:\/\/gitlab\.com/,
    ],
    ["no pipeline's address", GITLAB, { CI_API_V4_URL: "x" }, /got CI_API_V4_URL "x"; allowed: .*; fix/],
    [
      "half of the credentials",
      GITLAB,
      { ...OWN, TF_HTTP_USERNAME: "olga" },
      /got TF_HTTP_USERNAME without TF_HTTP_PASSWORD; .*fix/,
    ],
    [
      "the other half",
      GITLAB,
      { ...OWN, TF_HTTP_PASSWORD: "glpat-secret" },
      /got TF_HTTP_PASSWORD without .*gitlab-ci-token/,
    ],
    [
      "a token in a wrong place",
      { ...GITLAB, stateProject: "glpat-secret-of-olga" },
      OWN,
      /^cdktf\.json: context\.stateProject: got "\[a token\]"; allowed/,
    ],
    ["a token as the kind", { state: "glpat-secret-of-olga" }, OWN, /^cdktf\.json: got state "\[a token\]"/],
  ])("GIVEN %s THEN it is refused, with the fix and no token", (_, context, environment, message) => {
    const settings = () => stateSettings(context as Record<string, unknown>, environment);
    expect(settings).toThrow(StateError);
    expect(settings).toThrow(message);
    expect(settings).not.toThrow(/glpat-/);
  });
});
