import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ProviderServer } from "../../../sandbox/provider/provider-server";
import { ProviderSession } from "../../../sandbox/provider/provider-session";
import { DEFAULT_BACKOFF } from "../../../sandbox/provider/retry-policy";
import { ProviderFixture } from "../../support/provider-fixture";
import { TerraformWorkspace } from "../../support/terraform-workspace";
import { IS_TOFU } from "../../support/tested-terraform";

describe("ProviderServer", () => {
  it("attaches itself under both registries' addresses", async () => {
    const server = await ProviderServer.start({ baseUrl: "http://127.0.0.1:9", token: "x" });
    const entry = {
      Protocol: "grpc",
      ProtocolVersion: 6,
      Pid: expect.any(Number),
      Test: true,
      Addr: { Network: "unix", String: expect.stringMatching(/provider\.sock$/) },
    };
    expect(JSON.parse(server.reattach)).toEqual({
      "registry.terraform.io/gitlabhq/gitlab": entry,
      "registry.opentofu.org/gitlabhq/gitlab": entry,
    });
    await server.stop();
  });

  it("leaves nothing behind when stopped", async () => {
    const server = await ProviderServer.start({ baseUrl: "http://127.0.0.1:9", token: "x" });
    const socket = socketIn(server);
    expect(existsSync(socket)).toBe(true);
    await server.stop();
    expect(existsSync(path.dirname(socket))).toBe(false);
    expect(() => process.kill(pidIn(server), 0)).toThrow("ESRCH");
  });

  it("lends Terraform a process that may be killed: a run against a socket that is gone does not end this one", async () => {
    const server = await ProviderServer.start({ baseUrl: "http://127.0.0.1:9", token: "x" });
    const terraform = await TerraformWorkspace.create({ TF_REATTACH_PROVIDERS: server.reattach });
    try {
      await terraform.write({ provider: { gitlab: {} } });
      await terraform.init();
      await rm(path.dirname(socketIn(server)), { recursive: true });
      expect((await terraform.plan()).exitCode).toBe(1);
      // Terraform kills the process in which it does not find the provider; OpenTofu 1.12 lets it be.
      expect(pidIn(server)).not.toBe(process.pid);
    } finally {
      await terraform.remove();
      await server.stop();
    }
  });
});

const entryOf = (server: ProviderServer) => JSON.parse(server.reattach)["registry.terraform.io/gitlabhq/gitlab"];
const pidIn = (server: ProviderServer): number => entryOf(server).Pid;
const socketIn = (server: ProviderServer): string => entryOf(server).Addr.String;

