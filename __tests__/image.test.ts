import { readFileSync } from "node:fs";
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

  test("has the package as it is published, packed by a stage of its own, and starts its command", () => {
    const { name, bin, scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
    const [, packing, last] = DOCKERFILE.split(/^FROM /m);
    const [run] = /^RUN npm ci .*/m.exec(packing!)!;
    expect(run.split(" && ").slice(1)).toEqual(["npm run build", "npm pack"]);
    expect(scripts).toHaveProperty("build");
    expect(last).toContain(`COPY --from=package /src/${name}-*.tgz /tmp/package/\n`);
    expect(last).toMatch(/^RUN npm install --global .*\/tmp\/package\/\*\.tgz/m);
    const [, entry] = /^ENTRYPOINT \["(.*)"\]$/m.exec(last!)!;
    expect(Object.keys(bin)).toContain(entry);
    expect(last!.match(/^COPY .*/gm)).toHaveLength(1);
  });

  test("has the Node of the pipeline in both stages, for a user without rights", () => {
    const [, version] = /default: docker\.io\/library\/node:(\S+)$/m.exec(
      readFileSync(path.join(ROOT, "templates/ops.yml"), "utf8"),
    )!;
    const bases = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(bases).toEqual(Array(2).fill(`docker.io/library/node:${version}-slim`));
    expect(DOCKERFILE.indexOf("\nUSER 1000\n")).toBeGreaterThan(DOCKERFILE.lastIndexOf("RUN "));
  });

  test("gets nothing that holds a secret, and no packages of this machine", () => {
    expect(IGNORED).toEqual(
      expect.arrayContaining([".git", ".state", ".terraform", "cdktf.out", "node_modules", "review"]),
    );
  });
});
