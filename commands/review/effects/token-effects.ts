import type { Attributes, Change } from "../../stacks/plan";
import { changed, isReplaced, nameOf, reasonOf, step, together, word } from "./change-in-words";
import type { Found } from "./effect";

export const TOKEN = "gitlab_project_access_token";

export function tokenEffects(change: Change): Found[] {
  const { before, after, actions } = change;
  const name = nameOf(change);
  if (isReplaced(change)) {
    const danger = `token replaced instead of rotated (${reasonOf(change)}): its bot is lost, a new one comes`;
    return [{ kind: "replaced", what: name, danger: together(danger, raised(before, after), moreThanPush(after)) }];
  }
  if (actions[0] === "delete") {
    return [{ kind: "destroyed", what: name, danger: "bot lost: what pushes with this token is refused from then on" }];
  }
  if (!before) {
    const { access_level: role, expires_at: expires } = after ?? {};
    return [
      { kind: "created", what: `${name}, role ${word(role)}, until ${word(expires)}`, danger: moreThanPush(after) },
    ];
  }
  const extended = `${word(before.expires_at)} → ${word(after?.expires_at)}`;
  const others = changed(change).filter((key) => key !== "expires_at");
  // The provider rotates at every update, whatever it is for.
  const what = before.expires_at === after?.expires_at ? `${name}, its date stays` : `${name}: ${extended}`;
  const steps = others.map((key) => step(change, key)).join(", ");
  const danger = others.includes("scopes") ? moreThanPush(after) : undefined;
  return [{ kind: "rotated", what: steps === "" ? what : `${what} (${steps})`, danger }];
}

const raised = (before: Attributes | null, after: Attributes | null): string | undefined =>
  before?.access_level === "developer" && after?.access_level === "maintainer"
    ? "role raised: the bot may push wherever Maintainers may"
    : undefined;

/** A push needs `write_repository` and nothing else. */
function moreThanPush(after: Attributes | null): string | undefined {
  const scopes = Array.isArray(after?.scopes) ? after.scopes.filter((scope) => scope !== "write_repository") : [];
  return scopes.length > 0 ? `token that may do more than push (${scopes.map(word).join(", ")})` : undefined;
}
