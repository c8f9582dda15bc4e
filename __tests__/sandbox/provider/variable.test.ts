import { ProviderFixture } from "../../support/provider-fixture";

const OWNERS = [{ kind: "project" as const }, { kind: "group" as const }];

describe.each(OWNERS)("gitlab_$kind_variable", ({ kind }) => {
  const address = `gitlab_${kind}_variable.v`;
  let fixture: ProviderFixture;
  let owner: string;

  beforeEach(async () => {
    fixture = await ProviderFixture.start();
    owner = kind === "group" ? "xlink" : (await fixture.createProject("shop")).path;
    await fixture.terraform.write({});
    await fixture.terraform.init();
  });
  afterEach(() => fixture.stop());

  const complete = {
    key: "PUSH_TOKEN",
    value: "a-value-to-mask",
    description: "",
    environment_scope: "*",
    variable_type: "env_var",
    masked: true,
    hidden: false,
    protected: true,
    raw: true,
  };
  const resources = (variable: object = complete) => ({
    [`gitlab_${kind}_variable`]: { v: { [kind]: owner, ...variable } },
  });
  const api = (path = "/PUSH_TOKEN") => `${kind}s/${encodeURIComponent(owner)}/variables${path}`;

  it("creates a variable with the id <owner>:<key>:<scope>, then plans nothing", async () => {
    await fixture.applied(resources());
    expect(await fixture.made("GET", api())).toMatchObject({ value: "a-value-to-mask", masked: true, protected: true });
    expect((await fixture.terraform.state())[address]!.id).toBe(`${owner}:PUSH_TOKEN:*`);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it("updates a value in place", async () => {
    await fixture.applied(resources());
    await fixture.forgetCalls();
    await fixture.applied(resources({ ...complete, value: "another-value" }));
    expect(await fixture.writes()).toEqual([`PUT ${kind}s/${owner}/variables/PUSH_TOKEN`]);
    expect((await fixture.made("GET", api())).value).toBe("another-value");
  });

  it("imports <owner>:<key>:<scope> without a change", async () => {
    await fixture.made("POST", api(""), {
      key: "PUSH_TOKEN",
      value: "a-value-to-mask",
      masked: true,
      protected: true,
      raw: true,
    });
    await fixture.terraform.write({ resource: resources() });
    expect((await fixture.terraform.import(address, `${owner}:PUSH_TOKEN:*`)).exitCode).toBe(0);
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
  });

  it.each([
    { attribute: "key", changes: { key: "OTHER" } },
    { attribute: "hidden", changes: { hidden: true } },
    { attribute: "environment_scope", changes: { environment_scope: "production" } },
  ])("replaces on another $attribute", async ({ attribute, changes }) => {
    await fixture.applied(resources());
    await fixture.terraform.write({ resource: resources({ ...complete, ...changes }) });
    const change = (await fixture.terraform.plan()).change(address);
    expect(change.actions).toEqual(["delete", "create"]);
    expect(change.replacePaths).toContainEqual([attribute]);
  });

  it("shows drift of what is configured, and puts it right", async () => {
    await fixture.applied(resources());
    await fixture.made("PUT", api(), { protected: false });
    expect((await fixture.terraform.plan()).change(address).actions).toEqual(["update"]);
    expect((await fixture.terraform.apply()).exitCode).toBe(0);
    expect((await fixture.made("GET", api())).protected).toBe(true);
  });

  it("with hidden unset, an update stays in place; what is left out is reset by it", async () => {
    // GIVEN a variable of which only the value is configured, masked by hand
    const { key, value } = complete;
    await fixture.applied(resources({ key, value }));
    await fixture.made("PUT", api(), { masked: true, protected: true });
    // THEN neither is drift
    expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    // WHEN the value changes
    await fixture.terraform.write({ resource: resources({ key, value: "another-value" }) });
    expect((await fixture.terraform.plan()).change(address).actions).toEqual(["update"]);
    expect((await fixture.terraform.apply()).exitCode).toBe(0);
    // THEN masked is lost, protected is not sent and stays
    expect(await fixture.made("GET", api())).toMatchObject({ value: "another-value", masked: false, protected: true });
  });

  it("is made again when somebody deleted it", async () => {
    await fixture.applied(resources());
    await fixture.made("DELETE", api());
    expect((await fixture.terraform.plan()).change(address).actions).toEqual(["create"]);
  });

  it("destroys, which a missing project variable does not hinder", async () => {
    await fixture.applied(resources());
    await fixture.fault({
      method: "DELETE",
      path: "variables/PUSH_TOKEN$",
      times: 1,
      status: 404,
      body: { message: "404" },
    });
    const result = await fixture.terraform.destroy();
    expect(result.exitCode).toBe(kind === "project" ? 0 : 1);
    if (kind === "group") expect(result.errors).toContain("Unable to delete group variable: 404 Not Found");
  });

  describe("hidden", () => {
    const hidden = { ...complete, hidden: true };

    it("is created masked and hidden; a new value is put in place and stays hidden", async () => {
      await fixture.applied(resources(hidden));
      expect(await fixture.made("GET", api())).toMatchObject({ hidden: true, masked: true, value: null });
      await fixture.forgetCalls();
      await fixture.applied(resources({ ...hidden, value: "another-value" }));
      expect(await fixture.writes()).toEqual([`PUT ${kind}s/${owner}/variables/PUSH_TOKEN`]);
      expect(await fixture.made("GET", api())).toMatchObject({ hidden: true, value: null });
      expect((await fixture.terraform.state())[address]!.value).toBe("another-value");
    });

    it("does not see a drift of its value", async () => {
      await fixture.applied(resources(hidden));
      await fixture.made("PUT", api(), { value: "changed-by-hand" });
      expect((await fixture.terraform.plan()).isEmpty).toBe(true);
    });

    it("fails when masked and hidden are left out of a later update", async () => {
      await fixture.applied(resources(hidden));
      const { masked: _masked, hidden: _hidden, ...rest } = hidden;
      await fixture.terraform.write({ resource: resources({ ...rest, value: "another-value" }) });
      const result = await fixture.terraform.apply();
      expect(result.exitCode).toBe(1);
      expect(result.errors).toContain("The visibility setting cannot be changed for masked and hidden variables.");
    });
  });

  it.each([
    {
      what: "hidden without masked",
      changes: { hidden: true, masked: false },
      message: "A variable cannot be hidden without being masked. Please set the masked attribute to true",
    },
    {
      what: "hidden with masked left out",
      changes: { hidden: false, masked: null },
      message: 'Attribute "masked" must be specified when "hidden" is specified',
    },
    {
      what: "a key with a dash",
      changes: { key: "PUSH-TOKEN" },
      message: "Attribute key is an invalid, only A-Z, a-z, 0-9, and _ are allowed, got: PUSH-TOKEN",
    },
    {
      what: "a key that is too long",
      changes: { key: "K".repeat(256) },
      message: "Attribute key string length must be between 1 and 255, got: 256",
    },
    {
      what: "an unknown type",
      changes: { variable_type: "secret" },
      message: 'Attribute variable_type value must be one of: ["env_var" "file"], got: "secret"',
    },
  ])("refuses $what at validation", async ({ changes, message }) => {
    await fixture.terraform.write({ resource: resources({ ...complete, ...changes }) });
    const result = await fixture.terraform.validate();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain(message);
  });

  it("explains a value that cannot be masked", async () => {
    await fixture.terraform.write({ resource: resources({ ...complete, value: "short" }) });
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain("Invalid value for a masked variable. Check the masked variable requirements");
    expect(result.errors).toContain("400 {message: {value: [is invalid]}}");
  });

  it("shows GitLab's refusal of a second variable of that key and scope", async () => {
    await fixture.made("POST", api(""), { key: "PUSH_TOKEN", value: "x" });
    await fixture.terraform.write({ resource: resources() });
    const result = await fixture.terraform.apply();
    expect(result.exitCode).toBe(1);
    expect(result.errors).toContain(`Unable to create ${kind} variable: POST`);
    expect(result.errors).toContain("(PUSH_TOKEN) has already been taken");
  });
});

describe("an id in the wrong form", () => {
  it("is refused at import", async () => {
    const fixture = await ProviderFixture.start();
    try {
      await fixture.terraform.write({
        resource: { gitlab_project_variable: { v: { project: "1", key: "K", value: "v" } } },
      });
      await fixture.terraform.init();
      const result = await fixture.terraform.import("gitlab_project_variable.v", "K");
      expect(result.exitCode).toBe(1);
      expect(result.errors).toContain("It should be '<project>:<key>:<environment_scope>'");
    } finally {
      await fixture.stop();
    }
  });
});
