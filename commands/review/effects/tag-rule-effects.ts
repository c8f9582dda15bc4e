import { opensMoreThan } from "../../../gitlab/access-level";
import type { Attributes, Change, Plan } from "../../stacks/plan";
import { changed, code, isReplaced, listed, nameOf, step, together, word } from "./change-in-words";
import type { Found } from "./effect";
import {
  entries,
  type Guards,
  guardEffects,
  identity,
  isGuarded,
  isLevel,
  letsNobodyCreate,
  TAG_RULE,
  titleOf,
} from "./rule-effects";
import { TOKEN } from "./token-effects";

/** The effects on a rule of tags, which the provider replaces at every change. */
export function tagRuleEffects(change: Change, guards: Guards): Found[] {
  const { before, after, actions } = change;
  const guarded = guards.get(change);
  const name = titleOf(change, guards);
  if (guarded) return guardEffects(change, guarded, name);
  if (!isReplaced(change) && actions[0] === "delete") return [{ kind: "destroyed", what: name, danger: OPENED }];
  if (!before) {
    const rule = after ?? {};
    return [
      {
        kind: letsNobodyCreate(rule) ? "closed" : "opened",
        what: `${name}: ${whoOf(change, rule)}`,
        danger: everyDeveloper(rule),
      },
    ];
  }
  return [replaced(before, after ?? {}, change, guards)];
}

/**
 * Rules of tags that let a bot in by its number, which goes with a token that is replaced: the number of the new one is known to the next
 * synth.
 */
export function lostCreators({ changes }: Plan): Found[] {
  const lost = changes.filter((change) => change.type === TOKEN && isReplaced(change) && change.before?.user_id);
  return changes
    .filter(({ type, after }) => type === TAG_RULE && after !== null)
    .flatMap((rule) => {
      const listed = new Set(entries(rule.after ?? {}, LIST).map(({ user_id: user }) => user));
      return lost
        .filter(({ before }) => listed.has(before?.user_id))
        .map(
          (token): Found => ({
            kind: "changed",
            what: `${nameOf(rule)}: lets in the bot of ${nameOf(token)}, which is lost`,
            danger: LATE,
          }),
        );
    });
}

const LATE = "the new bot may create such tags only after the next deploy: deploy twice";

const OPENED = "tags opened: without another rule every Developer may create, move and delete them";

function replaced(before: Attributes, after: Attributes, change: Change, guards: Guards): Found {
  const steps = changed(change).map((key) => step(change, key));
  const isMoved = before.project !== after.project || before.tag !== after.tag;
  const isWider = opens(before, after);
  const danger = together(
    isWider ? (everyDeveloper(after) ?? "tags opened wider") : undefined,
    isMoved ? `${OPENED}: ${code(before.tag)} of ${code(before.project)}` : undefined,
    !isMoved && !isGuarded(change, guards)
      ? "tags left open for a moment: the rule is replaced without a guard"
      : undefined,
  );
  const what = `${nameOf(change)}: ${steps.join(", ") || "the same once more"}`;
  const isNarrower = opens(after, before) && entries(after, LIST).every((entry) => identity(entry).length > 0);
  return { kind: isWider ? "opened" : isNarrower ? "closed" : "changed", what, danger };
}

/** Tells whether `after` lets somebody create tags whom `before` did not, as far as that is known. */
function opens(before: Attributes, after: Attributes): boolean {
  const [from, to] = [before.create_access_level, after.create_access_level];
  if (isLevel(from) && isLevel(to) && opensMoreThan(to, from)) return true;
  const known = new Set(entries(before, LIST).flatMap(identity));
  const [was, now] = [entries(before, LIST), entries(after, LIST)];
  return now.length > was.length || now.flatMap(identity).some((each) => !known.has(each));
}

const LIST = "allowed_to_create";

/** Pipelines of protected tags see protected variables, whatever commit the tag is put on. */
const everyDeveloper = ({ create_access_level: level }: Attributes): string | undefined =>
  level === "developer"
    ? "every Developer may create such a tag on any commit, and its jobs see the protected variables"
    : undefined;

function whoOf(change: Change, after: Attributes): string {
  const named = entries(after, LIST);
  return `create ${word(after.create_access_level)}${named.length > 0 ? ` and ${listed(change, LIST, named)}` : ""}`;
}
