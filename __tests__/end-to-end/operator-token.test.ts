import { Deployment, inventory } from "../support/deployment";

describe("an operator's token that is not a Maintainer's personal token (trap 12)", () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await Deployment.start();
  });
  afterEach(() => deployment.stop());

  async function tokens(): Promise<string[]> {
    const { body } = await deployment.api.get("/projects/xlink%2Fgitops/access_tokens");
    return (body as { name: string }[]).map(({ name }) => name);
  }

  const tokenOf: Record<string, () => Promise<string>> = {
    "a project access token": async () => {
      const token = { name: "owner", scopes: ["api"], access_level: 40, expires_at: "2100-06-01" };
      return (await deployment.api.post("/projects/xlink%2Fgitops/access_tokens", token)).body.token;
    },
    "a developer's personal token": () => personalToken("ann", ["api"]),
    "a personal token of scope read_api": () => personalToken("mia", ["read_api"]),
  };

  async function personalToken(username: string, scopes: string[]): Promise<string> {
    const users = await deployment.api.get(`/users?username=${username}`);
    return (await deployment.api.post(`/users/${users.body[0].id}/personal_access_tokens`, { name: "ops", scopes }))
      .body.token;
  }

  test.each([
    ["a project access token", /40[013]/],
    ["a developer's personal token", /40[013]/],
    ["a personal token of scope read_api", /403.*insufficient_scope/],
  ])(
    "%s cannot create tokens: GitLab's refusal is shown, and no rule of the branch is opened",
    async (kind, refusal) => {
      const token = await tokenOf[kind]!();
      const before = await tokens();
      await deployment.operateWith(token);
      const { errors, exitCode } = await deployment.tryDeploy(inventory());
      expect(exitCode).toBe(1);
      expect(errors).toMatch(refusal);
      expect(errors).not.toContain(token);
      expect(await tokens()).toEqual(before);
      expect((await deployment.rules()).main).toBe("Maintainers");
    },
  );

  test("a Maintainer's personal token can", async () => {
    await deployment.operateWith(await personalToken("mia", ["api"]));
    await deployment.deploy(inventory());
    expect((await deployment.rules()).main).toBe("Developers + Maintainers");
  });
});
