import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { promisify } from "node:util";
import { type FetchOptions, fetchRelease, PINNED_RELEASE, releasePath } from "../../terraform/release";
import { ReleaseSite } from "../support/release-site";

const PROGRAM = `#!/bin/sh\necho "Terraform v1.11.4"\n# ${"padding ".repeat(20_000)}\n`;

let directory: string;
let site: ReleaseSite;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "fetch-terraform-"));
  site = await ReleaseSite.start(PROGRAM);
});

afterEach(async () => {
  await site.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Fetches with the site's archive pinned, as if it were Terraform's. */
const fetch = (options: FetchOptions = {}) =>
  fetchRelease(directory, { platform: "linux_amd64", pinned: pinned(site.checksum), ...options });

const pinned = (checksum: string) => ({ version: "1.11.4", checksums: { linux_amd64: checksum } });

describe("a release from the site", () => {
  test("is checked, unpacked, made executable, and runs", async () => {
    // WHEN
    const binary = await fetch();

    // THEN
    expect(binary).toBe(path.join(directory, "terraform-1.11.4"));
    const { stdout } = await promisify(execFile)(binary, ["version"]);
    expect(stdout).toBe("Terraform v1.11.4\n");
    expect(site.requests).toContain("/terraform/1.11.4/terraform_1.11.4_SHA256SUMS");
    expect(await readdir(directory)).toEqual(["terraform-1.11.4"]);
  });

  test("is fetched once, and the download is announced", async () => {
    const said: string[] = [];
    await fetch({ onFetch: (message) => said.push(message) });
    const first = site.requests.length;
    await fetch({ onFetch: (message) => said.push(message) });
    expect(site.requests).toHaveLength(first);
    expect(said).toEqual([`Fetching terraform 1.11.4 for linux_amd64 into ${directory}`]);
  });

  test("is fetched whole by two at once", async () => {
    const [one, two] = await Promise.all([fetch(), fetch()]);
    expect(one).toBe(two);
    expect(await readdir(directory)).toEqual(["terraform-1.11.4"]);
  });
});

describe("a release that cannot be trusted or had: an error, and nothing is left", () => {
  const refused = async (options?: FetchOptions): Promise<string> => {
    const message = await fetch(options).then(
      (binary) => `fetched ${binary}`,
      (error: Error) => error.message,
    );
    expect(await readdir(directory)).toEqual([]);
    return message;
  };

  test("its checksum is not the listed one", async () => {
    site.listedChecksum = "0".repeat(64);
    expect(await refused()).toContain("does not match");
  });

  test("file and list were replaced together: the pinned checksum does not come from the site", async () => {
    expect(await refused({ pinned: pinned("f".repeat(64)) })).toContain(
      `got the SHA-256 ${site.checksum} for terraform_1.11.4_linux_amd64.zip; allowed: ${"f".repeat(64)}`,
    );
  });

  test("the connection breaks off in the middle", async () => {
    site.breaksOff = true;
    expect(await refused({ timeout: 500 })).toMatch(/no answer within 0\.5 s|aborted|premature close/i);
  });

  test("the site cannot be reached", async () => {
    const source = () => Promise.reject(new Error("getaddrinfo ENOTFOUND releases.hashicorp.com"));
    expect(await refused({ source })).toBe("getaddrinfo ENOTFOUND releases.hashicorp.com");
  });

  test("the site never answers", async () => {
    expect(await refused({ source: () => new Promise(() => undefined), timeout: 50 })).toBe("no answer within 0.05 s");
  });

  test("the site no longer has the version", async () => {
    const gone = { ...pinned(site.checksum), version: "1.10.0" };
    expect(await refused({ pinned: gone })).toContain("No matching version found");
  });

  test("the platform has no pinned checksum", async () => {
    expect(await refused({ platform: "plan9_mips" })).toBe("no release is pinned for plan9_mips, only for linux_amd64");
  });

  test("the release lacks a build for the platform", async () => {
    const checksums = { linux_riscv64: site.checksum };
    expect(await refused({ platform: "linux_riscv64", pinned: { version: "1.11.4", checksums } })).toBe(
      "terraform 1.11.4 has no build for linux_riscv64",
    );
  });
});

test("a folder that cannot be written is named in the error", async () => {
  // GIVEN a file where the folder should be: unlike a mode, that stops root as well
  const folder = path.join(directory, "file", ".bin");
  await writeFile(path.join(directory, "file"), "");

  // WHEN, THEN
  await expect(fetchRelease(folder, { platform: "linux_amd64" })).rejects.toThrow(folder);
  expect(site.requests).toEqual([]);
});

test("the pinned release has a checksum for each platform this project is meant for", () => {
  expect(Object.keys(PINNED_RELEASE.checksums)).toEqual(["darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"]);
  expect(new Set(Object.values(PINNED_RELEASE.checksums)).size).toBe(4);
  for (const checksum of Object.values(PINNED_RELEASE.checksums)) expect(checksum).toMatch(/^[0-9a-f]{64}$/);
  expect(releasePath(".bin")).toBe(path.join(".bin", "terraform-1.11.4"));
});
