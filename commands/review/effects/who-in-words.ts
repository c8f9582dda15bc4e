import { type Who, whoText } from "../../../estate/who";
import { byName } from "./change-in-words";
import { NEW_BOT } from "./declared-rule";

/** One of those whom a rule lets in, by name where GitLab told it. */
export function whoIs(who: Who): string {
  if (who.kind === "role") return whoText([who]);
  if (who.id === NEW_BOT) return "the bot";
  return byName(`${who.kind} ${who.id}`, who.name);
}

/** All of them, or that it is nobody. */
export const whoAre = (all: readonly Who[]): string => all.map(whoIs).join(" and ") || "nobody";
