import { Deployment, inventory } from "../support/deployment";

const KEY = "GITLAB_PUSHER_TOKEN";

describe("a deployed pusher", () => {
  let deployment: Deployment;
  const first = inventory({ token: "{expires: [2100-12-01, 2100-06-01]}" });

  beforeAll(async () => {
    deployment = await Deployment.start();
    expect((await deployment.push((await deployment.job("xlink/gitops")).token)).stderr).toContain(
      "The requested URL returned error: 403",
    );
    await deployment.deploy(first);
  });
  afterAll(() => deployment.stop());

  const value = async (project = "xlink/gitops") => (await deployment.job(project)).variables[KEY] ?? "";

  test("lets the job push with exactly the variable's value", async () => {
    const { code, lines } = await deployment.push(await value());
    expect(lines).toContainEqual(expect.stringMatching(/HEAD -> main$/));
    expect(code).toBe(0);
  });

  test("gives the source project's jobs the same value", async () => {
    expect(await value("xlink/shop")).toBe(await value());
    expect(await value()).toMatch(/^glpat-.+\..+\./); // routable: with dots (trap 17)
    expect((await deployment.api.get(`/projects/xlink%2Fshop/variables/${KEY}`)).body).toMatchObject({ masked: true });
  });

  test("hands the variable to jobs on protected branches only: elsewhere it is absent (trap 9)", async () => {
    expect((await deployment.job("xlink/gitops", "feature")).variables).not.toHaveProperty(KEY);
    expect((await deployment.push("")).stderr).toMatch(
      /HTTP Basic: Access denied|could not read Password|Authentication failed/,
    );
  });

  test("has nothing to do the second time", async () => {
    const plan = await deployment.plan(first);
    expect(plan.isEmpty).toBe(true);
    expect(await deployment.deploy(first)).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("leaves no value but in the state: not in the configuration, not in what Terraform prints (trap 6)", async () => {
    const config = await deployment.synth(first);
    const printed = await deployment.deploy(first);
    const secret = await value();
    // An output, even a sensitive one, is a second copy that `cdktf output` and `terraform output` print.
    expect(config).not.toHaveProperty("output");
    expect(JSON.stringify(config)).not.toContain(secret);
    expect(printed).not.toContain(secret);
    expect(deployment.state()).toContain(secret);
  });

  test("shows a rule that someone widened by hand, and puts it right without an open moment", async () => {
    const path = "/projects/xlink%2Fgitops/protected_branches/main";
    await deployment.api.delete(path);
    await deployment.api.post("/projects/xlink%2Fgitops/protected_branches", {
      name: "main",
      push_access_level: 30,
      merge_access_level: 30,
      allow_force_push: true,
    });
    const plan = await deployment.plan(first);
    const change = plan.changes.find(({ address }) =>
      address.startsWith("gitlab_branch_protection.gitops_Rulemain_B"),
    )!;
    expect(change.before).toMatchObject({ merge_access_level: "developer", allow_force_push: true });
    expect(change.after).toMatchObject({ merge_access_level: "maintainer", allow_force_push: false });
    await deployment.deploy(first);
    expect((await deployment.plan(first)).isEmpty).toBe(true);
    expect(await deployment.rules()).toEqual({ main: "Developers + Maintainers", "mai*n": "No one" });
  });

  test("shows a variable that someone changed by hand, without its value", async () => {
    const path = `/projects/xlink%2Fshop/variables/${KEY}`;
    await deployment.api.put(path, { value: "something-else", protected: false });
    const plan = await deployment.plan(first);
    expect(
      plan.changes.filter(({ actions }) => actions.join() === "update").map(({ after }) => after?.project),
    ).toEqual(["xlink/shop"]);
    expect(plan.stdout).not.toContain("something-else");
    await deployment.deploy(first);
    expect((await deployment.api.get(path)).body).toMatchObject({
      value: await value(),
      protected: true,
      masked: true,
    });
  });

  test("is refused by GitLab's own words when the operator's token may not do it (trap 12)", async () => {
    await deployment.api.control("POST", "faults", {
      method: "POST",
      path: "access_tokens",
      times: 1,
      status: 400,
      body: { message: "400 Bad request - User does not have permission to create project access token" },
    });
    const other = inventory({
      token: "{expires: 2100-06-01, name: OTHER}",
      variable: "{key: OTHER}",
      branches: "{release/*: {push: developer}}",
    }).replace("gitops:", "other:");
    const { exitCode, errors } = await deployment.tryDeploy(`${first}${other.slice(other.indexOf("  other:"))}`);
    expect(exitCode).toBe(1);
    expect(errors).toContain("User does not have permission to create project access token");
    // Nothing was opened for a bot that is not there (trap 1).
    expect(await deployment.rules()).not.toHaveProperty("release/*");
    await deployment.deploy(first);
  });
});

describe("with the provider's bugs of 18.6 (trap 2)", () => {
  test("a rotation still updates the variable in place, because `hidden` is written out", async () => {
    const deployment = await Deployment.start({ quirks: "18.6" });
    try {
      await deployment.deploy(inventory());
      await deployment.forgetCalls();
      await deployment.deploy(inventory({ token: "{expires: 2100-07-01}" }));
      const changes = (await deployment.calls()).filter(
        (call) => !call.startsWith("GET") && call.includes("variables"),
      );
      expect(changes.map((call) => call.split(" ")[0])).toEqual(["PUT", "PUT"]);
    } finally {
      await deployment.stop();
    }
  });
});

describe("taking things out", () => {
  let deployment: Deployment;
  const both = inventory({ branches: "{main: {push: developer}, release/*: {push: developer}}" });

  beforeEach(async () => {
    deployment = await Deployment.start();
    await deployment.deploy(both);
  });
  afterEach(() => deployment.stop());

  const tokens = async () =>
    ((await deployment.api.get("/projects/xlink%2Fgitops/access_tokens?state=active")).body as unknown[]).length;
  const rules = { main: "Developers + Maintainers", "release/*": "Developers + Maintainers" };

  test("destroying the stack is refused, before anything is destroyed, and says how to go on", async () => {
    const { exitCode, errors } = await deployment.destroy();
    expect(exitCode).toBe(1);
    expect(errors).toContain("set deletion_protection to false in pushers/ops.yaml, then destroy again");
    expect(await deployment.rules()).toMatchObject(rules);
    expect((await deployment.push((await deployment.job("xlink/gitops")).variables[KEY]!)).code).toBe(0);
  });

  test("the operator says so: everything goes, the branches are open", async () => {
    await deployment.synth(inventory({ head: "deletion_protection: false\n" }));
    expect((await deployment.destroy()).stdout).toMatch(/Destroy complete/);
    expect(await deployment.rules()).toEqual({});
    expect(await tokens()).toBe(0);
    expect((await deployment.job("xlink/gitops")).variables).not.toHaveProperty(KEY);
  });

  test("a pusher taken out leaves its branches protected: the rules stay, token, variable and guards go", async () => {
    const stdout = await deployment.deploy("pushers: {}\n");
    expect(stdout).toMatch(
      /will no longer be managed|will be removed from the OpenTofu state but will not be destroyed/,
    );
    expect(await deployment.rules()).toEqual(rules);
    expect(await tokens()).toBe(0);
    expect((await deployment.job("xlink/gitops")).variables).not.toHaveProperty(KEY);
    // and the next deploy has forgotten them
    expect(await deployment.deploy("pushers: {}\n")).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("a branch taken out stays protected too", async () => {
    await deployment.deploy(inventory());
    expect(await deployment.rules()).toEqual({ ...rules, "mai*n": "No one" });
  });

  test("without deletion protection the rules go with their pusher", async () => {
    await deployment.deploy(`deletion_protection: false\n${both}`);
    await deployment.deploy("deletion_protection: false\npushers: {}\n");
    expect(await deployment.rules()).toEqual({});
  });
});

describe("adopting what exists", () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await Deployment.start();
    await deployment.api.post("/projects/xlink%2Fgitops/protected_branches", {
      name: "release/*",
      push_access_level: 40,
      merge_access_level: 40,
    });
    await deployment.api.post("/projects/xlink%2Fshop/variables", { key: KEY, value: "pasted-long-ago", masked: true });
  });
  afterEach(() => deployment.stop());

  const adopting = (flag: string) =>
    inventory({ variable: `{in: [xlink/shop]${flag}}`, branches: `{release/*: {push: developer${flag}}}` });

  test("without saying so fails and names the rule and the variable", async () => {
    const { exitCode, errors } = await deployment.tryDeploy(adopting(""));
    expect(exitCode).toBe(1);
    expect(errors).toContain('protected branch "release/*" on project "xlink/gitops" already exists');
    expect(errors).toContain("(GITLAB_PUSHER_TOKEN) has already been taken");
  });

  const rule = "/api/v4/projects/xlink/gitops/protected_branches";

  test("a variable is taken over, and the value that was there never shown", async () => {
    const stdout = await deployment.deploy(adopting(", import: true"));
    expect(stdout).toMatch(/1 imported/);
    expect(stdout).not.toContain("pasted-long-ago");
    expect((await deployment.api.get(`/projects/xlink%2Fshop/variables/${KEY}`)).body).toMatchObject({
      protected: true,
      masked: true,
      value: expect.stringMatching(/^glpat-/),
    });
  });

  test("a rule is taken over in two deploys, and replaced only once its guard stands (trap 1)", async () => {
    const changes = async () =>
      (await deployment.calls()).filter((call) => !call.startsWith("GET") && call.includes(rule));
    await deployment.forgetCalls();
    await deployment.deploy(adopting(", import: true"));
    expect(await changes()).toEqual([`POST ${rule}`]);
    expect(await deployment.rules()).toMatchObject({ "release/*": "Maintainers", "release/**": "No one" });
    await deployment.forgetCalls();
    await deployment.deploy(adopting(", import: true"));
    expect(await changes()).toEqual([`DELETE ${rule}/release/*`, `POST ${rule}`]);
    expect(await deployment.rules()).toMatchObject({ "release/*": "Developers + Maintainers", "release/**": "No one" });
    expect((await deployment.plan(adopting(", import: true"))).isEmpty).toBe(true);
    expect((await deployment.plan(adopting(""))).isEmpty).toBe(true);
  });
});
