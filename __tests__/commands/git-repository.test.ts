import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { CommandError } from "../../commands/exit-code";
import { GitRepository } from "../../commands/git-repository";
import { OpsFolder } from "../support/ops-folder";
import { outdir } from "../support/synth";

const settings = process.env;
let folder: OpsFolder;
beforeEach(() => {
  process.env = { ...settings, GIT_CONFIG_GLOBAL: devNull, GIT_CONFIG_NOSYSTEM: "1" };
  folder = new OpsFolder({ ops: "pushers: {}\n" }).commit();
});
afterEach(() => {
  process.env = settings;
});

const repository = async () => (await GitRepository.containing(folder.root, process.env))!;
const elsewhere = () => path.join(outdir(), "tree");

describe("the git of a command", () => {
  test("GIVEN the variables of a Git hook of another repository THEN the one of the folder is meant", async () => {
    const before = (await (await repository()).must(["rev-parse", "HEAD"])).trim();
    const other = new OpsFolder({ other: "pushers: {}\n" }).commit();
    Object.assign(process.env, {
      GIT_DIR: path.join(other.root, ".git"),
      GIT_WORK_TREE: other.root,
      GIT_INDEX_FILE: path.join(other.root, ".git/index"),
      GIT_PREFIX: "pushers/",
    });
    const found = await repository();
    expect(found.root).toBe(realpathSync(folder.root));
    expect((await found.must(["rev-parse", "HEAD"])).trim()).toBe(before);
    expect(await found.must(["ls-files"])).toBe("pushers/ops.yaml\n");
  });

  test("GIVEN settings of whoever runs the command THEN they count", async () => {
    Object.assign(process.env, {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "pusher.counted",
      GIT_CONFIG_VALUE_0: "yes",
      // What `git -c pusher.given=yes` leaves to the commands it starts.
      GIT_CONFIG_PARAMETERS: "'pusher.given'='yes'",
    });
    const found = await repository();
    expect(await found.must(["config", "pusher.counted"])).toBe("yes\n");
    expect(await found.must(["config", "pusher.given"])).toBe("yes\n");
  });
});

describe("checkOut", () => {
  test("GIVEN a commit under way THEN its index stays, and the other tree holds the revision", async () => {
    folder.write({ ops: "pushers: {} # next\n" }).git(["add", "pushers"]);
    process.env.GIT_INDEX_FILE = path.join(folder.root, ".git/index");
    const tree = await (await repository()).checkOut("HEAD", elsewhere());
    expect(await tree.must(["status", "--porcelain"])).toBe("");
    expect(await tree.must(["show", "HEAD:pushers/ops.yaml"])).toBe("pushers: {}\n");
    expect(folder.git(["status", "--porcelain"])).toBe("M  pushers/ops.yaml");
  });

  test("GIVEN a hook for checkouts THEN it does not run", async () => {
    mkdirSync(path.join(folder.root, ".git/hooks"), { recursive: true });
    const hook = path.join(folder.root, ".git/hooks/post-checkout");
    writeFileSync(hook, "#!/bin/sh\necho ran >&2\nexit 1\n", { mode: 0o755 });
    await (await repository()).checkOut("HEAD", elsewhere());
  });

  test("GIVEN a revision that is not there THEN it says which command failed, and in which words", async () => {
    const failure = (await repository()).checkOut("nope", elsewhere());
    await expect(failure).rejects.toThrow(CommandError);
    await expect(failure).rejects.toThrow(
      /^git worktree failed, nothing was changed:\nfatal: invalid reference: nope$/,
    );
  });
});
