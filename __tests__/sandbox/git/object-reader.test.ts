import { execFileSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { ObjectReader } from "../../../sandbox/git/object-reader";
import { processesWith } from "../../support/processes";
import { outdir } from "../../support/synth";

const DATE = "2030-01-10T12:00:00Z";
const SOMEBODY = ["-c", "user.name=T", "-c", "user.email=t@example.com"];

let path: string;
let reader: ObjectReader;
beforeEach(() => {
  path = outdir();
  git(["init", "--quiet", "--initial-branch=main"]);
  commit("first");
  reader = new ObjectReader(path);
});

function git(args: readonly string[], input = ""): string {
  const env = { ...process.env, GIT_AUTHOR_DATE: DATE, GIT_COMMITTER_DATE: DATE };
  return execFileSync("git", args, { cwd: path, env, input, encoding: "utf8", maxBuffer: 1e9 }).trim();
}

const commit = (message: string) => git([...SOMEBODY, "commit", "--quiet", "--allow-empty", `--message=${message}`]);
const idOf = async (name: string) => (await reader.read(name))?.id;

test.each([
  ["a branch", "main", "commit"],
  ["its full name", "refs/heads/main", "commit"],
  ["HEAD", "HEAD", "commit"],
  ["a commit's tree", "main^{tree}", "tree"],
])("GIVEN %s THEN it is what git says", async (_, name, type) => {
  const found = await reader.read(name);
  expect(found).toEqual({ id: git(["rev-parse", name]), type, content: expect.any(Buffer) });
  expect(found!.content.toString()).toBe(type === "tree" ? "" : `${git(["cat-file", "commit", name])}\n`);
});

test.each(["nowhere", "0".repeat(40), "main:file", "main^{blob}", "a b missing"])(
  "GIVEN %j THEN there is none",
  async (name) => {
    expect(await reader.read(name)).toBeUndefined();
    expect(await idOf("main")).toBe(git(["rev-parse", "main"]));
  },
);

test("GIVEN questions all at once THEN each gets its own answer", async () => {
  const large = git(["hash-object", "-w", "--stdin"], "0123456789\n".repeat(400_000));
  const small = git(["hash-object", "-w", "--stdin"], "small\n");
  const empty = git(["hash-object", "-w", "--stdin"]);
  const names = [small, large, "nowhere", empty, "main", large, small];
  const found = await Promise.all(names.map((name) => reader.read(name)));
  expect(found.map((object) => object?.content.length)).toEqual([
    6,
    4_400_000,
    undefined,
    0,
    expect.any(Number),
    4_400_000,
    6,
  ]);
  expect(found.map((object) => object?.id)).toEqual([
    small,
    large,
    undefined,
    empty,
    git(["rev-parse", "main"]),
    large,
    small,
  ]);
});

test("GIVEN somebody else commits, packs and deletes THEN it sees that", async () => {
  const first = await idOf("main");
  expect(await idOf("refs/heads/later")).toBeUndefined();
  commit("second");
  expect(await idOf("main")).toBe(git(["rev-parse", "main"]));
  expect(await idOf("main")).not.toBe(first);
  commit("third");
  git(["branch", "later"]);
  git(["gc", "--quiet"]);
  expect(await idOf("refs/heads/later")).toBe(git(["rev-parse", "main"]));
  git(["branch", "-D", "later"]);
  expect(await idOf("refs/heads/later")).toBeUndefined();
});

test("GIVEN nobody asks any more THEN its process ends, and another one answers later", async () => {
  await reader.read("main");
  expect(await processesWith(path)).toHaveLength(1);
  while ((await processesWith(path)).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await idOf("main")).toBe(git(["rev-parse", "main"]));
});

test("GIVEN it is closed THEN what was asked is answered, and no process is left", async () => {
  const asked = reader.read("main");
  await reader.close();
  expect((await asked)?.id).toBe(git(["rev-parse", "main"]));
  expect(await processesWith(path)).toEqual([]);
});

test("GIVEN no repository THEN that is told, and not asked for ever", async () => {
  rmSync(path, { recursive: true });
  await expect(reader.read("main")).rejects.toThrow(/git cat-file exited with 128: fatal: cannot change to/);
  expect(existsSync(path)).toBe(false);
});

test("GIVEN git gives up THEN its words are told, and the next question is answered", async () => {
  await expect(reader.read("main@{99}")).rejects.toThrow(/git cat-file exited with 128: fatal: .*only has 1 entries/);
  expect(await idOf("main")).toBe(git(["rev-parse", "main"]));
});
