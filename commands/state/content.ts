import { isDeepStrictEqual } from "node:util";

/** The knowledge of a state, whatever its serial and the release that wrote it. */
export interface StateContent {
  readonly resources: readonly { readonly type?: string; readonly name?: string; readonly mode?: string }[];
  readonly outputs: object;
}

/** Tells whether two states in clear know the same. */
export const isSameContent = (one: string, other: string): boolean =>
  isDeepStrictEqual(contentOf(one), contentOf(other));

/** The number of resources that a state in clear knows. */
export const resourcesIn = (text: string): number => contentOf(text).resources.length;

function contentOf(text: string): StateContent {
  const { resources = [], outputs = {} } = JSON.parse(text) as Partial<StateContent>;
  const named = resources.map(
    (resource) => [JSON.stringify([resource.mode, resource.type, resource.name]), resource] as const,
  );
  return { resources: named.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, resource]) => resource), outputs };
}
