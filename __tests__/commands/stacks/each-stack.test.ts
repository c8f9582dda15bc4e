import { setImmediate as turn } from "node:timers/promises";
import { eachStack, valuesOf } from "../../../commands/stacks/each-stack";

const stack = (name: string, ...dependencies: string[]) => ({ stack: { name, dependencies } });

/** Work whose end the test decides on; it notes what begins and ends. */
class Work {
  readonly log: string[] = [];
  private readonly ends = new Map<string, (error?: Error) => void>();

  readonly act = ({ stack: { name } }: ReturnType<typeof stack>): Promise<string> => {
    this.log.push(`+${name}`);
    return new Promise((resolve, reject) => {
      this.ends.set(name, (error) => {
        this.log.push(`-${name}`);
        error ? reject(error) : resolve(name.toUpperCase());
      });
    });
  };

  async end(name: string, error?: Error): Promise<void> {
    await turn();
    this.ends.get(name)!(error);
    await turn();
  }
}

test("four stacks are worked on at once, and the values come in the order of the stacks", async () => {
  const work = new Work();
  const stacks = ["a", "b", "c", "d", "e"].map((name) => stack(name));
  const runs = eachStack(stacks, work.act);
  await turn();
  expect(work.log).toEqual(["+a", "+b", "+c", "+d"]);
  for (const name of ["d", "e", "a", "b", "c"]) await work.end(name);
  expect(work.log.slice(4, 6)).toEqual(["-d", "+e"]);
  expect(valuesOf(await runs)).toEqual(["A", "B", "C", "D", "E"]);
});

test("a stack waits for those it depends on, wherever they stand, and for no others", async () => {
  const work = new Work();
  const runs = eachStack(
    [stack("last", "mid", "gone"), stack("mid", "first"), stack("first"), stack("other")],
    work.act,
  );
  await turn();
  expect(work.log).toEqual(["+first", "+other"]);
  for (const name of ["first", "mid", "last", "other"]) await work.end(name);
  expect(work.log).toEqual(["+first", "+other", "-first", "+mid", "-mid", "+last", "-last", "-other"]);
  expect(valuesOf(await runs)).toEqual(["LAST", "MID", "FIRST", "OTHER"]);
});

test("after a failure no other is begun, those that run are waited for, and the first error is told", async () => {
  const work = new Work();
  const stacks = [...["a", "b", "c", "d", "e"].map((name) => stack(name)), stack("f", "a")];
  const runs = eachStack(stacks, work.act);
  await work.end("a", new Error("refused"));
  for (const name of ["b", "c"]) await work.end(name);
  await work.end("d", new Error("too late"));
  expect(work.log.filter((entry) => entry.startsWith("+"))).toEqual(["+a", "+b", "+c", "+d"]);
  expect((await runs).map(({ name, status }) => `${name} ${status}`)).toEqual([
    "a failed",
    "b done",
    "c done",
    "d failed",
    "e left",
    "f left",
  ]);
  expect(() => valuesOf([])).not.toThrow();
  const ended = await runs;
  expect(() => valuesOf(ended)).toThrow("refused");
});
