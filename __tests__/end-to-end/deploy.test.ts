import { Deployment, inventory } from "../support/deployment";

const KEY = "GITLAB_PUSHER_TOKEN";

describe("a deployed pusher", () => {
  let it: Deployment;
  const first = inventory({ token: "{expires: [2100-12-01, 2100-06-01]}" });

  beforeAll(async () => {
    it = await Deployment.start();
    expect((await it.push((await it.job("xlink/gitops")).token)).stderr).toContain(
      "The requested URL returned error: 403",
    );
    await it.deploy(first);
  });
  afterAll(() => it.stop());

  const value = async (project = "xlink/gitops") => (await it.job(project)).variables[KEY] ?? "";

  test("lets the job push with exactly the variable's value", async () => {
    const { code, lines } = await it.push(await value());
    expect(lines).toContainEqual(expect.stringMatching(/HEAD -> main$/));
    expect(code).toBe(0);
  });

  test("gives the source project's jobs the same value", async () => {
    expect(await value("xlink/shop")).toBe(await value());
    expect(await value()).toMatch(/^glpat-.+\..+\./); // routable: with dots (trap 17)
    expect((await it.api.get(`/projects/xlink%2Fshop/variables/${KEY}`)).body).toMatchObject({ masked: true });
  });

  test("hands the variable to jobs on protected branches only: elsewhere it is absent (trap 9)", async () => {
    expect((await it.job("xlink/gitops", "feature")).variables).not.toHaveProperty(KEY);
    expect((await it.push("")).stderr).toMatch(
      /HTTP Basic: Access denied|could not read Password|Authentication failed/,
    );
  });

  test("has nothing to do the second time", async () => {
    const plan = await it.plan(first);
    expect(plan.isEmpty).toBe(true);
    expect(await it.deploy(first)).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("leaves no value but in the state: not in the configuration, not in what Terraform prints (trap 6)", async () => {
    const config = await it.synth(first);
    const printed = await it.deploy(first);
    const secret = await value();
    // An output, even a sensitive one, is a second copy that `cdktf output` and `terraform output` print.
    expect(config).not.toHaveProperty("output");
    expect(JSON.stringify(config)).not.toContain(secret);
    expect(printed).not.toContain(secret);
    expect(it.state()).toContain(secret);
  });

  test("shows a rule that someone widened by hand, and puts it right without an open moment", async () => {
    const path = "/projects/xlink%2Fgitops/protected_branches/main";
    await it.api.delete(path);
    await it.api.post("/projects/xlink%2Fgitops/protected_branches", {
      name: "main",
      push_access_level: 30,
      merge_access_level: 30,
      allow_force_push: true,
    });
    const plan = await it.plan(first);
    const change = plan.changes.find(({ address }) =>
      address.startsWith("gitlab_branch_protection.gitops_Rulemain_B"),
    )!;
    expect(change.before).toMatchObject({ merge_access_level: "developer", allow_force_push: true });
    expect(change.after).toMatchObject({ merge_access_level: "maintainer", allow_force_push: false });
    await it.deploy(first);
    expect((await it.plan(first)).isEmpty).toBe(true);
    expect(await it.rules()).toEqual({ main: "Developers + Maintainers", "mai*n": "No one" });
  });

  test("shows a variable that someone changed by hand, without its value", async () => {
    const path = `/projects/xlink%2Fshop/variables/${KEY}`;
    await it.api.put(path, { value: "something-else", protected: false });
    const plan = await it.plan(first);
    expect(
      plan.changes.filter(({ actions }) => actions.join() === "update").map(({ after }) => after?.project),
    ).toEqual(["xlink/shop"]);
    expect(plan.stdout).not.toContain("something-else");
    await it.deploy(first);
    expect((await it.api.get(path)).body).toMatchObject({ value: await value(), protected: true, masked: true });
  });

  test("is refused by GitLab's own words when the operator's token may not do it (trap 12)", async () => {
    await it.api.control("POST", "faults", {
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
    const { exitCode, errors } = await it.tryDeploy(`${first}${other.slice(other.indexOf("  other:"))}`);
    expect(exitCode).toBe(1);
    expect(errors).toContain("User does not have permission to create project access token");
    // Nothing was opened for a bot that is not there (trap 1).
    expect(await it.rules()).not.toHaveProperty("release/*");
    await it.deploy(first);
  });
});

describe("with the provider's bugs of 18.6 (trap 2)", () => {
  test("a rotation still updates the variable in place, because `hidden` is written out", async () => {
    const it = await Deployment.start({ quirks: "18.6" });
    try {
      await it.deploy(inventory());
      await it.forgetCalls();
      await it.deploy(inventory({ token: "{expires: 2100-07-01}" }));
      const changes = (await it.calls()).filter((call) => !call.startsWith("GET") && call.includes("variables"));
      expect(changes.map((call) => call.split(" ")[0])).toEqual(["PUT", "PUT"]);
    } finally {
      await it.stop();
    }
  });
});

describe("taking things out", () => {
  let it: Deployment;
  const both = inventory({ branches: "{main: {push: developer}, release/*: {push: developer}}" });

  beforeEach(async () => {
    it = await Deployment.start();
    await it.deploy(both);
  });
  afterEach(() => it.stop());

  const tokens = async () =>
    ((await it.api.get("/projects/xlink%2Fgitops/access_tokens?state=active")).body as unknown[]).length;
  const rules = { main: "Developers + Maintainers", "release/*": "Developers + Maintainers" };

  test("destroying the stack is refused, before anything is destroyed, and says how to go on", async () => {
    const { exitCode, errors } = await it.destroy();
    expect(exitCode).toBe(1);
    expect(errors).toContain("set deletion_protection to false in pushers/ops.yaml, then destroy again");
    expect(await it.rules()).toMatchObject(rules);
    expect((await it.push((await it.job("xlink/gitops")).variables[KEY]!)).code).toBe(0);
  });

  test("the operator says so: everything goes, the branches are open", async () => {
    await it.synth(inventory({ head: "deletion_protection: false\n" }));
    expect((await it.destroy()).stdout).toMatch(/Destroy complete/);
    expect(await it.rules()).toEqual({});
    expect(await tokens()).toBe(0);
    expect((await it.job("xlink/gitops")).variables).not.toHaveProperty(KEY);
  });

  test("a pusher taken out leaves its branches protected: the rules stay, token, variable and guards go", async () => {
    const stdout = await it.deploy("pushers: {}\n");
    expect(stdout).toMatch(
      /will no longer be managed|will be removed from the OpenTofu state but will not be destroyed/,
    );
    expect(await it.rules()).toEqual(rules);
    expect(await tokens()).toBe(0);
    expect((await it.job("xlink/gitops")).variables).not.toHaveProperty(KEY);
    // and the next deploy has forgotten them
    expect(await it.deploy("pushers: {}\n")).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("a branch taken out stays protected too", async () => {
    await it.deploy(inventory());
    expect(await it.rules()).toEqual({ ...rules, "mai*n": "No one" });
  });

  test("without deletion protection the rules go with their pusher", async () => {
    await it.deploy(`deletion_protection: false\n${both}`);
    await it.deploy("deletion_protection: false\npushers: {}\n");
    expect(await it.rules()).toEqual({});
  });
});

describe("adopting what exists", () => {
  let it: Deployment;
  beforeEach(async () => {
    it = await Deployment.start();
    await it.api.post("/projects/xlink%2Fgitops/protected_branches", {
      name: "release/*",
      push_access_level: 40,
      merge_access_level: 40,
    });
    await it.api.post("/projects/xlink%2Fshop/variables", { key: KEY, value: "pasted-long-ago", masked: true });
  });
  afterEach(() => it.stop());

  const adopting = (flag: string) =>
    inventory({ variable: `{in: [xlink/shop]${flag}}`, branches: `{release/*: {push: developer${flag}}}` });

  test("without saying so fails and names the rule and the variable", async () => {
    const { exitCode, errors } = await it.tryDeploy(adopting(""));
    expect(exitCode).toBe(1);
    expect(errors).toContain('protected branch "release/*" on project "xlink/gitops" already exists');
    expect(errors).toContain("(GITLAB_PUSHER_TOKEN) has already been taken");
  });

  const rule = "/api/v4/projects/xlink/gitops/protected_branches";

  test("a variable is taken over, and the value that was there never shown", async () => {
    const stdout = await it.deploy(adopting(", import: true"));
    expect(stdout).toMatch(/1 imported/);
    expect(stdout).not.toContain("pasted-long-ago");
    expect((await it.api.get(`/projects/xlink%2Fshop/variables/${KEY}`)).body).toMatchObject({
      protected: true,
      masked: true,
      value: expect.stringMatching(/^glpat-/),
    });
  });

  test("a rule is taken over in two deploys, and replaced only once its guard stands (trap 1)", async () => {
    const changes = async () => (await it.calls()).filter((call) => !call.startsWith("GET") && call.includes(rule));
    await it.forgetCalls();
    await it.deploy(adopting(", import: true"));
    expect(await changes()).toEqual([`POST ${rule}`]);
    expect(await it.rules()).toMatchObject({ "release/*": "Maintainers", "release/**": "No one" });
    await it.forgetCalls();
    await it.deploy(adopting(", import: true"));
    expect(await changes()).toEqual([`DELETE ${rule}/release/*`, `POST ${rule}`]);
    expect(await it.rules()).toMatchObject({ "release/*": "Developers + Maintainers", "release/**": "No one" });
    expect((await it.plan(adopting(", import: true"))).isEmpty).toBe(true);
    expect((await it.plan(adopting(""))).isEmpty).toBe(true);
  });
});
