import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import type { PusherStack } from "../../constructs";
import { declareStack, loadInventory } from "../../inventory";
import { config, GITLAB, NOW, outdir, problems } from "../support/synth";

/** The stack of an inventory with one file. */
function stackOf(text: string): PusherStack {
  const folder = outdir();
  writeFileSync(path.join(folder, "ops.yaml"), text);
  const app = new App({ outdir: outdir() });
  return declareStack(app, loadInventory(folder)[0]!, { now: NOW, baseUrl: GITLAB });
}

describe("the stack of an inventory file", () => {
  test("has what the file says, token, variables and rules", () => {
    const { resource, import: adoptions } = config(
      stackOf(`
edition: premium
token_lifetime_limit: 400
deletion_protection: false
pushers:
  gitops:
    target: xlink/gitops
    token: {role: maintainer, name: PUSH, expires: [2030-06-01, 2031-02-14]}
    variable: {key: KEY, in: [xlink/shop, {project: xlink/web}, {group: xlink/apps}], environment: prod, protected: false, import: true}
    branches:
      main: {push: bot, merge: no one, code_owner_approval: true}
      release/*: {push: developer, force_push: true, guard: false, import: true}
  charts:
    target: xlink/gitops
    token: {expires: 2030-06-01}
    branches: {stable: {push: bot, guard: false, with: [gitops]}}
`),
    );
    const adopted = (adoptions as { id: string }[]).map(({ id }) => id);
    expect(adopted).toEqual([
      "xlink/shop:KEY:prod",
      "xlink/web:KEY:prod",
      "xlink/apps:KEY:prod",
      "xlink/gitops:release/*",
    ]);
    const of = (type: string) => Object.values(resource![type]!);
    expect(of("gitlab_project_access_token")).toEqual([
      expect.objectContaining({ name: "GITLAB_CI_PUSHER" }),
      expect.objectContaining({ name: "PUSH_B", expires_at: "2031-02-14", access_level: "maintainer" }),
      expect.objectContaining({ name: "PUSH", expires_at: "2030-06-01", project: "xlink/gitops" }),
    ]);
    const carried = {
      key: "KEY",
      environment_scope: "prod",
      protected: false,
      hidden: false,
      value: expect.stringContaining("gitops_TokenB_"),
    };
    expect(of("gitlab_project_variable")).toEqual([
      expect.objectContaining({ project: "xlink/gitops", key: "GITLAB_PUSHER_TOKEN" }),
      expect.objectContaining({ project: "xlink/shop", ...carried }),
      expect.objectContaining({ project: "xlink/web", ...carried }),
    ]);
    expect(of("gitlab_group_variable")).toEqual([expect.objectContaining({ group: "xlink/apps", ...carried })]);
    expect(of("gitlab_branch_protection")).toEqual([
      // its own bot and the two of gitops
      expect.objectContaining({ branch: "stable", allowed_to_push: Array(3).fill(expect.anything()) }),
      expect.objectContaining({
        branch: "main",
        push_access_level: "no one",
        merge_access_level: "no one",
        code_owner_approval_required: true,
        allowed_to_push: [expect.anything(), expect.anything()],
      }),
      expect.objectContaining({ branch: "mai*n" }),
      expect.objectContaining({ branch: "release/*", push_access_level: "developer", allow_force_push: true }),
    ]);
  });

  test("lets people, groups, deploy keys and bots in by name, beside the levels", () => {
    const { resource } = config(
      stackOf(`
edition: premium
pushers:
  other: {target: xlink/gitops, token: {expires: 2030-06-01}, variable: {key: OTHER}}
  gitops:
    target: xlink/gitops
    token: {expires: 2030-06-01}
    branches:
      main:
        push: maintainer
        unprotect: admin
        allowed_to_push: [bot, user: anna, deploy_key: 5]
        allowed_to_merge: [{group: xlink/release}, bot]
        allowed_to_unprotect: [user: 7]
        with: [other]
        guard: false
`),
    );
    const [rule] = Object.values(resource!.gitlab_branch_protection!);
    const bots = ["gitops", "other"].map((id) => ({
      user_id: expect.stringContaining(`{gitlab_project_access_token.${id}_`),
    }));
    expect(rule).toMatchObject({
      push_access_level: "maintainer",
      unprotect_access_level: "admin",
      allowed_to_push: [...bots, { user_id: expect.stringContaining("gitlab_user.Known_anna_") }, { deploy_key_id: 5 }],
      allowed_to_merge: [{ group_id: expect.stringContaining("gitlab_group_ids.Known_xlink_release_") }, ...bots],
      allowed_to_unprotect: [{ user_id: 7 }],
    });
  });

  test("has the rules of tags that the file says, and errors point to them", () => {
    const text = (tags: string) =>
      `edition: premium\npushers:\n  gitops:\n    target: xlink/gitops\n    token: {expires: 2030-06-01}\n    tags:\n      ${tags}\n`;
    const { resource } = config(
      stackOf(text("rel/*: {create: no one, allowed_to_create: [bot, user: 7], guard: false}")),
    );
    expect(Object.values(resource!.gitlab_tag_protection!)).toEqual([
      expect.objectContaining({
        project: "xlink/gitops",
        tag: "rel/*",
        create_access_level: "no one",
        allowed_to_create: [{ user_id: expect.stringContaining("gitops_Token_") }, { user_id: 7 }],
      }),
    ]);
    expect(problems(stackOf(text("rel/*: {create: maintainer}")))).toEqual([
      expect.stringMatching(
        /ops\.yaml:7:7: \[ops\/gitops\/Tag rel:\*\] got create: maintainer with a bot of role developer; .*, or let it in by name, allowed_to_create: \[bot\]$/,
      ),
    ]);
  });

  test("has hidden variables where it says so", () => {
    const { resource } = config(
      stackOf("pushers: {x: {target: a/b, token: {expires: 2030-06-01}, variable: {hidden: true}}}"),
    );
    expect(Object.values(resource!.gitlab_project_variable!)).toEqual([expect.objectContaining({ hidden: true })]);
  });

  test("reports what only the whole stack shows, with the file's line", () => {
    const stack = stackOf(`pushers:
  gitops:
    target: xlink/gitops
    token:
      expires:
        - 2030-01-01
        - 2031-06-01
    variable: {environment: "a,b"}
    branches:
      main: {push: no one}
      "m*": {push: maintainer}
      a/b: {push: maintainer}
`);
    expect(
      problems(stack).map((problem) => problem.replace(/^.*?(ops\.yaml:\d+)\S* (\[[^\]]*\] got \S+ \S+).*$/, "$1 $2")),
    ).toEqual([
      "ops.yaml:2 [ops/gitops] got only rules",
      "ops.yaml:6 [ops/gitops/Token] got 2030-01-01, which",
      "ops.yaml:7 [ops/gitops/TokenB] got 2031-06-01, 507",
      "ops.yaml:8 [ops/gitops/Variable xlink:gitops] got the environment",
      "ops.yaml:11 [ops/gitops/Rule m*] got push: maintainer",
      "ops.yaml:12 [ops/gitops/Rule a:b] got push: maintainer",
      "ops.yaml:11 [ops/gitops/Rule m*] got the wildcard",
    ]);
  });
});

