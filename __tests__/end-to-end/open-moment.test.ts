import { Deployment, inventory } from "../support/deployment";

/** How long the answer to the provider's second call is held back: the moment in which the rule is away, stretched. */
const MOMENT = 2_000;

/** main as the inventory has it: developers may push, or maintainers only. */
const main = (push: string, guard: boolean) =>
  inventory({
    token: "{expires: 2100-06-01, role: maintainer}",
    branches: `{main: {push: ${push}, guard: ${guard}}}`,
  });

describe("while the provider replaces a rule (trap 1)", () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await Deployment.start();
  });
  afterEach(() => deployment.stop());

  /** Deploys, and as soon as the rule of main is deleted pushes with a token that no rule ever let in: a developer's force push. */
  async function forbiddenPushDuring(next: string): Promise<{ accepted: boolean; protectedVariables: boolean }> {
    const users = await deployment.api.get("/users?username=ann");
    const { body } = await deployment.api.post(`/users/${users.body[0].id}/personal_access_tokens`, {
      name: "push",
      scopes: ["write_repository"],
    });
    const copy = await deployment.clone(body.token);
    await copy.must("commit", "--quiet", "--amend", "-m", "rewritten");
    await deployment.api.control("POST", "faults", {
      method: "POST",
      path: "protected_branches$",
      times: 1,
      delay_ms: MOMENT,
    });
    await deployment.forgetCalls();
    const deploying = deployment.deploy(next);
    while (
      !(await deployment.calls()).some(
        (call) => call === "DELETE /api/v4/projects/xlink/gitops/protected_branches/main",
      )
    ) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(await deployment.rules()).not.toHaveProperty("main");
    const { code } = await copy.run("push", "--force", "origin", "HEAD:main");
    const { variables } = await deployment.job("xlink/gitops");
    await deploying;
    return { accepted: code === 0, protectedVariables: "GITLAB_PUSHER_TOKEN" in variables };
  }

  test("a change of level: the guard refuses what the rule must refuse, and protected variables stay", async () => {
    await deployment.deploy(main("maintainer", true));
    expect(await forbiddenPushDuring(main("developer", true))).toEqual({ accepted: false, protectedVariables: true });
    expect(await deployment.rules()).toEqual({ main: "Developers + Maintainers", "mai*n": "No one" });
  });

  test("the same without the guard: the branch is rewritten, which is what the guard is for", async () => {
    await deployment.deploy(main("maintainer", false));
    expect(await forbiddenPushDuring(main("developer", false))).toEqual({ accepted: true, protectedVariables: false });
  });

  test("a refusal in between leaves the branch closed, and the next deploy puts the rule back", async () => {
    await deployment.deploy(main("maintainer", true));
    await deployment.api.control("POST", "faults", {
      method: "POST",
      path: "protected_branches$",
      times: 1,
      status: 422,
      body: { message: ["no"] },
    });
    expect((await deployment.tryDeploy(main("developer", true))).exitCode).toBe(1);
    expect(await deployment.rules()).toEqual({ "mai*n": "No one" });
    await deployment.deploy(main("developer", true));
    expect(await deployment.rules()).toEqual({ main: "Developers + Maintainers", "mai*n": "No one" });
  });
});
