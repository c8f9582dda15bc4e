import type { TokenPicture } from "../../../estate/estate";
import { subjectOf } from "../../../estate/reading/branches";
import { type AccessLevel, admits, type BotRole } from "../../../gitlab/access-level";
import { type AccessEntry, type Answer, letsPush } from "../../../gitlab/protected-branch";
import { wildcardCovers } from "../../../gitlab/wildcard";

/** The bot of a pusher that is proposed, and what it takes the place of. */
export interface Bot {
  /** The text that tells it from every other one. */
  readonly place: string;
  readonly role: BotRole;
  /** The tokens that jobs push with today. */
  readonly replaces: readonly TokenPicture[];
  /** Tells whether {@link replaces} are all: no variable hides what it carries. */
  readonly allTold: boolean;
  /** Branches that jobs were seen to push to. */
  readonly branches: readonly string[];
  /** Tells whether jobs were seen to push tags. */
  readonly pushesTags: boolean;
}

/** Tells whether what jobs push with today gets in by a list. */
export function getsInToday(entries: readonly AccessEntry[], { replaces, allTold }: Bot): Answer {
  const answers = replaces.map((token) => letsPush({ push_access_levels: entries }, subjectOf(token)));
  if (answers.includes("yes")) return "yes";
  return answers.includes("unknown") || !allTold ? "unknown" : "no";
}

/**
 * Tells whether the bot has to be let in by name to go on with what its jobs do: they get in today, or nobody knows and they do push there, and its
 * role alone does not open that.
 */
export function needsName(entries: readonly AccessEntry[], level: AccessLevel, bot: Bot, isPushedTo: boolean): boolean {
  if (admits(level, bot.role)) return false;
  const today = getsInToday(entries, bot);
  return today === "yes" || (today === "unknown" && isPushedTo);
}

/** Tells whether jobs were seen to push to a branch that a rule is for. */
export const pushesUnder = ({ branches }: Bot, rule: string): boolean =>
  branches.some((branch) => wildcardCovers(rule, branch));
