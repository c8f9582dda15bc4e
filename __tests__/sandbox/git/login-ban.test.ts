import { GitClient } from "../../support/git-client";
import { GitServer } from "../../support/git-server";

let server: GitServer;

async function login(remote: string, username: string, password: string): Promise<number> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const answer = await fetch(`${remote}/info/refs?service=git-receive-pack`, { headers: { authorization } });
  await answer.arrayBuffer();
  return answer.status;
}

async function failTimes(times: number, remote: string, username = "somebody"): Promise<number[]> {
  const statuses: number[] = [];
  for (let time = 0; time < times; time += 1) statuses.push(await login(remote, username, "glpat-wrong"));
  return statuses;
}

beforeEach(async () => {
  server = await GitServer.start({ settings: { failed_git_login_ban_enabled: true } });
});

afterEach(() => server.stop());

test("GIVEN 30 failed logins WHEN the right token comes THEN 403 for an hour", async () => {
  const project = await server.project();
  const { value } = server.bot(project);
  const remote = server.remote(project);
  expect(new Set(await failTimes(30, remote))).toEqual(new Set([401]));

  const client = new GitClient();
  const run = await client.run(["ls-remote", server.remote(project, value, "bot")]);
  await client.remove();
  expect(run.lines).toContain("remote: Too many failed authentication attempts from this IP");
  expect(run.code).toBe(128);

  server.store.clock.advance(60 * 60 + 1);
  expect(await login(remote, "bot", value)).toBe(200);
});

test.each([
  ["29 failures", async (remote: string) => void (await failTimes(29, remote))],
  ["30 failures as gitlab-ci-token", async (remote: string) => void (await failTimes(30, remote, "gitlab-ci-token"))],
  [
    "30 failures with a success in between",
    async (remote: string, value: string) => {
      await failTimes(29, remote);
      await login(remote, "bot", value);
      await failTimes(1, remote);
    },
  ],
  [
    "30 failures over more than three minutes",
    async (remote: string) => {
      await failTimes(29, remote);
      server.store.clock.advance(181);
      await failTimes(1, remote);
    },
  ],
])("GIVEN %s WHEN the right token comes THEN it is let in", async (_case, fail) => {
  const project = await server.project();
  const { value } = server.bot(project);
  await fail(server.remote(project), value);
  expect(await login(server.remote(project), "bot", value)).toBe(200);
});

test("GIVEN an address banned for bad logins WHEN a job comes as gitlab-ci-token THEN it is let in", async () => {
  const project = await server.project();
  await failTimes(30, server.remote(project));
  expect(await login(server.remote(project), "gitlab-ci-token", server.bot(project).value)).toBe(200);
});

test("GIVEN the setting is off, as in a new instance WHEN logins fail THEN nobody is banned", async () => {
  server.store.settings.failed_git_login_ban_enabled = false;
  const project = await server.project();
  await failTimes(40, server.remote(project));
  expect(await login(server.remote(project), "bot", server.bot(project).value)).toBe(200);
});
