import { samePath } from "../../../gitlab/project-path";
import type { InventoryFile } from "../../../inventory/load";
import type { Ignored } from "../../../inventory/schema";
import { count } from "../../count";
import { code } from "../effects/change-in-words";
import type { Undeclared, UndeclaredKind } from "./undeclared";

/** An entry of `ignore`, with its place in the inventory. */
export interface Ignore {
  readonly entry: Ignored;
  readonly at: string;
  /** Full path of its project in GitLab. @default - that of the entry */
  readonly movedTo?: string;
}

export const ignoresOf = (inventory: readonly InventoryFile[]): Ignore[] =>
  inventory.flatMap(({ content, locate }) =>
    content.ignore.map((entry, index) => ({ entry, at: locate(["ignore", index]) })),
  );

/** All of a kind in a place; not, or not here; or a place that no stack has a target in, where nobody looks. */
export type Sight = "all" | "not seen" | "no target";

/** The things that are left to tell, and what there is to say of the entries. */
export interface Told {
  readonly undeclared: readonly Undeclared[];
  readonly notes: readonly string[];
}

/**
 * The things that nobody declared, without those that entries name. A name that several tokens or keys have quiets none of them: anybody can give another one
 * that name.
 * @param sightOf how much of a kind in a place was looked at: an entry that names nothing where all was seen has nothing left to do
 */
export function withoutIgnored(
  all: readonly Undeclared[],
  ignores: readonly Ignore[],
  sightOf: (kind: UndeclaredKind, place: string) => Sight,
): Told {
  const quiet = new Set<Undeclared>();
  const notes: string[] = [];
  for (const { entry, at, movedTo } of ignores) {
    const { kind, name, place: written } = meantBy(entry);
    const place = movedTo ?? written;
    const meant = all.filter(
      (each) => each.kind === kind && samePath(each.place) === samePath(place) && has(each, name),
    );
    const isClear = meant.length === 1 || meant.every(({ id }) => id === undefined);
    if (meant.length > 0 && isClear) for (const each of meant) quiet.add(each);
    else if (meant.length > 0)
      notes.push(
        `${at}: ignore: ${count(meant.length, kind)} of ${code(place)} have that name: write the number of the one that is meant.`,
      );
    else if (sightOf(kind, place) === "no target")
      notes.push(
        `${at}: ignore: ${code(place)} is no target of this inventory, nor a group of one: correct the path, or take the entry out.`,
      );
    else if (sightOf(kind, place) === "all")
      notes.push(
        `${at}: ignore: ${code(place)} has no such ${kind} any more that nobody declares: take the entry out.`,
      );
  }
  const ignored =
    quiet.size > 0 ? [`${count(quiet.size, "thing")} that nobody declared may stay, as ignore says.`] : [];
  return { undeclared: all.filter((each) => !quiet.has(each)), notes: [...ignored, ...notes] };
}

interface Meant {
  readonly kind: UndeclaredKind;
  readonly place: string;
  /** @default - there is one at most */
  readonly name?: string | number;
}

function meantBy(entry: Ignored): Meant {
  const place = entry.project ?? entry.group ?? "";
  if (entry.branch !== undefined) return { kind: "branch rule", place, name: entry.branch };
  if (entry.tag !== undefined) return { kind: "tag rule", place, name: entry.tag };
  if (entry.token !== undefined) return { kind: "token", place, name: entry.token };
  if (entry.deploy_key !== undefined) return { kind: "deploy key", place, name: entry.deploy_key };
  return { kind: "job token", place };
}

const has = (each: Undeclared, name: string | number | undefined): boolean =>
  name === undefined || (typeof name === "number" ? each.id === name : each.name === name);
