import { Sandbox } from "../../../sandbox/sandbox";
import { GitClient } from "../../support/git-client";

let sandbox: Sandbox;
let client: GitClient;

beforeAll(async () => {
  const now = () => new Date("2030-06-15T12:00:00Z");
  sandbox = await Sandbox.start({ provider: "registry", now });
  client = new GitClient();
  await api("POST", "/api/v4/groups", { name: "xlink", path: "xlink" });
});

afterAll(async () => {
  await sandbox.stop();
  await client.remove();
});

// biome-ignore lint/suspicious/noExplicitAny: whatever GitLab answers; each test knows its shape.
async function api(method: string, path: string, body?: object): Promise<any> {
  const answer = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { "PRIVATE-TOKEN": sandbox.adminToken, "content-type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** A GitOps repository whose `main` takes pushes from Developers, and a Developer's token for it. */
async function gitopsProject(
  name: string,
): Promise<{ project: string; remote: (secret: string) => string; token: string }> {
  const { id } = await api("GET", "/api/v4/groups/xlink");
  const created = await api("POST", "/api/v4/projects", { name, namespace_id: id, initialize_with_readme: true });
  const project = `/api/v4/projects/${created.id}`;
  await api("DELETE", `${project}/protected_branches/main`);
  await api("POST", `${project}/protected_branches`, { name: "main", push_access_level: 30 });
  const { token } = await api("POST", `${project}/access_tokens`, {
    name: "GITLAB_CI_PUSHER",
    scopes: ["write_repository"],
    access_level: 30,
    expires_at: "2030-06-20",
  });
  const remote = (secret: string): string =>
    `${sandbox.url.replace("http://", `http://gitlab-ci-token:${secret}@`)}/xlink/${name}.git`;
  return { project, remote, token };
}

test("GIVEN a project and a token made by the API WHEN a job pushes THEN only the project token passes", async () => {
  const { project, remote, token } = await gitopsProject("gitops");
  const job = await api("POST", "/-/sandbox/jobs", { project: "xlink/gitops" });
  const copy = await client.clone(remote(job.token));
  const sha = await copy.commit("Bump the image");

  const withJobToken = await copy.run("push", remote(job.token), `HEAD:${job.variables.CI_COMMIT_REF_NAME}`);
  const withProjectToken = await copy.run("push", remote(token), `HEAD:${job.variables.CI_COMMIT_REF_NAME}`);

  expect(withJobToken.lines).toContain("remote: You are not allowed to push code to this project.");
  expect(withProjectToken.code).toBe(0);
  expect((await api("GET", `${project}/repository/branches/main`)).commit.id).toBe(sha);
  expect((await api("GET", `${project}/access_tokens`))[0].last_used_at).toBe("2030-06-15T12:00:00.000Z");
});

test("GIVEN a token WHEN its day has come THEN it is dead, and alive again when the clock is set back", async () => {
  const { remote, token } = await gitopsProject("clock");
  await api("PUT", "/-/sandbox/clock", { now: "2030-06-20T00:00:00Z" });
  expect((await client.run(["ls-remote", remote(token)])).code).toBe(128);
  await api("PUT", "/-/sandbox/clock", { now: "2030-06-19T23:59:59Z" });
  expect((await client.run(["ls-remote", remote(token)])).code).toBe(0);
  await api("PUT", "/-/sandbox/clock", { reset: true });
});

test("GIVEN a merge request asked for by a push WHEN the API is read THEN it is there", async () => {
  const { project, remote, token } = await gitopsProject("merge-requests");
  const copy = await client.clone(remote(token));
  await copy.commit("Bump the image");
  await copy.must("push", "-o", "merge_request.create", "origin", "HEAD:refs/heads/bump");
  expect(await api("GET", `${project}/merge_requests`)).toEqual([
    expect.objectContaining({ iid: 1, title: "Bump the image", source_branch: "bump", target_branch: "main" }),
  ]);
});

test("GIVEN the fault that Gitaly is down WHEN a client comes THEN it reads GitLab's text", async () => {
  const { remote, token } = await gitopsProject("gitaly");
  const text = "The git server, Gitaly, is not available at this time. Please contact your administrator.";
  await api("POST", "/-/sandbox/faults", { path: "/gitaly\\.git/info/refs$", times: 2, status: 503, body: text });
  const run = await client.run(["ls-remote", remote(token)]);
  await api("DELETE", "/-/sandbox/faults");
  expect(run.lines).toContain(`remote: ${text}`);
  expect(run.stderr).toContain("The requested URL returned error: 503");
});

test("GIVEN an answer that gets lost WHEN a client pushes THEN it fails though the push was done", async () => {
  const { project, remote, token } = await gitopsProject("lost");
  const copy = await client.clone(remote(token));
  const sha = await copy.commit("change");
  await api("POST", "/-/sandbox/faults", { method: "POST", path: "git-receive-pack$", lose_answer: true });
  const run = await copy.run("push", "origin", "HEAD:main");
  await api("DELETE", "/-/sandbox/faults");
  expect(run.code).not.toBe(0);
  expect((await api("GET", `${project}/repository/branches/main`)).commit.id).toBe(sha);
});

test("GIVEN Git requests WHEN the log is read THEN it names their user and holds no secret", async () => {
  const { remote, token } = await gitopsProject("logged");
  await api("DELETE", "/-/sandbox/requests");
  await client.must(["ls-remote", remote(token)]);
  const log = await api("GET", "/-/sandbox/requests");
  expect(log).toContainEqual(
    expect.objectContaining({
      method: "GET",
      path: "/xlink/logged.git/info/refs",
      status: 200,
      user: expect.stringMatching(/^project_\d+_bot_[0-9a-f]+$/),
    }),
  );
  expect(JSON.stringify(log)).not.toContain(token);
});
