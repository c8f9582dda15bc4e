import type { ProjectPicture, TagPicture, TokenPicture } from "../../../estate/estate";
import { whoText } from "../../../estate/who";
import { BranchPattern } from "../../../gitlab/branch-pattern";
import { guardsOf, isWhole, openings, type ProtectedBranch } from "../../../gitlab/protected-branch";
import { type Bot, needsName } from "./bot";
import { homeOf, type Judged, type LeftRule, OPENS, oldBotNotes, pushNotes } from "./rules";
import { entriesOf, type Said, saidBy } from "./said";

/** A rule of tags that an inventory can say. */
export interface TakeableTag {
  readonly tag: TagPicture;
  readonly create: Said;
}

/** A rule of tags as one of the pushers of its target declares it. */
export interface TakenTag extends TakeableTag {
  /** Tells whether the pusher's bot gets in by name. */
  readonly bot: boolean;
  /** Places of the other pushers whose bots do. */
  readonly with: readonly string[];
  readonly notes: readonly string[];
}

/** The rules of a target's tags that an inventory can say, and the others with why. */
export function judgedTags(
  project: ProjectPicture | undefined,
  isDeclared: (tag: string) => boolean,
): Judged<TakeableTag> {
  const tags = project?.tags ?? [];
  const rules = new Map(tags.map((tag) => [asRule(tag), tag]));
  const opening = new Set(
    openings([...rules.keys()])
      .filter(isWhole)
      .map(({ opener }) => opener),
  );
  const guards = guardsOf([...rules.keys()]);
  const judged = [...rules]
    .filter(([rule, { name }]) => !guards.has(rule) && !isDeclared(name))
    .map(([rule, tag]) => ({ tag, said: opening.has(rule) ? OPENS : saidOf(tag) }));
  return {
    takeable: judged.flatMap(({ tag, said }) => (typeof said === "string" ? [] : [{ tag, create: said }])),
    left: judged.flatMap(({ tag, said }) => (typeof said === "string" ? [leftTag(tag, said)] : [])),
  };
}

/** Those who may create tags in the words of an inventory, or the reason why there are none. */
function saidOf({ name, create }: TagPicture): Said | string {
  if (BranchPattern.tagProblem(name)) return "no inventory takes its name";
  const said = saidBy(entriesOf(create));
  if (said === undefined) return "it lets in two levels, or one that no inventory knows";
  return said.names.some(({ kind }) => kind === "deploy key") ? "it lists deploy keys" : said;
}

/** Tags add up as branches do. */
const asRule = ({ name, create }: TagPicture): ProtectedBranch => ({
  name,
  push_access_levels: entriesOf(create),
  merge_access_levels: [],
  allow_force_push: false,
});

/** The rules of tags that each pusher declares whose jobs push tags, by its place. */
export function sharedTags(
  { takeable, left }: Judged<TakeableTag>,
  all: readonly Bot[],
  isPremium: boolean,
  tokens: readonly TokenPicture[],
): { readonly taken: ReadonlyMap<string, readonly TakenTag[]>; readonly left: readonly LeftRule[] } {
  const bots = all.filter(({ pushesTags }) => pushesTags);
  if (bots.length === 0) return { taken: new Map(), left: [] };
  const taken = new Map<string, TakenTag[]>();
  const out: LeftRule[] = [...left];
  for (const each of takeable) {
    const entries = entriesOf(each.tag.create);
    const named = isPremium ? bots.filter((bot) => needsName(entries, each.create.level, bot, true)) : [];
    const home = homeOf(each.create.level, named, bots);
    if (!home) {
      out.push(leftTag(each.tag, `a ${bots[0]?.role ?? "developer"}'s bot is not let in`));
      continue;
    }
    const { owner, bot, companions } = home;
    const notes = [
      ...pushNotes(whoText(each.tag.create), each.create.names, named, "create"),
      ...oldBotNotes(each.create.names, tokens),
    ];
    const rule = { ...each, bot, with: companions.map(({ place }) => place), notes };
    taken.set(owner.place, [...(taken.get(owner.place) ?? []), rule]);
  }
  return { taken, left: out };
}

const leftTag = ({ name, create }: TagPicture, why: string): LeftRule => ({
  name: `tag ${name}`,
  today: `create: ${whoText(create)}`,
  why,
});
