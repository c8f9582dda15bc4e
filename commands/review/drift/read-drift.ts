import { type NamedProjects, readProjects } from "../../../estate/read-estate";
import type { NotSeen } from "../../../estate/reader";
import { ApiClient } from "../../../gitlab/api-client";
import { ApiError } from "../../../gitlab/api-error";
import { requireBaseUrl } from "../../../gitlab/base-url";
import { samePath } from "../../../gitlab/project-path";
import type { InventoryFile } from "../../../inventory/load";
import type { Plan } from "../../stacks/plan";
import type { SynthesizedStack } from "../../stacks/synthesis";
import { declaredBy } from "./declared";
import { ignoresOf, withoutIgnored } from "./ignores";
import { isSeen, ownOpenings, type Undeclared, undeclaredIn } from "./undeclared";

/** The things that GitLab holds in the targets beside what is declared. */
export interface Drift {
  readonly undeclared: readonly Undeclared[];
  /** Sentences that people should know about it, for a summary. */
  readonly notes: readonly string[];
}

export const NO_DRIFT: Drift = { undeclared: [], notes: [] };

export interface DriftSource {
  /** All stacks of the project: what one of them declares in a target is no drift of another one. */
  readonly stacks: readonly SynthesizedStack[];
  /** Those of the stacks whose targets are looked at. */
  readonly plans: readonly Plan[];
  readonly inventory: readonly InventoryFile[];
  /** Tells whether nobody else tells of entries of `ignore` for what is no target at all. */
  readonly isFirst: boolean;
}

/**
 * Looks for rules, and for what can push, that nobody declared. Only GETs: those of {@link readProjects} for each target, without what
 * carries tokens. No value of a variable is asked about: GitLab counts that as a use, and a token that nobody uses would never show.
 */
export async function readDrift(source: DriftSource, environment: NodeJS.ProcessEnv, now: Date): Promise<Drift> {
  const { stacks, plans, inventory, isFirst } = source;
  const declared = declaredBy(stacks, plans, inventory);
  const { GITLAB_TOKEN: token } = environment;
  if (!token) return silent("there is no GITLAB_TOKEN");
  const client = new ApiClient({ baseUrl: requireBaseUrl(environment), token });
  let targets: NamedProjects;
  try {
    targets = await readProjects(client, declared.targets, { now, checkValues: false, carriers: false });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return silent(error.reason);
  }
  const found = undeclaredIn(targets, declared);
  const looked = [...declared.targets, ...targets.paths.values()].map(samePath);
  const moved = new Map([...targets.paths].map(([asked, path]) => [samePath(asked), path]));
  const ignores = ignoresOf(inventory).map((each) => ({
    ...each,
    movedTo: moved.get(samePath(each.entry.project ?? "")),
  }));
  const { undeclared, notes } = withoutIgnored(found, ignores, (kind, place) => {
    const path = samePath(place);
    if (looked.some((target) => target === path || target.startsWith(`${path}/`)))
      return isSeen(kind, place, targets) ? "all" : "not seen";
    const isTarget = [...declared.allTargets].some((target) => target === path || target.startsWith(`${path}/`));
    return isFirst && !isTarget ? "no target" : "not seen";
  });
  return {
    undeclared,
    notes: [
      ...(undeclared.length > 0 ? [WAYS_OUT] : []),
      ...holes(targets.estate.notSeen),
      ...ownOpenings(targets, found),
      ...notes,
    ],
  };
}

const WAYS_OUT =
  "What nobody declared wants one of three: declare it, take it away in GitLab, or name it under `ignore` in the inventory, with a reason.";

const silent = (reason: string): Drift => ({
  undeclared: [],
  notes: [`GitLab was not asked for what nobody declared (${reason}): it is not known whether there is any.`],
});

function holes(notSeen: readonly NotSeen[]): string[] {
  if (notSeen.length === 0) return [];
  const told = notSeen.slice(0, HOLES_TOLD).map(({ what, reason }) => `${what} (${reason})`);
  const rest = notSeen.length - told.length;
  return [
    `GitLab did not show ${told.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}: whether there is something that nobody declared is not known there.`,
  ];
}

const HOLES_TOLD = 5;
