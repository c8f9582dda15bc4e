import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { Deployment } from "./deployment";
import type { WorkingCopy } from "./git-client";

const ROOT = path.join(__dirname, "../..");

/** Files by their path; undefined takes one away. */
export type Files = Readonly<Record<string, string | undefined>>;

/** What jobs of an ops repository do not run: each would check it out. */
const LEFT_OUT = ["__tests__", "bench", "conformance", "demo", "docs", "pushers", "release", "sandbox"];

/** Folders of code that no test changes, which is a link there: hundreds of files for each job otherwise. */
const LINKED = ["commands", "constructs", "estate", "gitlab", "inventory", "state", "terraform"];

/** The ops repository as a project of GitLab: this project's own files, but the test's inventory and configuration. */
export class OpsProject {
  private constructor(
    private readonly copy: WorkingCopy,
    private readonly url: string,
  ) {}

  /** Fills the empty project `name`; `url` is its address for a token that may push. */
  static async create(deployment: Deployment, url: string, files: Files): Promise<OpsProject> {
    const copy = await deployment.git.init(url);
    const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
    for (const name of listed.toString().split("\0")) {
      if (name === "" || [...LEFT_OUT, ...LINKED].includes(name.split("/")[0]!)) continue;
      cpSync(path.join(ROOT, name), path.join(copy.folder, name));
    }
    for (const folder of LINKED) symlinkSync(path.join(ROOT, folder), path.join(copy.folder, folder));
    const project = new OpsProject(copy, url);
    await project.push("main", files, "The ops repository");
    return project;
  }

  /** Commits files on a branch and pushes it. @param from where a new branch begins; @default - the branch is there */
  async push(branch: string, files: Files, message: string, from?: string): Promise<string> {
    const { copy } = this;
    if (from !== undefined) {
      await copy.must("fetch", "--quiet", this.url, from);
      await copy.must("switch", "--quiet", "--create", branch, "FETCH_HEAD");
    } else await copy.must("switch", "--quiet", branch);
    for (const [name, content] of Object.entries(files)) {
      const file = path.join(copy.folder, name);
      if (content === undefined) rmSync(file);
      else {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
    }
    await copy.must("add", "--all");
    await copy.must("commit", "--quiet", "--message", message);
    await copy.must("push", "--quiet", this.url, `HEAD:refs/heads/${branch}`);
    return copy.must("rev-parse", "HEAD");
  }
}
