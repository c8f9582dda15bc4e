import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const ROOT = path.join(__dirname, "../..");

/**
 * The package `gitlab-sandbox` in a folder of its own, as `npm install` of what `npm pack` makes would leave it: what it depends on is
 * linked to what is installed here, and nothing else is there.
 */
export class PackedSandbox {
  readonly folder = mkdtempSync(path.join(tmpdir(), "packed-sandbox-"));
  /** Paths in the tarball. */
  readonly files: readonly string[];

  constructor() {
    const options = ["--workspace", "sandbox", "--ignore-scripts=false", "--offline", "--json"];
    const [tarball] = JSON.parse(
      execFileSync("npm", ["pack", ...options, "--pack-destination", this.folder], {
        cwd: ROOT,
        encoding: "utf8",
        stdio: "pipe",
      }),
    ) as [{ filename: string; files: { path: string }[] }];
    this.files = tarball.files.map((file) => file.path);
    execFileSync("tar", ["xzf", tarball.filename], { cwd: this.folder });
    const modules = path.join(this.folder, "node_modules");
    const installed = path.join(modules, "gitlab-sandbox");
    mkdirSync(path.join(modules, ".bin"), { recursive: true });
    renameSync(path.join(this.folder, "package"), installed);
    const { bin, dependencies } = JSON.parse(readFileSync(path.join(installed, "package.json"), "utf8")) as {
      bin: Record<string, string>;
      dependencies: object;
    };
    for (const name of Object.keys(dependencies)) {
      mkdirSync(path.dirname(path.join(modules, name)), { recursive: true });
      symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
    }
    for (const [name, file] of Object.entries(bin)) {
      chmodSync(path.join(installed, file), 0o755);
      symlinkSync(path.join(installed, file), path.join(modules, ".bin", name));
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
