import type { RawParameters } from "./parameters";

/** Parameters of which it is known whether anybody has looked at them. */
export interface WatchedParameters {
  readonly raw: RawParameters;
  /** Names of those that nobody has looked at. */
  readonly unread: () => string[];
}

export function watched(parameters: RawParameters): WatchedParameters {
  const read = new Set<PropertyKey>();
  const raw = new Proxy(parameters, {
    get(target, name, receiver) {
      read.add(name);
      return Reflect.get(target, name, receiver);
    },
  });
  return { raw, unread: () => Object.keys(parameters).filter((name) => !read.has(name)) };
}
