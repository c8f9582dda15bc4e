import { Sandbox } from "../../../../sandbox/sandbox";
import { ApiClient } from "../../../support/api-client";
import { GitClient } from "../../../support/git-client";

let sandbox: Sandbox;
let admin: ApiClient;
const git = new GitClient();

beforeAll(async () => {
  sandbox = await Sandbox.start({
    provider: "registry",
    seed: {
      projects: [
        { path: "xlink/shop", files: { f: "x" } },
        { path: "other/app", files: { f: "x" } },
      ],
    },
  });
  admin = ApiClient.admin(sandbox);
});

afterAll(() => Promise.all([sandbox.stop(), git.remove()]));

const READ = { name: "reader", scopes: ["read_repository"] };
const remote = (path: string, username: string, token: string): string =>
  `${sandbox.url.replace("://", `://${encodeURIComponent(username)}:${token}@`)}/${path}.git`;

test.each([["/projects/xlink%2Fshop"], ["/groups/xlink"]])(
  "GIVEN a deploy token of %s THEN it reads its repositories by its own name, pushes nothing, and ends",
  async (holder) => {
    const { status, body } = await admin.post(`${holder}/deploy_tokens`, READ);
    expect([status, body]).toEqual([201, expect.objectContaining({ ...READ, expires_at: null, revoked: false })]);
    expect([body.username, body.token]).toEqual([`gitlab+deploy-token-${body.id}`, expect.stringMatching(/^gldt-/)]);
    expect((await admin.get(`${holder}/deploy_tokens/${body.id}`)).body).not.toHaveProperty("token");
    const reads = async (path: string, username = body.username) =>
      (await git.run(["ls-remote", remote(path, username, body.token)])).code === 0;
    expect([await reads("xlink/shop"), await reads("other/app"), await reads("xlink/shop", "oauth2")]).toEqual([
      true,
      false,
      false,
    ]);
    const copy = await git.clone(remote("xlink/shop", body.username, body.token));
    expect((await copy.run("push", "origin", "HEAD:refs/heads/b")).stderr).toContain(
      "You are not allowed to upload code.",
    );
    expect((await admin.as(body.token).get("/projects/xlink%2Fshop")).status).toBe(401);
    expect((await admin.delete(`${holder}/deploy_tokens/${body.id}`)).status).toBe(204);
    expect([await reads("xlink/shop"), (await admin.get(`${holder}/deploy_tokens/${body.id}`)).status]).toEqual([
      false,
      404,
    ]);
  },
);

test.each([
  ["no scope", { scopes: [] }, { message: "Scopes can't be blank" }],
  ["a scope of other tokens", { scopes: ["api"] }, { error: "scopes does not have a valid value" }],
  ["no name", { name: undefined }, { error: "name is missing" }],
])("GIVEN %s THEN a deploy token is refused", async (_, change, body) => {
  const answer = await admin.post("/projects/xlink%2Fshop/deploy_tokens", { ...READ, ...change });
  expect(answer).toMatchObject({ status: 400, body });
});

test("GIVEN a date THEN it lives through that day, and `active` leaves it out afterwards", async () => {
  const { api, id } = await admin.newUser("dev");
  await admin.post("/projects/xlink%2Fshop/members", { user_id: id, access_level: 30 });
  expect((await api.get("/projects/xlink%2Fshop/deploy_tokens")).status).toBe(403);
  await admin.post("/projects/xlink%2Fshop/deploy_tokens", { ...READ, expires_at: "2098-01-01T12:00:00Z" });
  await admin.control("PUT", "clock", { now: "2098-01-01T23:00:00Z" });
  expect((await admin.get("/deploy_tokens?active=true")).body).toHaveLength(1);
  await admin.control("PUT", "clock", { now: "2098-01-02T00:00:00Z" });
  expect((await admin.get("/deploy_tokens?active=true")).body).toEqual([]);
  expect((await admin.get("/deploy_tokens")).body).toMatchObject([{ expired: true }]);
});
