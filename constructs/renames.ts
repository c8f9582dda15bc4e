import type { IConstruct } from "constructs";
import type { Problem } from "../gitlab/problem";
import { samePath } from "../gitlab/project-path";
import { tokenIdentity } from "../state/identity";
import { thingsOf } from "./moves";
import type { Finding } from "./policies";
import type { Stack } from "./stack";
import type { DeclaredThing } from "./thing";

/** Finds what is wrong with the names of a stack's pushers, held against what the state has. */
export const renameProblems = (stack: Stack): Finding[] => [
  ...forgottenNames(stack),
  ...wrongNames(stack),
  ...takenAddresses(stack),
];

/** A pusher of the state. */
interface GonePusher {
  /** Its id when it was first deployed. */
  readonly id: string;
  readonly project: string;
}

/**
 * Pushers that look like renamed ones: they take over rules or variables while the tokens for the same project are declared by nobody.
 * Deployed like that, running jobs would lose their token and the bot its rules.
 */
function forgottenNames(stack: Stack): Finding[] {
  const gone = gonePushers(stack);
  if (gone.length === 0) return [];
  const byPusher = new Map<IConstruct, DeclaredThing[]>();
  for (const thing of thingsOf(stack)) {
    const pusher = thing.at.node.scope!;
    byPusher.set(pusher, [...(byPusher.get(pusher) ?? []), thing]);
  }
  return [...byPusher].flatMap(([pusher, things]) => {
    const tokens = stack.fleet.tokens.filter(({ node }) => node.scope === pusher);
    if (pusher === stack) return [];
    const takesOver = things.some((thing) => (stack.deployedAt(thing) ?? thing.address) !== thing.address);
    if (!takesOver || tokens.length === 0 || tokens.some((token) => stack.deployedAt(token))) return [];
    const candidates = gone.filter(({ project }) =>
      tokens.some((token) => samePath(token.project) === samePath(project)),
    );
    return candidates.length > 0 ? [{ at: pusher, problem: forgottenName(pusher.node.id, candidates) }] : [];
  });
}

/** The pushers that the state has tokens of, and the stack none. */
function gonePushers({ deployed, fleet }: Stack): GonePusher[] {
  const pusherOf = (mark: string) => mark.slice(0, mark.lastIndexOf("/"));
  const declared = new Set(fleet.tokens.map(({ mark }) => pusherOf(mark)));
  const gone = new Map<string, GonePusher>();
  for (const [mark, { project = "" }] of deployed.tokens) {
    const pusher = pusherOf(mark);
    if (!declared.has(pusher)) gone.set(pusher, { id: pusher.slice(pusher.lastIndexOf("/") + 1), project });
  }
  return [...gone.values()];
}

const forgottenName = (id: string, gone: readonly GonePusher[]): Problem => ({
  got: `${id}, new, with rules or variables of ${gone.map((each) => each.id).join(", ")}, which is gone`,
  allowed: "a renamed pusher that says what it was called, because its tokens and bots would be replaced otherwise",
  fix: `write ${gone.map((each) => `was: ${each.id}`).join(", or ")} under ${id}; if it is another pusher with tokens of its own, take ${gone[0]!.id} out in a deploy before`,
});

/** Tokens whose mark is not the one they were deployed with: another description would replace them. */
function wrongNames(stack: Stack): Finding[] {
  return stack.fleet.tokens.flatMap((token) => {
    const before = stack.deployed.identityAt(token.address);
    if (before === undefined || before === token.identity) return [];
    const mark = before.slice(tokenIdentity("").length);
    const [[stackBefore, pusherBefore], [stackNow]] = [mark.split("/"), token.mark.split("/")];
    const was = stackBefore === stackNow ? `was: ${pusherBefore}` : `was: ${stackBefore} at the top of the file`;
    const problem = {
      got: `the mark ${token.mark} of a token that was deployed as ${mark}`,
      allowed: "the name a token was first deployed under, because another description replaces it and its bot",
      fix: mark === token.node.path ? "take `was` out" : `write ${was}`,
    };
    return [{ at: token, problem }];
  });
}

/** Finds what the state has at an address that the stack declares as something else: Terraform can move it only once that is free. */
function takenAddresses(stack: Stack): Finding[] {
  const things = thingsOf(stack);
  const declared = new Map(things.map((thing) => [thing.address, thing]));
  return things.flatMap((thing) => {
    const from = stack.deployed.addressOf(thing.identity);
    const other = from === undefined || from === thing.address ? undefined : declared.get(from);
    if (!other) return [];
    const problem = {
      got: `${thing.identity}, which the state has as that of ${other.at.node.path}, where something else is declared now`,
      allowed: "one after the other, because one deploy would destroy it there and make it here in any order",
      fix: `take it out of ${other.at.node.scope?.node.id ?? other.at.node.id}, deploy, then declare it here`,
    };
    return [{ at: thing.at, problem }];
  });
}
