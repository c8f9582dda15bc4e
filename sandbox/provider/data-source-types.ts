import type { DataSource } from "./data-source";
import { groupIds } from "./data-sources/group-ids";
import { user } from "./data-sources/user";

/** The data sources the stand-in has, by name. */
export const DATA_SOURCE_TYPES: ReadonlyMap<string, DataSource> = new Map(
  [user, groupIds].map((source) => [source.typeName, source]),
);
