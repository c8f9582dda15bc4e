import { createColors } from "picocolors";
import { few } from "../../estate/findings/few";
import { partsOf } from "../../gitlab/placed-problem";
import type { Problem } from "../../gitlab/problem";
import { shown } from "../shown";
import { accessText } from "./access/access";
import { type Comparison, comparisonJson } from "./comparison";
import { code } from "./effects/change-in-words";
import type { Effect } from "./effects/effect";
import { codeSpan, inMarkdown } from "./markdown";
import type { Review } from "./review";

type Environment = Readonly<Record<string, string | undefined>>;

type Told = Pick<Review, "effects" | "access" | "undeclared" | "code" | "digest" | "notes">;

/**
 * The summary of a review, dangers first, as Markdown.
 * @param environment where the credentials are that must not be in it
 */
export function asMarkdown(review: Told, environment: Environment): string {
  const { effects, access, undeclared, code: files, notes, digest } = told(review, environment);
  const dangers = [...codeDanger(files), ...effects.filter(({ danger }) => danger !== undefined).map(dangerText)];
  return [
    "## What this deploy does",
    ...(effects.length === 0 ? [NOTHING] : []),
    ...(dangers.length > 0 ? [`### Dangers (${dangers.length})`, list(dangers)] : []),
    ...(access.length > 0 ? ["### Who gains and loses push", list(access.map(accessText))] : []),
    ...grouped(effects).flatMap(([pusher, own]) => [`### ${codeSpan(pusher)}`, list(own.map(effectText))]),
    RULE,
    ...(undeclared.length > 0
      ? [`### In GitLab, declared by nobody (${undeclared.length})`, list(undeclared.map(({ what }) => what))]
      : []),
    ...(notes.length > 0 ? [list(notes)] : []),
    `Digest: \`${digest}\``,
  ]
    .join("\n\n")
    .concat("\n");
}

/** The part of a summary about the planned actions, without what is below its rule: that differs from review to review. */
export const actionsIn = (markdown: string): string => markdown.split(`\n${RULE}\n`)[0]!.trimEnd().concat("\n");

/** The same for a terminal. */
export function asText(review: Told, environment: Environment, isColored: boolean): string {
  const { bold, red } = createColors(isColored);
  const { effects, access, undeclared, code: files, notes, digest } = told(review, environment);
  const dangers = [...codeDanger(files), ...effects.filter(({ danger }) => danger !== undefined).map(dangerText)];
  return [
    ...(effects.length === 0 ? [NOTHING] : []),
    ...dangers.map((danger) => red(`danger: ${danger}`)),
    ...access.map(accessText),
    ...grouped(effects).flatMap(([pusher, own]) => [bold(pusher), ...own.map((effect) => `  ${effectText(effect)}`)]),
    ...undeclared.map(({ what }) => red(`declared by nobody: ${what}`)),
    ...notes,
    `digest ${digest}`,
  ]
    .join("\n")
    .concat("\n");
}

/** The part of a review that people are told: it has the plans, too. */
const told = ({ effects, access, undeclared, code: files, notes, digest }: Told, environment: Environment): Told =>
  shown({ effects, access, undeclared, code: files, notes, digest }, environment);

/**
 * The review for programs; the shape is that of docs/commands.md.
 * @param refused why a deploy of it would be refused; @default - it would not
 */
export const asJson = (
  { effects, access, undeclared, code: files, fails, digest, digests, report, notes }: Review,
  comparison?: Comparison,
  refused?: Problem,
): object => ({
  digest,
  stacks: digests,
  effects,
  access,
  undeclared,
  code: files,
  fails,
  problem: refused ? partsOf(refused) : null,
  terraform: report,
  notes,
  reviewed: comparisonJson(comparison),
});

/** Also true where no stack was planned. */
const NOTHING = "Nothing would change.";

const RULE = "---";

const list = (lines: readonly string[]): string => lines.map((line) => `- ${inMarkdown(line)}`).join("\n");

/** The place of an effect, as `<stack>/<pusher>`. */
const placeOf = ({ stack, pusher }: Effect): string => (pusher === null ? stack : `${stack}/${pusher}`);

const dangerText = (effect: Effect): string => `${placeOf(effect)}: ${effect.danger}: ${effect.what}`;

const codeDanger = (files: readonly string[]): string[] =>
  files.length > 0
    ? [`code or pipeline changed, which may change what is deployed, or how: ${few(files.map(code))}`]
    : [];

const effectText = ({ kind, what }: Effect): string => `${kind}: ${what}`;

function grouped(effects: readonly Effect[]): [string, Effect[]][] {
  const groups = new Map<string, Effect[]>();
  for (const effect of effects) {
    const key = placeOf(effect);
    groups.set(key, [...(groups.get(key) ?? []), effect]);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b, "en"));
}
