import type { Misfit } from "./misfit";

type Mapping = Readonly<Record<string, unknown>>;

/** Keys of `defaults` whose values are joined with a pusher's, key by key: a rule is one value, a setting of the variable too. */
const JOINED: ReadonlySet<string> = new Set(["token", "variable", "branches", "tags"]);

/** Those of which a pusher has any number. */
const COLLECTIONS = ["branches", "tags"] as const;

/** A path in a file whose pushers have what they leave out from `defaults`. */
export type Path = readonly PropertyKey[];

/** A file's value in which every pusher has what it says, and of `defaults` what it does not say. */
export function withDefaults(value: unknown): unknown {
  const { defaults, pushers } = mapping(value) ?? {};
  const [given, all] = [mapping(defaults), mapping(pushers)];
  if (!given || !all) return value;
  return { ...mapping(value), pushers: mapped(all, (pusher) => joined(given, pusher)) };
}

function joined(defaults: Mapping, pusher: unknown): unknown {
  const own = mapping(pusher);
  if (!own) return pusher;
  const both = [...JOINED].flatMap((key): [string, unknown][] => {
    const [given, said] = [mapping(defaults[key]), mapping(own[key])];
    return given && said ? [[key, merged(given, said)]] : [];
  });
  return merged(merged(defaults, own), Object.fromEntries(both));
}

/** The place where what a pusher has was written: under the pusher, or under `defaults`. */
export function writtenAt(value: unknown, path: Path): Path {
  const [top, id, ...rest] = path;
  if (top !== "pushers" || id === undefined || rest.length === 0) return path;
  const file = mapping(value);
  const isOwn = depth(mapping(file?.pushers)?.[String(id)], rest) >= depth(file?.defaults, rest);
  return isOwn ? path : ["defaults", ...rest];
}

/** The number of steps of a path that a value has. */
function depth(value: unknown, path: Path): number {
  let at = value;
  for (const [taken, step] of path.entries()) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, step)) return taken;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return path.length;
}

/** Pushers that say they have no branches or tags where `defaults` has some, which could mean either. */
export function defaultsProblems(value: unknown): Misfit[] {
  const { defaults, pushers } = mapping(value) ?? {};
  return Object.entries(mapping(pushers) ?? {}).flatMap(([id, pusher]) =>
    COLLECTIONS.flatMap((key): Misfit[] => {
      const [given, said] = [mapping(mapping(defaults)?.[key]), mapping(mapping(pusher)?.[key])];
      if (!given || !said || Object.keys(given).length === 0 || Object.keys(said).length > 0) return [];
      const problem = {
        got: `no ${key} where defaults has ${Object.keys(given).length}`,
        allowed: `${key} of its own beside those of defaults`,
        fix: "take the line out to have those of defaults; move the pusher to another file, or them out of defaults, to have none",
      };
      return [{ path: ["pushers", id, key], problem }];
    }),
  );
}

const mapping = (value: unknown): Mapping | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Mapping) : undefined;

const mapped = (from: Mapping, change: (value: unknown) => unknown): Mapping =>
  Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value)]));

const merged = (one: Mapping, other: Mapping): Mapping =>
  Object.fromEntries([...Object.entries(one), ...Object.entries(other)]);
