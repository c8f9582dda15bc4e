import { Deployment, inventory } from "../support/deployment";

const KEY = "GITLAB_PUSHER_TOKEN";
const TARGET = "/projects/xlink%2Fgitops";

/** main stays with Maintainers, and lets these in by name. */
const main = (rule: string) => inventory({ edition: "premium", branches: `{main: {push: maintainer, ${rule}}}` });

describe("people beside the bot (premium)", () => {
  let deployment: Deployment;
  beforeEach(async () => {
    deployment = await Deployment.start({ edition: "premium" });
  });
  afterEach(() => deployment.stop());

  /** A push to main by a user's own token. */
  async function pushAs(username: string): Promise<number | null> {
    const { body: users } = await deployment.api.get(`/users?username=${username}`);
    const { body } = await deployment.api.post(`/users/${users[0].id}/personal_access_tokens`, {
      name: "push",
      scopes: ["write_repository"],
    });
    return (await deployment.push(body.token)).code;
  }

  const levels = async (): Promise<Record<string, unknown[]>> =>
    (await deployment.api.get(`${TARGET}/protected_branches/main`)).body;

  test("GIVEN a branch of Maintainers that lets the Developer bot and ann in by name WHEN they push THEN both may, until ann is taken out", async () => {
    await deployment.deploy(
      main("allowed_to_push: [bot, {user: Ann}], allowed_to_merge: [{group: xlink}], unprotect: admin"),
    );
    expect((await deployment.push((await deployment.job("xlink/gitops")).variables[KEY]!)).code).toBe(0);
    expect([await pushAs("ann"), await pushAs("mia")]).toEqual([0, 0]);
    const { merge_access_levels: merge, unprotect_access_levels: unprotect } = await levels();
    expect(merge).toMatchObject([{ access_level: 40 }, { group_id: expect.any(Number) }]);
    expect(unprotect).toMatchObject([{ access_level: 60 }]);

    await deployment.forgetCalls();
    const changed = main("allowed_to_push: [bot], allowed_to_merge: [{group: xlink}], unprotect: admin");
    expect(await deployment.deploy(changed)).toContain("0 added, 1 changed, 0 destroyed");
    expect(await pushAs("ann")).not.toBe(0);
    expect((await deployment.push((await deployment.job("xlink/gitops")).variables[KEY]!)).code).toBe(0);
    expect(await deployment.deploy(changed)).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("GIVEN a deploy key and numbers WHEN they are deployed twice THEN the second one changes nothing", async () => {
    const key = await deployment.api.post(`${TARGET}/deploy_keys`, {
      title: "ci",
      key: "ssh-ed25519 AAAA ci",
      can_push: true,
    });
    const { body: users } = await deployment.api.get("/users?username=ann");
    const text = main(`allowed_to_push: [{deploy_key: ${key.body.id}}, {user: ${users[0].id}}, bot]`);
    await deployment.deploy(text);
    expect((await levels()).push_access_levels).toMatchObject([
      { access_level: 40, user_id: null },
      { deploy_key_id: key.body.id },
      { user_id: users[0].id },
      { user_id: expect.any(Number) },
    ]);
    expect(await deployment.deploy(text)).toContain("0 added, 0 changed, 0 destroyed");
  });

  test("GIVEN a name that GitLab does not know WHEN it is planned THEN nothing is changed", async () => {
    await deployment.forgetCalls();
    const { exitCode, stderr, stdout } = await deployment.tryDeploy(main("allowed_to_push: [bot, {user: nobody}]"));
    expect(exitCode).toBe(1);
    expect(`${stdout}${stderr}`).toContain("couldn't find a user matching: nobody");
    expect((await deployment.calls()).filter((call) => !call.startsWith("GET"))).toEqual([]);
  });
});
