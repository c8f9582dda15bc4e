import * as path from "node:path";
import { App, HttpBackend, LocalBackend, TerraformOutput } from "cdktf";
import { CiPusher, type CiPusherProps, PusherStack, type PusherStackProps } from "../../constructs";
import { DeployedState } from "../../state/deployed-state";
import { LEFT_OUT } from "../../state/left-out-states";
import type { StackState } from "../../state/stack-state";
import { config, GITLAB, NOW, outdir, problems, stateOf, stateWith, testStack } from "../support/synth";

function pusher(stack: PusherStack, id: string, props: Partial<CiPusherProps> = {}): CiPusher {
  return new CiPusher(stack, id, {
    target: "xlink/gitops",
    token: { expires: "2030-06-01" },
    variable: { key: id.toUpperCase() },
    ...props,
  });
}

/** What a synth warns of. */
const warnings = (stack: PusherStack): string[] => {
  config(stack);
  return stack.node.metadata.map(({ data }) => data as string);
};

describe("a pusher stack", () => {
  test("asks for the provider releases it is written for, not the one the bindings pin", () => {
    expect(config(testStack()).terraform).toMatchObject({
      required_version: ">= 1.7.0",
      required_providers: { gitlab: { source: "gitlabhq/gitlab", version: ">= 18.8.2, < 19.0.0" } },
    });
  });

  test("asks for releases of provider 19 where it is written for that", () => {
    expect(config(testStack({ provider: 19 })).terraform).toMatchObject({
      required_providers: { gitlab: { version: ">= 19.0.0, < 20.0.0" } },
    });
  });

  test("refuses Premium on Community Edition, which takes no licence", () => {
    expect(problems(testStack({ edition: "premium", package: "ce" }))).toEqual([
      "[ops] got edition premium with package ce; allowed: package ee: Community Edition takes no licence; fix: leave package out, or set the edition to free",
    ]);
  });

  test("without pushers is valid Terraform: no empty `resource`", () => {
    expect(config(testStack())).not.toHaveProperty("resource");
  });

  test("keeps its state in an ignored folder, by a path that names no machine", () => {
    // GIVEN a stack as main.ts makes it, with the default folders
    const app = new App({ outdir: path.join(process.cwd(), "cdktf.out") });
    const stack = new PusherStack(app, "ops", { now: NOW, baseUrl: GITLAB });
    expect(config(stack).terraform).toMatchObject({ backend: { local: { path: "../../../.state/ops.tfstate" } } });
  });

  test("keeps its state in the very folder it was told, whatever that is called", () => {
    const file = path.join(outdir(), "d${x}%{y} z", "ops.tfstate");
    const stack = testStack({ state: { ...stateOf(undefined), backend: { kind: "local", file } } });
    const { backend } = config(stack).terraform as { backend: { local: { path: string } } };
    expect(path.basename(path.dirname(backend.local.path))).toBe("d${x}%{y} z");
  });

  test("takes the backend it is given", () => {
    const stack = testStack();
    new HttpBackend(stack, { address: "https://gitlab.example.com/state" });
    expect(config(stack).terraform).toMatchObject({
      backend: { http: { address: "https://gitlab.example.com/state" } },
    });
  });

  test("leaves out the metadata that makes the cdktf command line slow, and keeps what others add", () => {
    const stack = testStack();
    pusher(stack, "gitops", { branches: { main: { push: "developer" } } });
    new TerraformOutput(stack, "note", { value: "kept" });
    const { resource, output } = config(stack);
    expect(JSON.stringify(resource)).not.toContain('"//"');
    expect(output).toMatchObject({ note: { value: "kept" } });
  });

  test("honours what is overridden on a resource after it was made", () => {
    const stack = testStack();
    const { carrier } = pusher(stack, "gitops");
    const resource = carrier.node.defaultChild as unknown as { addOverride(path: string, value: unknown): void };
    resource.addOverride("lifecycle.ignore_changes", ["name"]);
    expect(Object.values(config(stack).resource!.gitlab_project_access_token!)[0]).toMatchObject({
      lifecycle: { create_before_destroy: true, ignore_changes: ["name"] },
    });
  });

  test("is checked anew at each synth", () => {
    const stack = testStack();
    pusher(stack, "gitops");
    expect(problems(stack)).toEqual([]);
    pusher(stack, "shop", { target: "4711" });
    expect(problems(stack)).not.toEqual([]);
  });

  test("never repeats a token that was pasted into it", () => {
    const stack = testStack();
    pusher(stack, "gitops", { variable: { environment: "glpat-0123456789abcdefghij,", in: [{ group: "xlink" }] } });
    expect(problems(stack)).toEqual([expect.stringContaining('got the environment "[a token],"')]);
  });

  test("may hold a pusher of any id, the provider's name included", () => {
    const stack = testStack();
    for (const id of ["gitlab", "backend", "provider"]) pusher(stack, id);
    expect(problems(stack)).toEqual([]);
  });

  test("reports every problem of every stack at once, with path and place", () => {
    const app = new App({ outdir: outdir() });
    const locate = (steps: readonly string[]) => `pushers/ops.yaml:${steps.length}`;
    const one = testStack({ locate }, app);
    pusher(one, "gitops", { target: "4711", token: { expires: "2029-01-01" } });
    const other = new PusherStack(app, "other", { now: NOW, baseUrl: GITLAB, lifetimeLimit: 500 });
    pusher(other, "shop", { variable: { key: "a b" } });
    expect(problems(one)).toEqual([
      expect.stringMatching(/^pushers\/ops\.yaml:2: \[ops\/gitops\/Token\] got the id 4711/),
      expect.stringMatching(/^pushers\/ops\.yaml:2: \[ops\/gitops\/Token\] got 2029-01-01/),
      expect.stringMatching(/^pushers\/ops\.yaml:2: \[ops\/gitops\/Variable 4711\] got the id 4711/),
      expect.stringMatching(/^\[other\] got a lifetime limit of 500 days; allowed: 1 to 400/),
      expect.stringMatching(/^\[other\/shop\/Variable xlink:gitops\] got "a b"/),
    ]);
  });

  test.each<[string, PusherStackProps, RegExp | undefined]>([
    [
      "free on gitlab.com",
      { baseUrl: "https://gitlab.com" },
      /got edition free on gitlab\.com; .*project access tokens do not exist; fix: .*job tokens \(GitLab 18\.4\).*deploy key/,
    ],
    ["free on gitlab.com's API address", { baseUrl: "https://gitlab.com/api/v4/" }, /edition free on gitlab\.com/],
    ["free, no address", { baseUrl: undefined }, /while GITLAB_BASE_URL is unset/],
    ["free, an empty address", { baseUrl: "" }, /while GITLAB_BASE_URL is unset/],
    ["premium on gitlab.com", { baseUrl: "https://gitlab.com", edition: "premium" }, undefined],
    [
      "an address without its scheme",
      { baseUrl: "gitlab.example.com" },
      /got GITLAB_BASE_URL "gitlab\.example\.com"; allowed: an address with http/,
    ],
    [
      "an address that is none",
      { baseUrl: "https://[gitlab" },
      /got GITLAB_BASE_URL "https:\/\/\[gitlab"; .*in the browser/,
    ],
    ["free on one's own", { baseUrl: "https://notgitlab.com" }, undefined],
  ])("%s (project access tokens do not exist on GitLab.com's Free tier)", (_, props, problem) => {
    expect(problems(testStack(props))).toEqual(problem ? [expect.stringMatching(problem)] : []);
  });
});

