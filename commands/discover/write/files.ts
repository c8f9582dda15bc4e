import { samePath } from "../../../gitlab/project-path";
import { idProblem } from "../../../inventory/schema";
import type { FileProposal } from "./inventory-text";
import type { Left, Proposal, PusherProposal } from "./proposal";

/** Ten to fifty pushers are a good stack (docs/inventory.md), and these may grow. */
const MOST_IN_FILE = 20;

/**
 * A proposal as files: one for each group that has targets, more where it has many. What belongs to no target's group is told in the first.
 * @param taken names of files that are there
 */
export function filesOf({ pushers, left, premium }: Proposal, taken: ReadonlySet<string>): FileProposal[] {
  const byGroup = new Map<string, PusherProposal[]>();
  for (const pusher of pushers) {
    const group = samePath(pusher.target.slice(0, pusher.target.lastIndexOf("/")));
    byGroup.set(group, [...(byGroup.get(group) ?? []), pusher]);
  }
  const names = new Set(taken);
  const files = [...byGroup].flatMap(([group, all]) =>
    chunks(all).map((some) => ({
      stack: fresh(slug(group), names),
      pushers: withIds(some),
      left: [] as Left[],
      premium,
    })),
  );
  const [first] = files;
  if (!first) return [];
  return [{ ...first, left }, ...files.slice(1)];
}

function withIds(pushers: readonly PusherProposal[]): Map<string, PusherProposal> {
  const ids = new Set<string>();
  return new Map(
    pushers.map((pusher) => [fresh(slug(pusher.target.slice(pusher.target.lastIndexOf("/") + 1)), ids), pusher]),
  );
}

/** A name that is not among those, and is from now on. */
function fresh(name: string, names: Set<string>): string {
  let tried = name;
  for (let count = 2; names.has(tried) || idProblem(tried); count += 1) tried = `${name}-${count}`;
  names.add(tried);
  return tried;
}

/** A text as an id: short enough for a number behind it. */
function slug(text: string): string {
  const id = text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 55)
    .replace(/-+$/, "");
  return id === "" ? "pushers" : id;
}

/** Those of one target stay together, as a rule lets in by name only bots of its own file. */
function chunks(all: readonly PusherProposal[]): PusherProposal[][] {
  const files: PusherProposal[][] = [];
  for (const path of new Set(all.map(({ target }) => samePath(target)))) {
    const some = all.filter(({ target }) => samePath(target) === path);
    const last = files.at(-1);
    if (last && last.length + some.length <= MOST_IN_FILE) last.push(...some);
    else files.push(some);
  }
  return files;
}
