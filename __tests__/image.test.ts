import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { PINNED_RELEASE } from "../terraform/release";

const ROOT = path.join(__dirname, "..");
const DOCKERFILE = readFileSync(path.join(ROOT, "Dockerfile"), "utf8");
const IGNORED = readFileSync(path.join(ROOT, ".dockerignore"), "utf8").trim().split("\n");

/** No container engine runs where these tests do: they hold what the file names. */
describe("the image", () => {
  test("has the Terraform of terraform/release.ts, by its checksums", () => {
    const { version, checksums } = PINNED_RELEASE;
    expect(DOCKERFILE).toContain(`ARG TERRAFORM_VERSION=${version}\n`);
    for (const system of ["amd64", "arm64"]) {
      expect(DOCKERFILE).toContain(`ARG TERRAFORM_SHA256_${system}=${checksums[`linux_${system}`]}\n`);
    }
    expect(DOCKERFILE).toContain("sha256sum --check");
  });

  test("copies and links files that exist", () => {
    const copied = [...DOCKERFILE.matchAll(/^COPY (.*) \S+$/gm)].flatMap(([, files]) => files!.split(" "));
    const linked = [...DOCKERFILE.matchAll(/ln -s \/opt\/gitlab-ci-pusher\/(\S+)/g)].map(([, file]) => file!);
    expect([copied.length, linked.length]).toEqual([4, 1]);
    for (const file of [...copied, ...linked]) expect([file, existsSync(path.join(ROOT, file))]).toEqual([file, true]);
  });

  test("has the Node of the pipeline, for a user without rights", () => {
    const [, version] = /^FROM docker\.io\/library\/node:([\d.]+)-/m.exec(DOCKERFILE)!;
    expect(readFileSync(path.join(ROOT, "templates/ops.yml"), "utf8")).toContain(`library/node:${version}-`);
    expect(DOCKERFILE.indexOf("USER node")).toBeGreaterThan(DOCKERFILE.lastIndexOf("RUN "));
  });

  test("gets nothing that holds a secret, and no packages of this machine", () => {
    expect(IGNORED).toEqual(
      expect.arrayContaining([".git", ".state", ".terraform", "cdktf.out", "node_modules", "review"]),
    );
  });
});
