import { Gitlab } from "@gitbeaker/rest";
import { Sandbox } from "../../sandbox/sandbox";
import { zipArchive } from "../support/zip-archive";

/** An ordinary client library does an ordinary day's work; nothing here knows about the sandbox. */
describe("GIVEN @gitbeaker/rest, an ordinary client", () => {
  let sandbox: Sandbox;
  let api: InstanceType<typeof Gitlab>;

  beforeAll(async () => {
    sandbox = await Sandbox.start({ provider: "registry", edition: "premium" });
    api = new Gitlab({ host: sandbox.url, token: sandbox.adminToken });
  });

  afterAll(() => sandbox.stop());

  test("WHEN it sets up a user, a group and a project and works with them THEN all is read back", async () => {
    const user = await api.Users.create({
      username: "dev",
      name: "Dev",
      email: "dev@example.com",
      forceRandomPassword: true,
    });
    const group = await api.Groups.create("Xlink", "xlink");
    const project = await api.Projects.create({ name: "shop", namespaceId: group.id, initializeWithReadme: true });
    expect((await api.Projects.show("xlink/shop")).id).toBe(project.id);
    expect((await api.Projects.all({ membership: true })).map(({ path }) => path)).toEqual(["shop"]);

    await api.ProjectMembers.add(project.id, 30, { userId: user.id });
    expect(await api.ProjectMembers.all(project.id)).toMatchObject([{ username: "dev", access_level: 30 }]);
    expect(await api.ProjectMembers.all(project.id, { includeInherited: true })).toHaveLength(2);

    const expires = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
    const token = await api.ProjectAccessTokens.create(project.id, "pusher", ["write_repository"], expires, {
      accessLevel: 30,
    });
    expect(token).toMatchObject({ access_level: 30, expires_at: expires, active: true });
    const rotated = await api.ProjectAccessTokens.rotate(project.id, token.id, { expiresAt: expires });
    expect(rotated.user_id).toBe(token.user_id);
    expect(await api.ProjectAccessTokens.all(project.id)).toHaveLength(2);

    await api.ProjectVariables.create(project.id, "TOKEN", rotated.token, {
      masked: true,
      protected: true,
      environmentScope: "prod",
    });
    const shown = await api.ProjectVariables.show(project.id, "TOKEN", { filter: { environment_scope: "prod" } });
    expect(shown).toMatchObject({ value: rotated.token, masked: true, protected: true });
    await api.ProjectVariables.edit(project.id, "TOKEN", "12345678", { filter: { environment_scope: "prod" } });
    await api.GroupVariables.create(group.id, "SHARED", "value");
    expect(await api.GroupVariables.all(group.id)).toMatchObject([{ key: "SHARED" }]);

    await api.ProtectedBranches.protect(project.id, "release/*", {
      pushAccessLevel: 0,
      allowedToPush: [{ user_id: token.user_id }],
    } as never);
    const rule = await api.ProtectedBranches.show(project.id, "release/*");
    expect(rule.push_access_levels).toHaveLength(2);
    expect((await api.ProtectedBranches.all(project.id)).map(({ name }) => name)).toEqual(["main", "release/*"]);
    await api.ProtectedTags.create(project.id, "v*", { createAccessLevel: 40 });
    expect(await api.ProtectedTags.all(project.id)).toMatchObject([{ name: "v*" }]);

    await api.Branches.create(project.id, "work", "main");
    expect((await api.Branches.all(project.id)).map(({ name }) => name)).toEqual(["main", "work"]);
    await api.RepositoryFiles.create(project.id, "dir/a b.txt", "work", "text\n", "Add a file");
    const file = await api.RepositoryFiles.show(project.id, "dir/a b.txt", "work");
    expect(Buffer.from(file.content, "base64").toString()).toBe("text\n");
    await api.Commits.create(project.id, "work", "Two", [{ action: "create", filePath: "b.txt", content: "b" }]);
    expect((await api.Commits.all(project.id, { refName: "work" })).map(({ title }) => title)).toEqual([
      "Two",
      "Add a file",
      "Initial commit",
    ]);

    const request = await api.MergeRequests.create(project.id, "work", "main", "Work");
    await api.MergeRequestNotes.create(project.id, request.iid, "Looks good");
    expect(await api.MergeRequestNotes.all(project.id, request.iid)).toMatchObject([{ body: "Looks good" }]);
    await api.MergeRequests.accept(project.id, request.iid);
    expect((await api.MergeRequests.show(project.id, request.iid)).state).toBe("merged");

    await api.ProjectAccessTokens.revoke(project.id, rotated.id);
    expect((await api.ProjectAccessTokens.show(project.id, rotated.id)).revoked).toBe(true);
  });

  test("WHEN it follows a merge request's pipeline to its artifacts THEN it reads them", async () => {
    const project = await api.Projects.create({ name: "ops", initializeWithReadme: true });
    await api.Branches.create(project.id, "change", "main");
    await api.RepositoryFiles.create(project.id, "a.yaml", "change", "a: 1\n", "Add a");
    const request = await api.MergeRequests.create(project.id, "change", "main", "Add a");
    const started = await fetch(`${sandbox.url}/-/sandbox/jobs`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ project: project.id, ref: "change", merge_request: true, name: "plan" }),
    });
    const job = (await started.json()) as { id: number; token: string };
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array(zipArchive({ "review/1/digest": "abc" }))]), "artifacts.zip");
    const url = `${sandbox.url}/api/v4/jobs/${job.id}/artifacts`;
    const uploaded = await fetch(url, { method: "POST", headers: { "JOB-TOKEN": job.token }, body: form });
    expect(uploaded.status).toBe(201);
    await fetch(`${sandbox.url}/-/sandbox/jobs/${job.id}/finish`, { method: "POST" });
    await api.MergeRequests.merge(project.id, request.iid);

    const [merged] = await api.Commits.allMergeRequests(project.id, "main");
    expect(merged).toMatchObject({ iid: request.iid, state: "merged" });
    const [pipeline] = await api.MergeRequests.allPipelines(project.id, merged!.iid);
    expect(pipeline).toMatchObject({ status: "success", ref: `refs/merge-requests/${request.iid}/head` });
    const [found] = await api.Jobs.all(project.id, { pipelineId: pipeline!.id });
    expect(found).toMatchObject({ name: "plan", artifacts_file: { filename: "artifacts.zip" } });
    const digest = await api.JobArtifacts.downloadArchive(project.id, {
      jobId: found!.id,
      artifactPath: "review/1/digest",
    });
    expect(await (digest as Blob).text()).toBe("abc");
  });

  test("WHEN there are more rows than a page holds THEN it walks all of them", async () => {
    const project = await api.Projects.create({ name: "many" });
    for (let index = 0; index < 120; index += 1) await api.ProjectVariables.create(project.id, `K${index}`, "v");
    expect(await api.ProjectVariables.all(project.id, { perPage: 50 })).toHaveLength(120);
  });

  test("WHEN something is refused THEN its error carries GitLab's words", async () => {
    await expect(api.Projects.show("no/such")).rejects.toMatchObject({ message: expect.stringContaining("Not Found") });
    await expect(api.ProtectedBranches.protect("xlink/shop", "main")).rejects.toMatchObject({
      cause: { description: "Protected branch 'main' already exists" },
    });
  });
});
