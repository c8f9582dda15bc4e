import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";

const ROOT = path.join(__dirname, "../..");
const TEMPLATE = readFileSync(path.join(ROOT, "templates/conformance.yml"), "utf8");
const INPUTS = { group: "tests/conformance", repository: "https://gitlab.example.com/tools/gitlab-ci-pusher.git" };

let sandbox: Sandbox;

beforeAll(async () => {
  const files = { "templates/conformance.yml": TEMPLATE };
  sandbox = await Sandbox.start({ provider: "registry", seed: { projects: [{ path: "tests/nightly", files }] } });
});

afterAll(() => sandbox.stop());

const lint = async (inputs: object) => {
  const content = JSON.stringify({ include: [{ local: "templates/conformance.yml", inputs }] });
  return (await ApiClient.admin(sandbox).post("/projects/tests%2Fnightly/ci/lint", { content })).body;
};

test("GIVEN the inputs it needs WHEN GitLab lints it THEN its job runs by schedule, with the token in the environment alone", async () => {
  const { valid, errors, merged_yaml } = await lint({ ...INPUTS, options: "--redact" });
  expect([valid, errors]).toEqual([true, []]);
  const { conformance: job } = parse(merged_yaml);
  expect(job.rules).toEqual([{ if: expect.stringContaining('"schedule"') }]);
  expect(job.variables).toMatchObject({ CONFORMANCE_GROUP: INPUTS.group, GITLAB_TOKEN: "$CONFORMANCE_TOKEN" });
  expect(job.script.at(-1)).toMatch(/^npm run --silent conformance -- --group "\$CONFORMANCE_GROUP" .* --redact$/);
  expect(job.script.filter((line: string) => /TOKEN/.test(line))).toEqual([expect.stringMatching(/^test -n /)]);
  expect(job.artifacts).toMatchObject({ access: "developer", paths: ["conformance.md"] });
});

test.each(Object.keys(INPUTS))("GIVEN no %s WHEN GitLab lints it THEN it is refused", async (name) => {
  const { valid, errors } = await lint({ ...INPUTS, [name]: undefined });
  expect([valid, errors.join()]).toEqual([false, expect.stringContaining(name)]);
});

test("its image is that of the ops repository's pipeline", () => {
  const image = /^ {6}default: (docker\.io\/library\/node:.*)$/m;
  expect(image.exec(TEMPLATE)![1]).toBe(image.exec(readFileSync(path.join(ROOT, "templates/ops.yml"), "utf8"))![1]);
});