describe("advice", () => {
  test("when more than three tokens of all stacks expire on one day", () => {
    const stack = testStack();
    for (const id of ["a", "b", "c"]) pusher(stack, id);
    expect(warnings(stack)).toEqual([]);
    const more = testStack();
    for (const id of ["a", "b", "c", "d"]) pusher(more, id);
    expect(warnings(more)).toEqual([
      expect.stringMatching(
        /^more than 3 tokens expire on 2030-06-01 \(4\): .*`npx gitlab-ci-pusher rotate` staggers dates$/,
      ),
    ]);
  });

  test("when the state is elsewhere, so that rules taken out are deleted", () => {
    const stack = testStack();
    new HttpBackend(stack, { address: "https://gitlab.example.com/state" });
    pusher(stack, "gitops", { branches: { main: { push: "developer" } } });
    expect(warnings(stack)).toEqual([
      expect.stringMatching(/^the stack has a backend of its own, so .*a rule taken out here is deleted in GitLab/),
    ]);
  });

  test.each<[string, Partial<PusherStackProps>, RegExp]>([
    ["", {}, /^no answer, so .* deleted in GitLab, and its branch left open; a rotation that cuts .* not adopted$/],
    [
      ", without words on rules that may go",
      { deletionProtection: false },
      /^no answer, so .*should: a rotation that cuts .* not adopted$/,
    ],
  ])("when a state in GitLab could not be read%s", (_, props, warning) => {
    const stack = testStack({ state: { ...inGitLab(undefined), hidden: "no answer" }, ...props });
    pusher(stack, "gitops", { branches: { main: { push: "developer" } } });
    expect(stack.hidesState).toBe(true);
    expect(warnings(stack)).toEqual([expect.stringMatching(warning)]);
  });
});

