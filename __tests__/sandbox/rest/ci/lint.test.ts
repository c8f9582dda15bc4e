import { parse } from "yaml";
import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";

let sandbox: Sandbox;
let admin: ApiClient;

const LINT = "/projects/xlink%2Fshop/ci/lint";

const CONFIG = `
include:
  - local: /ci/base.yml
  - project: xlink/templates
    file: push.yml
default:
  image: alpine
deploy:
  extends: [.base, .push]
  stage: deploy
  needs: [test]
  script:
    - !reference [.setup, script]
    - ./deploy
`;

beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      projects: [
        {
          path: "xlink/shop",
          files: {
            ".gitlab-ci.yml": CONFIG,
            "ci/base.yml":
              ".base: {tags: [docker], variables: {A: base, B: base}}\ntest: {script: make test}\n.setup: {script: [one, two]}\n",
          },
        },
        { path: "xlink/templates", files: { "push.yml": ".push: {variables: {B: push}}\n" } },
        { path: "xlink/none" },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
});

afterAll(() => sandbox.stop());

test("GIVEN includes, extends and references WHEN the repository is linted THEN the merged YAML has them resolved", async () => {
  const { status, body } = await admin.get(`${LINT}?include_jobs=true`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ valid: true, errors: [], warnings: [] });
  expect(parse(body.merged_yaml)).toEqual({
    ".base": { tags: ["docker"], variables: { A: "base", B: "base" } },
    test: { script: "make test" },
    ".setup": { script: ["one", "two"] },
    ".push": { variables: { B: "push" } },
    default: { image: "alpine" },
    deploy: {
      tags: ["docker"],
      variables: { A: "base", B: "push" },
      stage: "deploy",
      needs: ["test"],
      script: ["one", "two", "./deploy"],
    },
  });
  expect(body.includes).toMatchObject([
    { type: "local", location: "ci/base.yml" },
    { type: "file", location: "push.yml", extra: { project: "xlink/templates" } },
  ]);
  expect(body.jobs.map(({ name }: { name: string }) => name)).toEqual(["test", "deploy"]);
});

test.each([
  ["no jobs", "stages: [a]", "jobs config should contain at least one visible job"],
  ["no script", "a: {stage: test}", "jobs a config should implement the script:, run:, or trigger: keyword"],
  ["an unknown key", "a: {script: x, scrip: y}", "jobs:a config contains unknown keys: scrip"],
  [
    "an unknown stage",
    "a: {script: x, stage: ship}",
    "a job: chosen stage ship does not exist; available stages are .pre, build, test, deploy, .post",
  ],
  ["an unknown need", "a: {script: x, needs: [b]}", "a job: undefined need: b"],
  ["an unknown parent", "a: {extends: .b}", "a: unknown keys in `extends` (.b)"],
  [
    "a circle",
    ".a: {extends: .b}\n.b: {extends: .a}\nc: {extends: .a}",
    ".a: circular dependency detected in `extends`",
  ],
  ["a missing file", "include: none.yml", "Local file `none.yml` does not exist!"],
  [
    "a remote file",
    "include: {remote: 'https://example.com/a.yml'}",
    "include:remote `https://example.com/a.yml` could not be fetched: the sandbox has only local and project files",
  ],
  ["a list for a document", "[a]", "Invalid configuration format"],
])("GIVEN %s WHEN content is linted THEN it is told", async (_what, content, error) => {
  const { status, body } = await admin.post(LINT, { content });
  expect(status).toBe(200);
  expect(body).toMatchObject({ valid: false, errors: [error] });
});

test("GIVEN broken YAML WHEN linted THEN the error names the file", async () => {
  const { body } = await admin.post(LINT, { content: "a: [" });
  expect(body.valid).toBe(false);
  expect(body.errors[0]).toMatch(/^\(\.gitlab-ci\.yml\): /);
});

test("GIVEN no configuration WHEN the repository is linted THEN it is invalid", async () => {
  expect((await admin.get("/projects/xlink%2Fnone/ci/lint")).body).toMatchObject({
    valid: false,
    errors: ["Please provide content of .gitlab-ci.yml"],
  });
  expect((await admin.post(LINT, {})).body).toEqual({ error: "content is missing" });
});
