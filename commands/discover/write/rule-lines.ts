import { plain } from "./plain";
import type { PusherProposal } from "./proposal";
import type { TakenRule } from "./rules";
import type { Name } from "./said";
import type { TakenTag } from "./tags";

/** Ids of pushers by what tells them apart. */
type Ids = ReadonlyMap<string, string>;

/** The rules that a pusher declares, as an inventory has them: the lines of each. */
export const ruleLines = ({ rules }: PusherProposal, ids: Ids): string[][] =>
  rules.map((rule) => lines(rule.rule.name, rule.notes, settingsOf(rule, ids)));

/** The rules of tags that a pusher declares. */
export const tagLines = ({ tags }: PusherProposal, ids: Ids): string[][] =>
  tags.map((rule) => lines(rule.tag.name, rule.notes, tagSettings(rule, ids)));

function settingsOf(
  { rule, push, merge, unprotect, bot, with: others, import: adopted }: TakenRule,
  ids: Ids,
): string[] {
  return [
    ...access("push", push.level, push.names, bot),
    ...listed(
      "with",
      others.flatMap((place) => ids.get(place) ?? []),
    ),
    ...access("merge", merge.level, merge.names, false),
    ...(unprotect.level === "maintainer" ? [] : [`unprotect: ${unprotect.level}`]),
    ...listed("allowed_to_unprotect", unprotect.names.map(named)),
    ...(rule.allow_force_push ? ["force_push: true"] : []),
    ...(rule.code_owner_approval_required ? ["code_owner_approval: true"] : []),
    ...(adopted ? ["import: true"] : []),
  ];
}

const tagSettings = ({ create, bot, with: others }: TakenTag, ids: Ids): string[] => [
  ...access("create", create.level, create.names, bot),
  ...listed(
    "with",
    others.flatMap((place) => ids.get(place) ?? []),
  ),
];

/** A level, and the list beside it. */
const access = (right: string, level: string, names: readonly Name[], bot: boolean): string[] =>
  bot && level === "no one" && names.length === 0
    ? [`${right}: bot`]
    : [`${right}: ${level}`, ...listed(`allowed_to_${right}`, [...(bot ? ["bot"] : []), ...names.map(named)])];

const named = ({ kind, id }: Name): string => `{ ${kind.replace(" ", "_")}: ${id} }`;

const listed = (key: string, entries: readonly string[]): string[] =>
  entries.length === 0 ? [] : [`${key}: [${entries.join(", ")}]`];

/** On one line what fits there. */
function lines(name: string, notes: readonly string[], settings: readonly string[]): string[] {
  const isShort = !settings.some((setting) => setting.includes("["));
  return [
    ...notes.map((note) => `# ${plain(name)}: ${note}`),
    ...(isShort
      ? [`${plain(name)}: { ${settings.join(", ")} }`]
      : [`${plain(name)}:`, ...settings.map((setting) => `  ${setting}`)]),
  ];
}
