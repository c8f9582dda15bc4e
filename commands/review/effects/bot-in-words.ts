import { markedPath } from "../../../gitlab/token-mark";
import type { Change } from "../../stacks/plan";
import { code, isSecondSlot } from "./change-in-words";

/** The bot of a token, by its pusher, which the token's mark names: tokens of many pushers have one name. */
export function botOf(token: Change): string {
  const { description, name } = token.after ?? token.before ?? {};
  const [, pusher] = markedPath(typeof description === "string" ? description : undefined)?.split("/") ?? [];
  return `the bot of ${code(pusher ?? name)} (slot ${isSecondSlot(token) ? 2 : 1})`;
}