describe("a state in GitLab", () => {
  const RULE = state("gitlab_branch_protection", "gitops_Rulemain_B9FA3726", {
    project: "xlink/gitops",
    branch: "main",
  });

  test("is a backend without credentials", () => {
    const stack = testStack({ state: inGitLab(RULE) });
    expect(config(stack).terraform).toMatchObject({
      backend: {
        http: {
          address: "https://gitlab.example.com/state",
          lock_address: "https://gitlab.example.com/state/lock",
          lock_method: "POST",
          unlock_address: "https://gitlab.example.com/state/lock",
          unlock_method: "DELETE",
          retry_wait_min: 5,
        },
      },
    });
    expect(stack.hidesState).toBe(false);
  });

  test("is what the checks look at", () => {
    expect(config(testStack({ state: inGitLab(RULE) })).removed).toEqual([
      { from: "gitlab_branch_protection.gitops_Rulemain_B9FA3726", lifecycle: { destroy: false } },
    ]);
  });

  test("gives way to a backend that the stack is given", () => {
    const stack = testStack({ state: inGitLab(RULE) });
    new LocalBackend(stack, { path: "elsewhere.tfstate" });
    expect(config(stack).terraform).toMatchObject({ backend: { local: { path: "elsewhere.tfstate" } } });
    expect(stack.hidesState).toBe(true);
  });
});

describe("a state that the synth is told to leave out", () => {
  test.each<[string, StackState]>([
    ["in a file", stateOf(undefined)],
    ["in GitLab", inGitLab(undefined)],
  ])("%s is not looked into, and the synth says so", (_, state) => {
    const left = testStack({ state: { ...state, hidden: LEFT_OUT } });
    expect(warnings(left)).toEqual([expect.stringMatching(/^readStates in the context leaves this stack out, so /)]);
    expect([left.readsState, left.hidesState]).toEqual([false, true]);
    expect(config(left).terraform).toEqual(config(testStack({ state })).terraform);
  });
});

test("GIVEN a stack that was handed no state, THEN a synth says what it does not check", () => {
  const stack = testStack({ state: undefined });
  expect(warnings(stack)).toEqual([expect.stringMatching(/^no state was handed to the stack .*a rotation that cuts/)]);
});

function state(type: string, name: string, attributes: object): string {
  return JSON.stringify({ version: 4, resources: [{ mode: "managed", type, name, instances: [{ attributes }] }] });
}

/** What a synth found in GitLab. */
function inGitLab(text: string | undefined): StackState {
  const address = "https://gitlab.example.com/state";
  return {
    backend: {
      kind: "http",
      address,
      lockAddress: `${address}/lock`,
      lockMethod: "POST",
      unlockAddress: `${address}/lock`,
      unlockMethod: "DELETE",
      retryWaitMin: 5,
    },
    deployed: DeployedState.fromText(text, { name: "the state", mend: "mend it" }),
  };
}

test("a stack's name must be fit for a command and a file", () => {
  const stack = new PusherStack(new App({ outdir: outdir() }), "a$(b)", {
    now: NOW,
    baseUrl: GITLAB,
  });
  expect(problems(stack)).toEqual([expect.stringMatching(/got the stack name "a\$\(b\)"; allowed: letters, digits/)]);
});

