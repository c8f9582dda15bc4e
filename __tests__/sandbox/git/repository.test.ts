import { execFileSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Repository } from "../../../sandbox/git/repository";
import { processesWith } from "../../support/processes";
import { outdir } from "../../support/synth";

const SOMEBODY = { name: "T", email: "t@example.com", date: new Date("2030-01-10T12:00:00Z") };

let repository: Repository;
beforeEach(async () => {
  repository = await Repository.create(join(outdir(), "app.git"), "main");
  await commit("main", "one\n");
});
afterEach(() => repository.close());

const git = (...args: string[]): string =>
  execFileSync("git", args, {
    cwd: repository.path,
    env: { ...process.env, GIT_COMMITTER_NAME: "T", GIT_COMMITTER_EMAIL: "t@example.com" },
    encoding: "utf8",
    stdio: "pipe",
  }).trim();

const commit = (branch: string, text: string, path = "a/b.txt"): Promise<string> =>
  repository.writeCommit({
    branch,
    message: text,
    changes: [{ action: "create", path, content: Buffer.from(text) }],
    author: SOMEBODY,
  });

/** All that is read of a repository here. */
const seen = async () => ({
  branches: await repository.branches(),
  empty: await repository.isEmpty(),
  ids: await Promise.all(
    ["main", "refs/heads/main", "topic/x", "v1", "refs/tags/v1", "HEAD", "nowhere", "refs/heads/nowhere"].map((name) =>
      repository.resolve(name),
    ),
  ),
  previous: [await repository.previousTip("main"), await repository.previousTip("topic/x")],
  commit: (await repository.commit("v1"))?.message,
  file: (await repository.file("main", "a/b.txt"))?.content.toString(),
});

describe("GIVEN branches and tags", () => {
  let expected: Awaited<ReturnType<typeof seen>>;
  beforeEach(async () => {
    const before = git("rev-parse", "main");
    await commit("main", "two\n");
    git("branch", "topic/x", before);
    git("tag", "-a", "-m", "a tag", "v0", before);
    git("-c", "advice.nestedTag=false", "tag", "-a", "-m", "a tag of a tag", "v1", "v0");
    const [main, old] = [git("rev-parse", "main"), before];
    expected = {
      branches: [
        { name: "main", commitId: main },
        { name: "topic/x", commitId: old },
      ],
      empty: false,
      ids: [main, main, old, old, old, main, undefined, undefined],
      previous: [old, undefined],
      commit: "one\n",
      file: "two\n",
    };
  });

  test("WHEN they are in files of their own THEN they are read there", async () => {
    expect(await seen()).toEqual(expected);
  });

  test("WHEN somebody packed them THEN they are read all the same", async () => {
    git("gc", "--quiet", "--prune=now");
    expect(await seen()).toEqual(expected);
  });

  test("WHEN one is the name of another one THEN it is that", async () => {
    writeFileSync(join(repository.path, "refs/heads/alias"), "ref: refs/heads/main\n");
    expect((await repository.branches()).map(({ name }) => name)).toEqual(["alias", "main", "topic/x"]);
    expect(await repository.resolve("refs/heads/alias")).toBe(git("rev-parse", "main"));
  });

  test("WHEN they move THEN that is seen at once", async () => {
    git("update-ref", "-d", "refs/heads/topic/x");
    const id = await commit("main", "three\n");
    expect((await seen()).branches).toEqual([{ name: "main", commitId: id }]);
    expect(await repository.previousTip("main")).toBe(expected.ids[0]);
  });

  test("WHEN nothing else is asked than what is in files THEN no process reads it", async () => {
    await repository.resolve("refs/heads/main");
    await repository.commit("main");
    await repository.file("topic/x", "a/b.txt");
    expect(await processesWith(repository.path)).toEqual([]);
  });
});

test.each([
  ["refs/heads/../heads/main", undefined],
  ["refs/heads//main", undefined],
  ["refs/heads/main.lock", undefined],
  ["config", undefined],
  ["../app.git/HEAD", undefined],
])("GIVEN %s, which is a file but no ref, THEN there is no such commit", async (name, expected) => {
  appendFileSync(join(repository.path, "refs/heads/main.lock"), `${git("rev-parse", "main")}\n`);
  expect(await repository.resolve(name)).toBe(expected);
});

test("GIVEN an abbreviated id THEN it is that commit, whatever refs are called", async () => {
  const id = git("rev-parse", "main");
  expect(await repository.resolve(id.slice(0, 9))).toBe(id);
});
