import type { BranchPicture, Estate, ProjectPicture, TokenPicture, VariablePicture } from "../../../estate/estate";
import { few } from "../../../estate/findings/few";
import { variableText } from "../../../estate/findings/tokens";
import type { Who } from "../../../estate/who";
import type { BotRole } from "../../../gitlab/access-level";
import { ExpiryDate } from "../../../gitlab/expiry-date";
import { describe } from "../../../gitlab/problem";
import { groupPathProblem, projectPathProblem, samePath } from "../../../gitlab/project-path";
import { matchingRules } from "../../../gitlab/protected-branch";
import { DEVELOPER, MAINTAINER } from "../../../gitlab/role";
import { variableKeyProblem } from "../../../gitlab/variable-key";
import { wildcardCovers } from "../../../gitlab/wildcard";
import { writtenTextProblem } from "../../../gitlab/written-text";
import type { Bot } from "./bot";
import { usesPremium } from "./premium";
import { type Judged, judgedRules, type LeftRule, namesBot, sharedOut, type Takeable, type TakenRule } from "./rules";
import { judgedTags, sharedTags, type TakeableTag, type TakenTag } from "./tags";

/** The part that the inventory has already: nothing of it is proposed again. */
export interface Declared {
  hasRule(project: string, branch: string): boolean;
  hasTag(project: string, tag: string): boolean;
  hasVariable(home: VariablePicture["home"], key: string, environment: string): boolean;
}

/** A pusher that does what jobs do today. */
export interface PusherProposal extends Bot {
  readonly target: string;
  /** Of the two slots. */
  readonly expires: readonly [string, string];
  readonly key: string;
  readonly environment: string;
  readonly protected: boolean;
  readonly hidden: boolean;
  /** The variables that are there; the deploy changes them. */
  readonly variables: readonly VariablePicture[];
  /** Jobs that push with the variable. */
  readonly jobs: readonly string[];
  /** The branches that the tokens may push to today, and the bot may not. */
  readonly loses: readonly string[];
  readonly rules: readonly TakenRule[];
  readonly tags: readonly TakenTag[];
  readonly leftRules: readonly LeftRule[];
}

/** Something that is found and not taken over, with why. */
export interface Left {
  readonly what: string;
  readonly why: string;
}

export interface Proposal {
  readonly pushers: readonly PusherProposal[];
  readonly left: readonly Left[];
  readonly premium: boolean;
}

/** Pushers in the place of what grew: one for each target, key and environment that variables carry a token under. */
export function proposal(estate: Estate, declared: Declared): Proposal {
  const left: Left[] = [];
  const carriers = new Map<string, Carrier[]>();
  for (const variable of estate.variables) {
    if (declared.hasVariable(variable.home, variable.key, variable.environment)) continue;
    const target = targetOf(variable, estate);
    if (typeof target !== "string") left.push({ what: variableText(variable), why: target.why });
    else {
      const place = JSON.stringify([samePath(target), variable.key, variable.environment]);
      carriers.set(place, [...(carriers.get(place) ?? []), { variable, target }]);
    }
  }
  const premium = usesPremium(estate);
  const targets = new Map<string, Target>();
  const accepted: PusherOfVariables[] = [];
  for (const [place, found] of carriers) {
    const target = found[0]?.target as string;
    const judged = targets.get(samePath(target)) ?? judgedTarget(target, estate, declared, premium);
    targets.set(samePath(target), judged);
    const pusher = pusherOf(place, found, estate, judged, accepted.length);
    const refusal = refusalOf(pusher);
    if (refusal === undefined) accepted.push(pusher);
    else left.push(...pusher.variables.map((variable) => ({ what: variableText(variable), why: refusal })));
  }
  const pushers = [...targets].flatMap(([path, target]) =>
    withRules(
      target,
      accepted.filter((pusher) => samePath(pusher.target) === path),
    ),
  );
  return { pushers, left: [...left, ...uncarried(estate)], premium };
}

/** A project that is pushed to, and which of its rules an inventory can say. */
interface Target {
  readonly project: ProjectPicture | undefined;
  readonly branches: Judged<Takeable>;
  readonly tags: Judged<TakeableTag>;
  readonly premium: boolean;
  /** Tokens that nobody declared. */
  readonly byHand: readonly TokenPicture[];
}

function judgedTarget(path: string, estate: Estate, declared: Declared, premium: boolean): Target {
  const project = projectAt(estate, path);
  return {
    project,
    branches: judgedRules(project, premium, (branch) => declared.hasRule(path, branch)),
    tags: judgedTags(project, (tag) => declared.hasTag(path, tag)),
    premium,
    byHand: estate.tokens.filter(({ slot }) => slot === undefined),
  };
}