describe("branches of a stack that is destroyed stay protected", () => {
  test("by a resource that goes first and fails, saying how to go on", () => {
    const stack = testStack();
    pusher(stack, "gitops", { branches: { main: { push: "developer" } } });
    const { terraform_data, ...others } = config(stack).resource!;
    const { depends_on, provisioner } = terraform_data!.deletion_protection as {
      depends_on: string[];
      provisioner: object;
    };
    expect(provisioner).toEqual({
      "local-exec": {
        when: "destroy",
        quiet: true,
        command: expect.stringMatching(
          /^echo ops is protected from deletion.*set deletion_protection to false in pushers\/ops\.yaml, then destroy again\. && exit 1$/,
        ),
      },
    });
    // Guards are left to the rules, which wait for them in turn.
    const addresses = Object.entries(others).flatMap(([type, named]) =>
      Object.keys(named).map((name) => `${type}.${name}`),
    );
    expect([...depends_on].sort()).toEqual(addresses.filter((address) => !address.includes("_Guard_")).sort());
  });

  test("not when there is no rule to lose", () => {
    const stack = testStack();
    pusher(stack, "gitops");
    expect(config(stack).resource).not.toHaveProperty("terraform_data");
  });
});

describe("branches whose pusher is taken out stay protected", () => {
  const RULE = "gitlab_branch_protection";

  /** A stack without pushers whose state knows a rule, its guard and a token. */
  function emptied(props: PusherStackProps = {}): PusherStack {
    const resources = [
      managed(RULE, "gitops_Rulemain_B9FA3726", rule("main", "developer")),
      managed(RULE, "gitops_Rulemain_Guard_8DF62AC9", rule("mai*n", "no one")),
      managed("gitlab_project_access_token", "gitops_Token_2F333BE2"),
    ];
    return testStack({ state: stateWith(resources), ...props });
  }

  const managed = (type: string, name: string, attributes: object = {}) => ({
    mode: "managed",
    type,
    name,
    instances: [{ attributes }],
  });
  const rule = (branch: string, level: string) => ({
    project: "xlink/gitops",
    branch,
    push_access_level: level,
    merge_access_level: level,
  });

  test("by forgetting the rule, and nothing but the rule", () => {
    expect(config(emptied()).removed).toEqual([
      { from: `${RULE}.gitops_Rulemain_B9FA3726`, lifecycle: { destroy: false } },
    ]);
  });

  test.each([
    ["main_Guard", "Rulemain_Guard_B23FD73D", "Rulemain_Guard_Guard_1A2B3C4D", "main_Guar*d"],
    ["bodyGuard", "RulebodyGuard_8E46BC44", "RulebodyGuard_0C0C0C0C", "bodyGuar*d"],
  ])("also the rule of a branch that is called like a guard: %s", (branch, name, guard, companion) => {
    const resources = [
      managed(RULE, `gitops_${name}`, rule(branch, "no one")),
      managed(RULE, `gitops_${guard}`, rule(companion, "no one")),
    ];
    expect(config(testStack({ state: stateWith(resources) })).removed).toEqual([
      { from: `${RULE}.gitops_${name}`, lifecycle: { destroy: false } },
    ]);
  });

  test.each(["main_Guard", "bodyGuard"])(
    "GIVEN %s is deployed WHEN it stays THEN nothing of it is forgotten",
    (branch) => {
      const declared = (state = stateOf(undefined)) => {
        const stack = testStack({ state });
        pusher(stack, "gitops", { branches: { [branch]: { push: "developer" } } });
        return config(stack);
      };
      const resources = Object.entries(declared().resource![RULE]!).map(([name, attributes]) =>
        managed(RULE, name, attributes),
      );
      expect(resources).toHaveLength(2);
      expect(declared(stateWith(resources))).not.toHaveProperty("removed");
    },
  );

  test("not what only data sources and modules know", () => {
    const rule = { type: RULE, name: "gitops_Rulemain_B9FA3726", instances: [{}] };
    const resources = [
      { ...rule, mode: "data" },
      { ...rule, mode: "managed", module: "module.other" },
    ];
    expect(config(testStack({ state: stateWith(resources) }))).not.toHaveProperty("removed");
  });

  test("not when the rule is still declared", () => {
    const stack = emptied();
    pusher(stack, "gitops", { branches: { main: { push: "developer" } } });
    expect(config(stack)).not.toHaveProperty("removed");
  });

  test("not when the operator says so, and then destroying is not refused either", () => {
    const stack = emptied({ deletionProtection: false });
    pusher(stack, "shop", { branches: { "release/*": { push: "developer" } } });
    const synthesized = config(stack);
    expect(synthesized).not.toHaveProperty("removed");
    expect(synthesized.resource).not.toHaveProperty("terraform_data");
  });

  test.each([undefined, ""])("%j for a state is no obstacle", (text) => {
    expect(config(testStack({ state: stateOf(text) }))).not.toHaveProperty("removed");
  });
});

