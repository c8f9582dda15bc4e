import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { formerFiles, isShallow } from "../../inventory/former-files";
import { outdir } from "../support/synth";

/** A repository whose folder `pushers` has had files. */
class Repository {
  readonly root = outdir();
  readonly pushers = path.join(this.root, "pushers");

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
    mkdirSync(this.pushers);
  }

  git(...args: string[]): void {
    const own = ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    const env = { ...process.env, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
    execFileSync("git", [...own, ...args], { cwd: this.root, env, stdio: "pipe" });
  }

  commit(...names: string[]): void {
    for (const name of names) writeFileSync(path.join(this.pushers, name), `${name}\n`);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message=change");
  }

  remove(name: string): void {
    rmSync(path.join(this.pushers, name));
  }
}

describe("the files that a folder had once", () => {
  test("GIVEN files taken out, renamed, taken out in a branch, not committed yet and staged THEN each is told once", async () => {
    const repository = new Repository();
    repository.commit(
      "stays.yaml",
      "out.yaml",
      "renamed.yaml",
      "branched.yaml",
      "later.yaml",
      "README.md",
      "back.yaml",
    );
    repository.remove("out.yaml");
    repository.remove("README.md");
    repository.remove("back.yaml");
    renameSync(path.join(repository.pushers, "renamed.yaml"), path.join(repository.pushers, "new.yaml"));
    repository.commit();
    repository.commit("back.yaml");
    repository.git("switch", "--quiet", "--create", "branch");
    repository.remove("branched.yaml");
    repository.commit();
    repository.git("switch", "--quiet", "main");
    repository.commit("another.yaml");
    repository.git("merge", "--quiet", "--no-edit", "branch");
    repository.remove("later.yaml");
    repository.git("rm", "--quiet", "--cached", "pushers/another.yaml");
    repository.remove("another.yaml");
    // Who asks knows which of them are there again.
    expect(await formerFiles(repository.pushers)).toEqual(["another", "back", "branched", "later", "out", "renamed"]);
  });

  test("GIVEN a Git hook's environment THEN the folder's own repository tells", async () => {
    const repository = new Repository();
    repository.commit("out.yaml");
    repository.remove("out.yaml");
    const before = { ...process.env };
    Object.assign(process.env, { GIT_DIR: "/nowhere", GIT_INDEX_FILE: "/nowhere/index" });
    try {
      expect(await formerFiles(repository.pushers)).toEqual(["out"]);
    } finally {
      process.env = before;
    }
  });

  test("GIVEN a clone of the last commit alone THEN it says that it is one", async () => {
    const repository = new Repository();
    repository.commit("out.yaml");
    repository.remove("out.yaml");
    repository.commit("stays.yaml");
    const clone = path.join(outdir(), "clone");
    repository.git("clone", "--quiet", "--depth=1", `file://${repository.root}`, clone);
    expect([await isShallow(clone), await formerFiles(path.join(clone, "pushers"))]).toEqual([true, []]);
    expect([await isShallow(repository.root), await isShallow(outdir())]).toEqual([false, false]);
  });

  test("GIVEN no commit, no repository or no folder THEN there are none", async () => {
    const repository = new Repository();
    expect(await formerFiles(repository.pushers)).toEqual([]);
    expect(await formerFiles(outdir())).toEqual([]);
    expect(await formerFiles(path.join(outdir(), "nowhere"))).toEqual([]);
  });
});