/** Each rule of a target is one pusher's; those that stay as they are told at the first. */
function withRules(
  { branches, tags, premium, byHand }: Target,
  pushers: readonly PusherOfVariables[],
): PusherProposal[] {
  const rules = sharedOut(branches, pushers, premium, byHand);
  const tagRules = sharedTags(tags, pushers, premium, byHand);
  return pushers.map(({ shutOut: _, ...pusher }, index) => ({
    ...pusher,
    rules: rules.taken.get(pusher.place) ?? [],
    tags: tagRules.taken.get(pusher.place) ?? [],
    leftRules: index === 0 ? [...rules.left, ...tagRules.left] : [],
  }));
}

/** The reason why no pusher may take the place of what there is: its jobs would be refused from the first deploy on. */
function refusalOf({ shutOut, target }: PusherOfVariables): string | undefined {
  if (shutOut.length === 0) return undefined;
  return `${few(shutOut)} of ${target} lets names in, not a role that a bot may have: let the bot of a new pusher in beside them first`;
}

/** A pusher before rules are shared out, and the branches to which jobs push today and its bot might not. */
interface PusherOfVariables extends Omit<PusherProposal, "rules" | "tags" | "leftRules"> {
  readonly shutOut: readonly string[];
}

interface Carrier {
  readonly variable: VariablePicture;
  readonly target: string;
}

/** The one project that a variable's token pushes to, or why that is not told. */
function targetOf(variable: VariablePicture, estate: Estate): string | { readonly why: string } {
  const { key, carries, alone, home, environment } = variable;
  const pathProblem = home.kind === "project" ? projectPathProblem : groupPathProblem;
  const problem = variableKeyProblem(key) ?? writtenTextProblem(environment) ?? pathProblem(home.path);
  if (problem) return { why: describe(problem) };
  if (!alone)
    return { why: "the token is inside an address, a text or a file: let jobs read a variable with the token alone" };
  const token = carries.kind === "token" ? estate.tokens.find(({ id }) => id === carries.token) : undefined;
  const targets = token?.kind === "project" && token.home ? [token.home] : pushedTo(variable, estate);
  const [target] = targets;
  if (target === undefined) return { why: "no job was seen that pushes with it: where to is not known" };
  if (targets.length > 1)
    return { why: `jobs push to ${few(targets)} with it: a pusher has one target, so each needs a key of its own` };
  return projectPathProblem(target) === undefined ? target : { why: `${target} is no path that an inventory takes` };
}

/** The places that jobs push to with a variable, each once. */
const pushedTo = (variable: VariablePicture, estate: Estate): string[] => {
  const paths = pushesWith(variable, estate).flatMap(({ push }) => push.project ?? []);
  return [...new Map(paths.map((path) => [samePath(path), path])).values()];
};

const pushesWith = ({ key, home }: VariablePicture, { projects }: Estate) =>
  projects
    .filter(({ path }) => (home.kind === "project" ? path === home.path : path.startsWith(`${home.path}/`)))
    .flatMap(({ path, pushes }) => (pushes ?? []).filter((push) => push.key === key).map((push) => ({ path, push })));

/** Days that the tokens of the first pushers live; of more pushers fewer, so that no more than three die a day. */
const FIRST_SLOT = 180;
const SECOND_SLOT = 90;
const DAYS = 59;

