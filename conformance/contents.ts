import { oneLine } from "../gitlab/printable";
import { type Answer, field, type Server } from "./server";
import { isOurs, ownSubgroups, type Subgroup } from "./subgroup";

/** A kind of thing that a group may hold. */
interface Kind {
  readonly what: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | boolean>>;
  readonly name: string;
  /** Tells whether one of them is no sign of use. */
  readonly isFine?: (element: unknown, known: Known) => boolean;
}

/** Those whose things are no sign of use. */
interface Known {
  /** The id of the token's user. */
  readonly operator: number;
  /** The full paths of subgroups of runs' making. */
  readonly ours: readonly string[];
}

const KINDS: readonly Kind[] = [
  {
    what: "project",
    path: "projects",
    query: { include_subgroups: true },
    name: "path_with_namespace",
    isFine: (project, { ours }) =>
      ours.some((subgroup) => String(field(project, "path_with_namespace")).startsWith(`${subgroup}/`)),
  },
  { what: "subgroup", path: "subgroups", name: "full_path", isFine: isOurs },
  {
    what: "member beside you",
    path: "members/all",
    name: "username",
    isFine: (member, { operator }) => field(member, "id") === operator,
  },
  { what: "variable", path: "variables", name: "key" },
  { what: "access token", path: "access_tokens", query: { state: "active" }, name: "name" },
  { what: "deploy token", path: "deploy_tokens", query: { active: true }, name: "name" },
];

/** The most of a kind that are named. */
const MOST_NAMED = 3;

/**
 * Signs that a group is used for anything but this: what is in it, and what of it cannot be seen.
 * @param operator the id of the token's user
 */
export async function contentsOf(server: Server, group: Subgroup, operator: number): Promise<string[]> {
  const known = { operator, ours: (await ownSubgroups(server, group)).map(({ fullPath }) => fullPath) };
  const found: string[] = [];
  for (const kind of KINDS) {
    const answer = await server.get(["groups", group.id, ...kind.path.split("/")], { ...kind.query, per_page: 100 });
    found.push(...signOf(kind, answer, known));
  }
  return found;
}

function signOf({ what, name, isFine }: Kind, { status, body }: Answer, known: Known): string[] {
  if (!Array.isArray(body) || status !== 200) return [`no look at its ${what}s (${status})`];
  const strange = (body as unknown[]).filter((element) => !isFine?.(element, known));
  if (strange.length === 0) return [];
  const named = strange.slice(0, MOST_NAMED).map((element) => oneLine(String(field(element, name))));
  const more = strange.length > MOST_NAMED ? ", …" : "";
  return [`${strange.length} ${what}${strange.length === 1 ? "" : "s"}: ${named.join(", ")}${more}`];
}
