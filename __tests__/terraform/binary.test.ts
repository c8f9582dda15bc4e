import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { findTerraform, typedName } from "../../terraform/binary";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "find-terraform-"));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

/** A program in `bin/` of the test's directory, or in another one, that answers `version` with a text. */
async function program(name: string, answer: string, folder = "bin"): Promise<string> {
  const file = path.join(directory, folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\ncat <<'END'\n${answer}\nEND\n`);
  await chmod(file, 0o755);
  return file;
}

/** Only the test's own programs, `sh` and `cat`; and a site that cannot be reached. */
const find = (variables: NodeJS.ProcessEnv = {}, fetch = true) =>
  findTerraform({
    environment: { PATH: `${directory}/bin:${directory}/later:${directory}/system`, ...variables },
    directory: path.join(directory, ".bin"),
    fetch,
    source: () => Promise.reject(new Error("getaddrinfo ENOTFOUND releases.hashicorp.com")),
  });

beforeEach(async () => {
  await mkdir(path.join(directory, "system"));
  await writeFile(path.join(directory, "system", "cat"), '#!/bin/sh\nwhile read -r line; do echo "$line"; done\n', {
    mode: 0o755,
  });
});

const TERRAFORM = "Terraform v1.11.4\non linux_amd64";
const TOFU = "OpenTofu v1.10.0\non linux_amd64";
const WAYS_OUT = [
  "terraform >= 1.7.0 or tofu >= 1.10.0",
  "PATH",
  "TERRAFORM_BINARY_NAME",
  "releases.hashicorp.com",
] as const;

describe("which Terraform", () => {
  test("TERRAFORM_BINARY_NAME comes first, as a path", async () => {
    // GIVEN both on PATH and a third one named
    await program("terraform", TERRAFORM);
    const named = await program("my-terraform", TERRAFORM);

    // WHEN, THEN
    expect(await find({ TERRAFORM_BINARY_NAME: named })).toBe(named);
  });

  test("TERRAFORM_BINARY_NAME comes first, as a name on PATH", async () => {
    await program("terraform", TERRAFORM);
    const named = await program("tofu-next", TOFU);
    expect(await find({ TERRAFORM_BINARY_NAME: "tofu-next" })).toBe(named);
  });

  test("then terraform on PATH", async () => {
    const terraform = await program("terraform", TERRAFORM);
    await program("tofu", TOFU);
    expect(await find()).toBe(terraform);
  });

  test("then tofu on PATH", async () => {
    const tofu = await program("tofu", TOFU);
    expect(await find()).toBe(tofu);
  });

  test("then the release fetched before", async () => {
    const fetched = await program("terraform-1.11.4", TERRAFORM, ".bin");
    expect(await find()).toBe(fetched);
    expect(await find({}, false)).toBe(fetched);
  });

  test.each([
    ["is too old", "Terraform v1.5.7\non linux_amd64"],
    ["is no Terraform", "GNU coreutils 9.1"],
  ])("a terraform that %s is passed over for a good tofu", async (_, answer) => {
    await program("terraform", answer);
    const tofu = await program("tofu", TOFU);
    expect(await find()).toBe(tofu);
  });

  test("a wrapper that asks somebody gets no answer, and is passed over", async () => {
    const asking = await program("terraform", TERRAFORM);
    await writeFile(asking, "#!/bin/sh\nread -r answer || exit 1\necho 'Terraform v1.11.4'\n");
    const tofu = await program("tofu", TOFU);
    expect(await find()).toBe(tofu);
  });

  test("one that is too old is passed over for another of its name later on PATH", async () => {
    await program("terraform", "Terraform v1.5.7\non linux_amd64");
    await program("tofu", TOFU);
    const later = await program("terraform", TERRAFORM, "later");
    expect(await find()).toBe(later);
  });

  test("one that is too old is passed over for the release fetched before", async () => {
    await program("tofu", "OpenTofu v1.8.0\non linux_amd64");
    const fetched = await program("terraform-1.11.4", TERRAFORM, ".bin");
    expect(await find()).toBe(fetched);
  });

  test("the one that is named is not passed over", async () => {
    await program("terraform", TERRAFORM);
    await program("old", "Terraform v1.5.7\non linux_amd64");
    await expect(find({ TERRAFORM_BINARY_NAME: "old" })).rejects.toThrow("bin/old, which is terraform 1.5.7;");
  });
});

describe("how it is typed at a prompt", () => {
  test.each([
    ["by its name, where PATH leads to it", "tofu", "bin", () => "tofu"],
    ["by its path, where PATH leads to another one", "terraform", "later", () => `${directory}/later/terraform`],
    ["by its path, where PATH does not lead to it", "tofu", "else where", () => `'${directory}/else where/tofu'`],
  ])("%s", async (_, name, folder, typed) => {
    await program("terraform", TERRAFORM);
    const binary = await program(name, TOFU, folder);
    expect(await typedName(binary, { PATH: `${directory}/bin:${directory}/later` })).toBe(typed());
  });
});

describe("none that will do: one error with the three ways out", () => {
  const errorOf = async (variables?: NodeJS.ProcessEnv): Promise<string> =>
    find(variables).then(
      (found) => `found ${found}`,
      (error: Error) => error.message,
    );

  test("nothing on PATH and no network", async () => {
    const message = await errorOf();
    expect(message).toContain("no terraform or tofu on PATH");
    expect(message).toContain("ENOTFOUND releases.hashicorp.com");
    for (const way of WAYS_OUT) expect(message).toContain(way);
    expect(message).not.toContain("\n");
  });

  test("nothing on PATH, and none is to be fetched", async () => {
    await expect(find({}, false)).rejects.toThrow(/^got no terraform or tofu on PATH; allowed: /);
  });

  test("each that will not do is named", async () => {
    await program("terraform", "Terraform v1.5.7\non linux_amd64");
    await program("tofu", "OpenTofu v1.8.0\non linux_amd64");
    expect(await errorOf()).toMatch(
      /bin\/terraform, which is terraform 1\.5\.7, and .*bin\/tofu, which is tofu 1\.8\.0;/,
    );
  });

  test("TERRAFORM_BINARY_NAME names nothing, though terraform is on PATH", async () => {
    await program("terraform", TERRAFORM);
    const message = await errorOf({ TERRAFORM_BINARY_NAME: "terrafrom" });
    expect(message).toContain("got TERRAFORM_BINARY_NAME=terrafrom");
    for (const way of WAYS_OUT) expect(message).toContain(way);
  });

  test.each([
    ["terraform", "Terraform v1.6.6\non linux_amd64", "terraform 1.6.6"],
    ["terraform", "Terraform v1.7.0-rc1\non linux_amd64", "terraform 1.7.0-rc1"],
    ["tofu", "OpenTofu v1.9.1\non linux_amd64", "tofu 1.9.1"],
    // OpenTofu under Terraform's name, as some distributions install it, is held to OpenTofu's minimum.
    ["terraform", "OpenTofu v1.8.0\non linux_amd64", "tofu 1.8.0"],
  ])("%s says %j", async (name, answer, said) => {
    await program(name, answer);
    const message = await errorOf();
    expect(message).toContain(`bin/${name}, which is ${said};`);
    for (const way of WAYS_OUT) expect(message).toContain(way);
  });

  test.each([
    ["Terraform v1.7.0\non linux_amd64"],
    ["Terraform v2.0.0\non darwin_arm64\n\nYour version of Terraform is out of date!"],
  ])("new enough: %j", async (answer) => {
    const terraform = await program("terraform", answer);
    expect(await find()).toBe(terraform);
  });

  test("a program that is not Terraform", async () => {
    await program("terraform", "GNU coreutils 9.1");
    const message = await errorOf();
    expect(message).toContain("which does not run");
    expect(message).toContain("GNU coreutils 9.1");
    for (const way of WAYS_OUT) expect(message).toContain(way);
  });
});

describe("npx gitlab-ci-pusher terraform", () => {
  const run = (environment: NodeJS.ProcessEnv) =>
    promisify(execFile)(process.execPath, [path.join(__dirname, "../../bin/gitlab-ci-pusher.js"), "terraform"], {
      cwd: directory,
      env: environment,
    });

  test("prints the path and nothing else", async () => {
    const terraform = await program("terraform", TERRAFORM);
    const { stdout } = await run({ PATH: `${directory}/bin:${directory}/system` });
    expect(stdout).toBe(`${terraform}\n`);
  });

  test("fails with one line on stderr, and nothing that a shell would take for a path", async () => {
    await program("terraform", "Terraform v1.0.0");
    const failure = await run({ PATH: `${directory}/bin:${directory}/system` }).catch((error) => error);
    expect(failure).toMatchObject({ code: 2, stdout: "" });
    expect(failure.stderr).toMatch(/^got .*which is terraform 1\.0\.0;.*\n$/);
  });
});