function pusherOf(
  place: string,
  found: readonly Carrier[],
  estate: Estate,
  judged: Target,
  index: number,
): PusherOfVariables {
  const variables = found.map(({ variable }) => variable);
  const [{ variable: first, target }] = found as [Carrier];
  const carried = variables.flatMap(({ carries }) => (carries.kind === "token" ? carries.token : []));
  const replaces = estate.tokens.filter(({ id }) => carried.includes(id));
  const pushes = variables.flatMap((variable) => pushesWith(variable, estate));
  const earlier = Math.floor(index / 3) % DAYS;
  const [one, two] = [FIRST_SLOT, SECOND_SLOT].map((days) => ExpiryDate.daysFrom(estate.readAt, days - earlier).text);
  const { project } = judged;
  const named = [...new Set(pushes.flatMap(({ push }) => push.branch ?? []))];
  const isTold = named.length > 0;
  const pushesTags = pushes.some(({ push }) => push.tags);
  const onlyTags = pushes.length > 0 && pushes.every(({ push }) => push.tags);
  const pushed = onlyTags ? [] : branchesPushed(project, named);
  const letsToday = ({ push, tokens }: BranchPicture) =>
    tokens.some((id) => carried.includes(id)) ||
    push.some((who) => who.kind === "user" && replaces.some(({ userId }) => userId === who.id));
  const asked = [
    ...pushed.map(({ push }) => push),
    ...(pushesTags ? (project?.tags ?? []).map(({ create }) => create) : []),
  ];
  const bot: Bot = {
    place,
    role: roleFor(asked, replaces, project?.branches !== undefined, judged.premium),
    replaces,
    allTold: variables.every(({ carries }) => carries.kind === "token" || carries.kind === "dead"),
    branches: named,
    pushesTags,
  };
  const isOpen = (branch: BranchPicture) =>
    letsRoleIn(branch.push, bot.role) ||
    judged.branches.takeable.some(
      (each) => wildcardCovers(each.rule.name, branch.name) && namesBot(each, bot, judged.premium),
    );
  return {
    ...bot,
    target,
    expires: [one as string, two as string],
    key: first.key,
    environment: first.environment,
    protected: variables.every((variable) => variable.protected || isReadOnProtected(variable, estate)),
    hidden: variables.every(({ hidden }) => hidden),
    variables,
    jobs: [...new Set(pushes.map(({ path, push }) => `${push.job} of ${path}`))],
    loses: (project?.branches ?? []).filter((branch) => letsToday(branch) && !isOpen(branch)).map(nameOf),
    shutOut: pushed.filter((branch) => (isTold || letsToday(branch)) && !isOpen(branch)).map(nameOf),
  };
}

const nameOf = ({ name }: BranchPicture): string => name;

/** The pictures of the branches that jobs push to; where no job tells, of the default branch. */
function branchesPushed(project: ProjectPicture | undefined, named: readonly string[]): BranchPicture[] {
  const { branches = [], rules = [], defaultBranch = null } = project ?? {};
  const names = named.length > 0 ? named : defaultBranch === null ? [] : [defaultBranch];
  return names.flatMap((name) => {
    const deciding = branches.find((branch) => branch.name === name && branch.kind !== "others");
    const covering = matchingRules(rules, name)[0]?.name ?? "*";
    return deciding ?? branches.find((branch) => branch.name === covering) ?? [];
  });
}

const letsRoleIn = (push: readonly Who[], role: BotRole): boolean =>
  push.some((who) => who.kind === "role" && who.level <= (role === "developer" ? DEVELOPER : MAINTAINER));

const projectAt = ({ projects }: Estate, path: string): ProjectPicture | undefined =>
  projects.find((project) => samePath(project.path) === samePath(path));

/**
 * The least role that the branches and tags ask for which jobs push to; where that is not told, what the token has today. What no role opens
 * asks for none on Premium, where the bot gets in by name.
 */
function roleFor(
  asked: readonly (readonly Who[])[],
  tokens: readonly TokenPicture[],
  isKnown: boolean,
  premium: boolean,
): BotRole {
  const today = tokens.length === 0 ? MAINTAINER : Math.max(...tokens.map(({ level }) => level ?? MAINTAINER));
  if (today < MAINTAINER) return "developer";
  const suffices = (who: readonly Who[]) => letsRoleIn(who, "developer") || (premium && !letsRoleIn(who, "maintainer"));
  return isKnown && asked.every(suffices) ? "developer" : "maintainer";
}

/** Tells whether jobs of a variable's project run where protected variables reach them: on the default branch, which is all that is known of them. */
function isReadOnProtected({ home }: VariablePicture, { projects }: Estate): boolean {
  const readers = projects.filter(({ path }) =>
    home.kind === "project" ? path === home.path : path.startsWith(`${home.path}/`),
  );
  return readers.every(
    ({ branches, defaultBranch }) =>
      defaultBranch === null || branches?.some((branch) => branch.name === defaultBranch && branch.protected) === true,
  );
}

/** Tokens that no variable was seen to carry: somebody outside of CI may push with them. */
function uncarried({ tokens, variables }: Estate): Left[] {
  const carried = new Set(variables.flatMap(({ carries }) => (carries.kind === "token" ? carries.token : [])));
  return tokens
    .filter(({ id, slot }) => slot === undefined && !carried.has(id))
    .map(({ id, name, home, lastUsedAt }) => ({
      what: `token ${name} (${id})${home === undefined ? "" : ` of ${home}`}`,
      why: `no variable was seen to carry it; last used: ${lastUsedAt === undefined ? "not told" : (lastUsedAt?.slice(0, 10) ?? "never")}`,
    }));
}