describe("policies over the whole app", () => {
  const app = () => new App({ outdir: outdir() });

  test.each<[string, CiPusherProps["branches"], CiPusherProps["branches"], RegExp[]]>([
    [
      "a wildcard that opens a branch its own rule closes (trap 8: the most permissive rule wins)",
      { main: { push: "no one" }, "m*": { push: "developer" } },
      {},
      [
        /\[ops\/a\/Rule m\*\] got the wildcard "m\*", which opens "main" of xlink\/gitops for push \(developer instead of no one\) although ops\/a\/Rule main closes it/,
      ],
    ],
    [
      "the same across pushers",
      { main: { push: "developer", merge: "no one" } },
      { "*": { push: "developer" } },
      [/\[ops\/b\/Rule \*\] .* opens "main" .* for merge \(maintainer instead of no one\) although ops\/a\/Rule main/],
    ],
    [
      "force push through a wildcard",
      { main: { push: "developer" }, "ma*": { push: "developer", allowForcePush: true } },
      {},
      [/opens "main" .* for force push/],
    ],
    [
      "a wildcard that opens a narrower one",
      { "release/*": { push: "no one" }, "*": { push: "developer" } },
      {},
      [
        /\[ops\/a\/Rule \*\] got the wildcard "\*", which opens "release\/\*" .* although ops\/a\/Rule release:\* closes it/,
      ],
    ],
    ["a narrower wildcard that is more open", { "*": { push: "no one" }, "release/*": { push: "developer" } }, {}, []],
    ["a wildcard as closed as the branch", { main: { push: "developer" }, "m*": { push: "developer" } }, {}, []],
    ["a wildcard that does not match", { main: { push: "no one" }, "release/*": { push: "developer" } }, {}, []],
    [
      "two rules for one branch",
      { main: { push: "developer" } },
      { main: { push: "developer" } },
      [
        /\[ops\/b\/Rule main\] got a second rule "main" of xlink\/gitops, beside ops\/a\/Rule main; allowed: one rule a branch/,
      ],
    ],
    [
      "a rule named like another's guard",
      { main: { push: "developer" }, "mai*n": { push: "developer" } },
      {},
      [/got a second rule "mai\*n" .* one of them is the guard/],
    ],
  ])("%s", (_, first, second, expected) => {
    const stack = testStack({}, app());
    pusher(stack, "a", { branches: first });
    pusher(stack, "b", { branches: second });
    expect(problems(stack)).toEqual(expected.map((pattern) => expect.stringMatching(pattern)));
  });

  test("a wildcard of another stack, and the project in another case", () => {
    const root = app();
    pusher(testStack({}, root), "a", { branches: { main: { push: "no one" }, "release/*": { push: "developer" } } });
    const other = new PusherStack(root, "other", { now: NOW, baseUrl: GITLAB });
    pusher(other, "b", { target: "xlink/GitOps", branches: { "m*": { push: "developer" } } });
    expect(problems(other)).toEqual([
      expect.stringMatching(/\[other\/b\/Rule m\*\] .* opens "main" .* although ops\/a\/Rule main closes it/),
    ]);
  });

  test("two variables of one key, environment and home, in two stacks and in another case", () => {
    const root = app();
    pusher(testStack({}, root), "a", { variable: { key: "PUSH" } });
    const other = new PusherStack(root, "other", { now: NOW, baseUrl: GITLAB });
    pusher(other, "b", { target: "xlink/GitOps", variable: { key: "PUSH" } });
    expect(problems(other)).toEqual([
      expect.stringMatching(
        /\[other\/b\/Variable xlink:GitOps\] got a second variable PUSH for environment "\*" in xlink\/GitOps, beside ops\/a\/Variable xlink:gitops/,
      ),
    ]);
  });

  test("the same key in a project, a group and another environment is fine", () => {
    const stack = testStack({}, app());
    pusher(stack, "a", { variable: { key: "PUSH", in: [{ project: "xlink/gitops" }, { group: "xlink/gitops" }] } });
    pusher(stack, "b", { variable: { key: "PUSH", environment: "prod" } });
    expect(problems(stack)).toEqual([]);
  });
});