describe("the provider block", () => {
  let fixture: ProviderFixture;
  let project: { path: string; id: number };
  const rule = () => ({ gitlab_branch_protection: { dev: { project: project.path, branch: "dev" } } });

  beforeAll(async () => {
    fixture = await ProviderFixture.start();
    project = await fixture.createProject("ops");
    await fixture.terraform.write({});
    await fixture.terraform.init();
  });
  afterAll(() => fixture.stop());
  beforeEach(() => fixture.forgetCalls());

  const planWith = async (provider: object) => {
    await fixture.terraform.write({ provider: { gitlab: provider }, resource: rule() });
    return fixture.terraform.plan();
  };

  it("takes address and token from the sandbox when it is empty, and checks the token early", async () => {
    expect((await planWith({})).exitCode).toBe(0);
    expect(await fixture.calls()).toEqual(["GET user"]);
  });

  it("early_auth_check = false asks nothing", async () => {
    expect((await planWith({ early_auth_check: false })).exitCode).toBe(0);
    expect(await fixture.calls()).toEqual([]);
  });

  it("uses an address and a token that are given", async () => {
    const plan = await planWith({ base_url: `${fixture.sandbox.url}/api/v4/`, token: "glpat-unknown" });
    expect(plan.exitCode).toBe(1);
    expect(plan.errors).toContain("Failed to create GitLab Client from provider configuration");
    expect(plan.errors).toContain("/api/v4/user: 401 {message: 401 Unauthorized}");
    expect(plan.errors).not.toContain("glpat-unknown");
  });

  it("goes to another address when told so", async () => {
    const plan = await planWith({ base_url: "http://127.0.0.1:9/", retries: 1 });
    expect(plan.exitCode).toBe(1);
    expect(plan.errors).toContain("GET http://127.0.0.1:9/api/v4/user: no answer after 2 attempt(s)");
  });

  it.each([
    { setting: { config_file: "x.yaml" }, message: "Unsupported provider setting: config_file" },
    { setting: { context: "work" }, message: "Unsupported provider setting: context" },
    { setting: { enable_auto_ci_support: true }, message: "Unsupported provider setting: enable_auto_ci_support" },
    { setting: { client_cert: "x.pem" }, message: 'Attribute "client_key" must be specified' },
    {
      setting: { cacert_file: "/nonexistent.pem" },
      message: 'cacert_file is "/nonexistent.pem", which cannot be read',
    },
    { setting: { base_url: "gitlab.example.com" }, message: 'base_url is "gitlab.example.com", allowed is an http' },
  ])("refuses $setting", async ({ setting, message }) => {
    const plan = await planWith(setting);
    expect(plan.exitCode).toBe(1);
    expect(plan.errors).toContain(message);
  });

  it("accepts what changes nothing here", async () => {
    const plan = await planWith({ insecure: true, enable_auto_ci_support: false, headers: { "X-Team": "ops" } });
    expect(plan.exitCode).toBe(0);
  });

  it("keeps two blocks apart: each resource is made with its own block's token", async () => {
    // GIVEN a second token, of the same administrator, and a block that has it
    const user = await fixture.made("GET", "user");
    const second = await fixture.made("POST", `users/${user.id}/personal_access_tokens`, {
      name: "second",
      scopes: ["api"],
      expires_at: "2026-06-01",
    });
    await fixture.terraform.write({
      provider: {
        gitlab: [
          {},
          { alias: "second", token: second.token },
          { alias: "dead", token: "glpat-dead", early_auth_check: false },
        ],
      },
      resource: {
        gitlab_branch_protection: {
          one: { project: project.path, branch: "one" },
          two: { project: project.path, branch: "two", provider: "gitlab.second" },
          three: { project: project.path, branch: "three", provider: "gitlab.dead" },
        },
      },
    });
    // WHEN all is applied at once
    const result = await fixture.terraform.apply();
    // THEN only the block with the dead token fails
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("with gitlab_branch_protection.three");
    expect(Object.keys(await fixture.terraform.state()).sort()).toEqual([
      "gitlab_branch_protection.one",
      "gitlab_branch_protection.two",
    ]);
    await fixture.terraform.write({ provider: { gitlab: [{}, { alias: "second", token: second.token }] } });
    expect((await fixture.terraform.apply()).exitCode).toBe(0);
  });

  it("serves concurrent runs with different configurations", async () => {
    const other = await TerraformWorkspace.create({ TF_REATTACH_PROVIDERS: fixture.provider.reattach });
    try {
      await other.write({ provider: { gitlab: { token: "glpat-dead" } }, resource: rule() });
      await other.init();
      const [dead, alive] = await Promise.all([other.plan(), planWith({})]);
      expect([dead.exitCode, alive.exitCode]).toEqual([1, 0]);
    } finally {
      await other.remove();
    }
  });

  it.each([
    {
      what: "resource",
      configuration: { resource: { gitlab_group: { g: { name: "g", path: "g" } } } },
      message: 'The sandbox\'s provider stand-in has no resource "gitlab_group"',
    },
    {
      what: "data source",
      configuration: { data: { gitlab_project: { p: { path_with_namespace: "xlink/ops" } } } },
      message: 'The sandbox\'s provider stand-in has no data source "gitlab_project"',
    },
  ])("refuses another $what by name, with what there is and the way out", async ({ configuration, message }) => {
    await fixture.terraform.write(configuration);
    const result = await fixture.terraform.validate();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain(message);
    expect(result.errors).toContain("gitlab_project_access_token, gitlab_project_variable");
    expect(result.errors).toContain("`--provider registry`");
  });

  it("does not move resources between types", async () => {
    // GIVEN another resource that a variable is to follow
    await fixture.applied({ terraform_data: { v: { input: "x" } } });
    await fixture.terraform.write({
      resource: { gitlab_project_variable: { v: { project: project.path, key: "K", value: "v" } } },
      moved: [{ from: "terraform_data.v", to: "gitlab_project_variable.v" }],
    });
    // THEN Terraform says so for the provider, OpenTofu asks it, and a caller that asks nevertheless is answered
    const result = await fixture.terraform.plan();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toMatch(
      IS_TOFU
        ? /the gitlab provider moves no resources between types/
        : /does not support moved operations across resource types and providers/,
    );
    const move = { source_type_name: "terraform_data", target_type_name: "gitlab_project_variable" };
    expect(await sessionMethods().MoveResourceState!(move)).toMatchObject({
      diagnostics: [{ severity: 1, summary: "Move Resource State Not Supported" }],
    });
  });

  describe("a run that waits to try again", () => {
    let patient: ProviderServer;
    let terraform: TerraformWorkspace;

    beforeEach(async () => {
      // GIVEN a provider that waits long, and a GitLab that goes down once the provider has asked who it is
      patient = await ProviderServer.start({
        baseUrl: fixture.sandbox.url,
        token: fixture.sandbox.adminToken,
        backoff: { serverError: [60_000, 60_000], rateLimit: 60_000 },
      });
      await fixture.fault({ method: "GET", path: "/users$", status: 500 });
      terraform = await TerraformWorkspace.create({ TF_REATTACH_PROVIDERS: patient.reattach });
      await terraform.write({ provider: { gitlab: {} }, data: { gitlab_user: { root: { username: "root" } } } });
      await terraform.init();
    });
    const waiting = async () => {
      const run = terraform.start("plan", "-input=false");
      while (!(await fixture.calls()).some((call) => call.startsWith("GET users"))) await sleep(20);
      return run;
    };
    afterEach(async () => {
      await terraform.remove();
      await patient.stop();
    });

    it("ends quickly when Terraform is interrupted", async () => {
      const run = await waiting();
      run.interrupt();
      const result = await run.result;
      expect(result.exitCode).toBe(1);
      expect(result.errors).toContain("interrupted while waiting to try again");
    });

    it("may be killed: the provider goes on serving others", async () => {
      const run = await waiting();
      run.interrupt("SIGKILL");
      await run.result;
      expect((await terraform.validate()).exitCode).toBe(0);
    });
  });
});

function sessionMethods(): ProviderSession["methods"] {
  const defaults = { baseUrl: "http://127.0.0.1:9", token: "x" };
  return new ProviderSession({ defaults, version: 18, backoff: DEFAULT_BACKOFF, now: () => new Date(0) }).methods;
}
