import { shard } from "../../../commands/shard-option";
import { inShard } from "../../../commands/stacks/shard";

interface Stack {
  readonly name: string;
  readonly dependencies: readonly string[];
}

const stack = (name: string, ...dependencies: string[]): Stack => ({ name, dependencies });
const fleet = (count: number): Stack[] => Array.from({ length: count }, (_, i) => stack(`team-${i}`));
const names = (stacks: readonly Stack[]) => stacks.map(({ name }) => name);
const shards = (stacks: readonly Stack[], total: number) =>
  Array.from({ length: total }, (_, i) => names(inShard(stacks, { index: i + 1, total })));

test.each([1, 2, 7])("GIVEN %i shards THEN each stack is in one of them", (total) => {
  const stacks = fleet(100);
  expect(shards(stacks, total).flat().sort()).toEqual(names(stacks).sort());
});

test("GIVEN many stacks THEN the shards are of a like size", () => {
  for (const share of shards(fleet(1000), 4)) expect(Math.abs(share.length - 250)).toBeLessThan(60);
});

test("WHEN stacks come and go THEN the others stay in their shards", () => {
  const [before, after] = [fleet(50), [...fleet(40), stack("new"), stack("newer")]];
  const stays = new Set(names(fleet(40)));
  const kept = (share: string[]) => share.filter((name) => stays.has(name));
  expect(shards(after, 4).map(kept)).toEqual(shards(before, 4).map(kept));
});

test("GIVEN stacks that depend on each other, by however many others, THEN they are in one shard", () => {
  const chain = [stack("z"), stack("y", "z"), stack("x", "y"), stack("b"), stack("a", "b", "x"), ...fleet(20)];
  const holding = shards(chain, 5).filter((share) => ["a", "b", "x", "y", "z"].some((name) => share.includes(name)));
  expect(holding).toHaveLength(1);
});

test.each(["0/1", "2/1", "1", "1/", "/1", "1/x", "1.5/2", "-1/2", "1/2/3", ""])("--shard %j is refused", (text) => {
  expect(() => shard(text)).toThrow(`got ${JSON.stringify(text)}; allowed: 1/4 to 4/4 for four jobs`);
});

test("--shard is read as GitLab's CI_NODE_INDEX and CI_NODE_TOTAL", () => {
  expect(shard("12/200")).toEqual({ index: 12, total: 200 });
});
