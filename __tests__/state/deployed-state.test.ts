import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { inspect } from "node:util";
import { DeployedState } from "../../state/deployed-state";
import { variableIdentity } from "../../state/identity";
import { outdir } from "../support/synth";

/** The ids in a state file with this text, by construct path; undefined when nothing is known from it. */
function idsIn(text: string): Record<string, number | undefined> | undefined {
  const file = path.join(outdir(), "ops.tfstate");
  writeFileSync(file, text);
  const tokens = DeployedState.known(file)?.tokens;
  return tokens && Object.fromEntries([...tokens].map(([construct, { id }]) => [construct, id]));
}

const token = (id: unknown, description: unknown, more = {}) => ({
  attributes: { id, description, expires_at: "2030-06-01", token: "secret" },
  ...more,
});
const state = (...instances: object[]) =>
  JSON.stringify({
    version: 4,
    resources: [
      { mode: "managed", type: "gitlab_project_access_token", instances },
      { mode: "managed", type: "gitlab_project_variable" },
    ],
  });

test.each<[string, string, Record<string, number | undefined> | undefined]>([
  [
    "two slots",
    state(token("7:41", "gitlab-ci-pusher ops/gitops/Token"), token("7:42", "gitlab-ci-pusher ops/gitops/TokenB")),
    { "ops/gitops/Token": 41, "ops/gitops/TokenB": 42 },
  ],
  [
    "a project by its path",
    state(token("xlink/gitops:41", "gitlab-ci-pusher ops/gitops/Token")),
    { "ops/gitops/Token": 41 },
  ],
  [
    "a replaced token that was not revoked yet",
    state(
      token("7:43", "gitlab-ci-pusher ops/gitops/Token"),
      token("7:41", "gitlab-ci-pusher ops/gitops/Token", { deposed: "0a1b2c3d" }),
    ),
    { "ops/gitops/Token": 43 },
  ],
  ["somebody else's token", state(token("7:41", "deploy"), token("7:42", null)), {}],
  ["a token without an id", state(token(null, "gitlab-ci-pusher ops/gitops/Token")), { "ops/gitops/Token": undefined }],
  ["nothing deployed", JSON.stringify({ version: 4, resources: [] }), {}],
  ["an encrypted state", JSON.stringify({ version: 4, encrypted_data: "abc" }), undefined],
  ["an empty file", "", undefined],
])("GIVEN a state with %s", (_name, text, ids) => expect(idsIn(text)).toEqual(ids));

test("GIVEN no state file, nothing is known", () => {
  expect(DeployedState.known(path.join(outdir(), "ops.tfstate"))).toBeUndefined();
});

test("GIVEN an encrypted state, a reader is told so", () => {
  const text = JSON.stringify({ serial: 1, lineage: "x", encrypted_data: "abc" });
  expect(read(text)).toMatchObject({ begun: true, encrypted: true, addresses: new Set() });
});

const read = (text: string) => DeployedState.fromText(text, { name: "ops.tfstate", mend: "mend it" });

test.each<[string, string, RegExp]>([
  ["is cut off", '{"version": 4, "resou', /^got ops\.tfstate, which is cut off: Terraform was killed.*; fix: mend it$/],
  [
    "is of a newer version",
    '{"version": 5}',
    /^got ops\.tfstate, a state of version 5, which a newer Terraform wrote; .*nothing in the state is broken$/,
  ],
  ["is of an older version", '{"version": 3}', /^got ops\.tfstate, which is no Terraform state \(version 4\)/],
  ["has no list of resources", '{"version": 4, "resources": {}}', /no Terraform state/],
  ["is something else", "glpat-secret", /no Terraform state/],
  ["is a number", "4", /no Terraform state/],
  ["is null", "null", /no Terraform state/],
])("GIVEN a state that %s WHEN it is read THEN that is said, and not its text", (_, text, message) => {
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).not.toThrow(/glpat/);
});

test("GIVEN a variable that holds a token of ours, tells which, and knows the value again without keeping it", () => {
  const variable = { project: "xlink/shop", key: "KEY", environment_scope: "*" };
  const found = read(
    JSON.stringify({
      version: 4,
      resources: [
        {
          mode: "managed",
          type: "gitlab_project_access_token",
          name: "a",
          instances: [token("7:41", "gitlab-ci-pusher ops/gitops/Token")],
        },
        {
          mode: "managed",
          type: "gitlab_project_variable",
          name: "b",
          instances: [
            { attributes: { ...variable, value: "secret" } },
            { attributes: { ...variable, key: "OTHER", value: "another" } },
          ],
        },
      ],
    }),
  );
  expect([found.tokenWith("secret"), found.tokenWith("another")]).toEqual(["ops/gitops/Token", undefined]);
  const held = ["KEY", "OTHER"].map((key) => found.tokenIn(variableIdentity("project", "Xlink/Shop", key, "*")));
  expect(held).toEqual(["ops/gitops/Token", undefined]);
  expect(inspect(found, { depth: null })).not.toMatch(/secret|another/);
});