test.each(["__proto__", "constructor", "toString"])(
  "GIVEN a branch called %s THEN its rule and its guard are declared as any other's",
  (name) => {
    const { resource } = config(
      stackOf(
        `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, branches: {${name}: {push: developer}, main: {push: developer}}}}`,
      ),
    );
    const branches = Object.values(resource!.gitlab_branch_protection!).map(({ branch }) => branch);
    expect(branches.sort()).toEqual([name, `${name.slice(0, -1)}*${name.slice(-1)}`, "main", "mai*n"].sort());
  },
);

describe("set-ups that people have", () => {
  const declaredBy = (text: string, edition = "free") =>
    config(stackOf(`edition: ${edition}\npushers: {p: {target: team/app, token: {expires: 2030-06-01}, ${text}}}`))
      .resource!;

  test("GIVEN a bot beside a user and a group THEN the rule lists all three", () => {
    const { gitlab_branch_protection: rules } = declaredBy(
      "branches: {main: {push: bot, allowed_to_push: [{user: dana}, {group: release-managers}]}}",
      "premium",
    );
    const main = Object.values(rules!).find(({ branch }) => branch === "main");
    expect(main).toMatchObject({ push_access_level: "no one", allowed_to_push: Array(3).fill(expect.anything()) });
  });

  test("GIVEN tags for a release job THEN they have a rule", () => {
    const { gitlab_tag_protection: rules } = declaredBy(
      "branches: {main: {push: developer}}, tags: {v*: {create: developer}}",
    );
    expect(Object.values(rules!)).toContainEqual(
      expect.objectContaining({ tag: "v*", create_access_level: "developer" }),
    );
  });

  test("GIVEN prefix, suffix and slash patterns that overlap THEN each has one rule", () => {
    const names = ["r-*", "*-some-suffix", "xfce-*", "release/*", "release-*"];
    const { gitlab_branch_protection: rules } = declaredBy(
      `branches: {${names.map((name) => `'${name}': {push: developer}`).join(", ")}}`,
    );
    const branches = Object.values(rules!).map(({ branch }) => String(branch));
    expect(branches.filter((name) => !name.includes("**")).sort()).toEqual([...names].sort());
  });
});
