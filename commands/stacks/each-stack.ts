import { Limiter } from "../../gitlab/limiter";

/** Stacks that are worked on at once: each is a Terraform and a provider of some 100 MB, and GitLab limits calls. */
const AT_ONCE = 4;

/** Calls to GitLab at once, by all stacks together and by a review: as many as those that are worked on make by the default of Terraform, ten each. */
export const CALLS_AT_ONCE = 40;

/** The calls that each of so many stacks may make at the same time: where they are few, a stack may make more. */
export const callsOfEach = (stacks: number): number =>
  Math.floor(CALLS_AT_ONCE / Math.max(1, Math.min(stacks, AT_ONCE)));

/** Something to work on. */
interface OfStack {
  readonly stack: {
    readonly name: string;
    /** Names of the stacks it depends on. */
    readonly dependencies: readonly string[];
  };
}

/** The end of the run of one stack. `left`: another one had failed before this one was begun. */
export type StackRun<T> = { readonly name: string } & (
  | { readonly status: "done"; readonly value: T }
  | { readonly status: "failed"; readonly error: Error }
  | { readonly status: "left" }
);

/**
 * Works on stacks side by side, each after those it depends on, and gives how it went in their order. After a failure no other is begun,
 * and those that run are waited for.
 */
export async function eachStack<S extends OfStack, T>(
  all: readonly S[],
  act: (each: S) => Promise<T>,
): Promise<StackRun<T>[]> {
  const limiter = new Limiter(AT_ONCE);
  const runs = new Map<string, Promise<StackRun<T>>>();
  let failed = false;
  const work = async (each: S): Promise<StackRun<T>> => {
    const { name } = each.stack;
    if (failed) return { name, status: "left" };
    try {
      return { name, status: "done", value: await act(each) };
    } catch (error) {
      failed = true;
      return { name, status: "failed", error: error as Error };
    }
  };
  const begin = (each: S): Promise<StackRun<T>> => {
    const { name, dependencies } = each.stack;
    const known = runs.get(name);
    if (known) return known;
    const earlier = all.filter(({ stack }) => dependencies.includes(stack.name)).map(begin);
    const run = Promise.all(earlier).then(() => limiter.run(() => work(each)));
    runs.set(name, run);
    return run;
  };
  return Promise.all(all.map(begin));
}

/**
 * The values of stacks that were all done.
 * @throws the first error otherwise
 */
export function valuesOf<T>(runs: readonly StackRun<T>[]): T[] {
  return runs.flatMap((run) => {
    if (run.status === "failed") throw run.error;
    return run.status === "done" ? [run.value] : [];
  });
}
