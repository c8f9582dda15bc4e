import type { BranchPicture, Estate, ProjectPicture, TokenPicture } from "../../../estate/estate";
import { few } from "../../../estate/findings/few";
import { jobTokenText } from "../../../estate/job-token-text";
import type { NotSeen } from "../../../estate/reader";
import { whoOf } from "../../../estate/who";
import { BranchPattern } from "../../../gitlab/branch-pattern";
import { samePath } from "../../../gitlab/project-path";
import { guardsOf, type Opening, openings, openingText, type ProtectedBranch } from "../../../gitlab/protected-branch";
import { MAINTAINER, roleName } from "../../../gitlab/role";
import { code, word } from "../effects/change-in-words";
import { whoAre } from "../effects/who-in-words";
import { type Declared, thingKey } from "./declared";

/** A rule, or something that can push, in a target project or a group above it, that no stack declares. */
export interface Undeclared {
  /** Full path of the project, or of the group that has a token. */
  readonly place: string;
  readonly kind: UndeclaredKind;
  /** GitLab's own: a rule's pattern, a token's name, a deploy key's title. */
  readonly name: string;
  /** Number of a token or deploy key. */
  readonly id?: number;
  /** One line, with Markdown's code spans: what it is, and what it opens. */
  readonly what: string;
}

export type UndeclaredKind = "branch rule" | "tag rule" | "token" | "deploy key" | "job token";

/** The targets as GitLab holds them. */
export interface Targets {
  readonly estate: Estate;
  /** The paths at which GitLab has the projects that the stacks name, by theirs. */
  readonly paths: ReadonlyMap<string, string>;
}

/** By place, rules first. */
export function undeclaredIn({ estate, paths }: Targets, declared: Declared): Undeclared[] {
  // Of a project that was moved one stack may have the old path, another one the new.
  const namesOf = (project: string) => [...paths].flatMap(([asked, found]) => (found === project ? [asked] : []));
  const isDeclared: IsDeclared = (kind, project, name) =>
    [project, ...namesOf(project)].some((each) => declared.things.has(thingKey(kind, each, name)));
  const found = [
    ...estate.projects.flatMap((project) => [
      ...branchRules(project, isDeclared),
      ...tagRules(project, isDeclared),
      ...deployKeys(project, isDeclared),
      ...jobTokens(project),
    ]),
    ...estate.tokens.filter((token) => !isOurs(token, declared, isDeclared)).map((token) => tokenLine(token, estate)),
  ];
  return found.sort((a, b) => a.place.localeCompare(b.place, "en"));
}

/** The openings by rules that the stacks declare themselves, in words: a stranger's openings are told with it. */
export const ownOpenings = ({ estate }: Targets, undeclared: readonly Undeclared[]): string[] =>
  estate.projects.flatMap(({ path, rules = [] }) => {
    const strangers = new Set(
      undeclared.flatMap(({ kind, place, name }) => (kind === "branch rule" && place === path ? [name] : [])),
    );
    return openings(rules.filter(isWhole))
      .filter(({ opener }) => !strangers.has(opener.name))
      .map((opening) => `${code(path)}: a declared rule opens what another one closes: ${openingText(opening)}.`);
  });

type IsDeclared = (...key: Parameters<typeof thingKey>) => boolean;

function branchRules({ path, rules = [], defaultBranch }: ProjectPicture, isDeclared: IsDeclared): Undeclared[] {
  const strangers = rules
    .filter((rule) => rule.inherited || !isDeclared("branch rule", path, rule.name))
    .filter((rule) => rule.name !== defaultBranch || !isOfGitLab(rule));
  // What keeps the branches of a rule shut while it is replaced goes with that rule.
  const companions = new Set(strangers.flatMap(({ name }) => companionOf(name)));
  const guards = guardsOf(rules.filter(isWhole));
  const all = openings(rules.filter(isWhole));
  return strangers
    .filter((rule) => !(guards.has(rule) && companions.has(rule.name)))
    .map((rule) => ({ place: path, kind: "branch rule", name: rule.name, what: ruleLine(path, rule, all) }));
}

/** Tells the rule that GitLab makes itself for the default branch of a new project: Maintainers alone, and nobody by name, whatever it lets them do. */
const isOfGitLab = (rule: ProtectedBranch): boolean =>
  !rule.inherited &&
  !rule.allow_force_push &&
  isWhole(rule) &&
  rule.push_access_levels.length > 0 &&
  [rule.push_access_levels, rule.merge_access_levels, rule.unprotect_access_levels ?? []].flat().every(isMaintainers);

const isMaintainers = ({
  access_level: level,
  user_id: user,
  group_id: group,
  deploy_key_id: key,
}: ProtectedBranch["push_access_levels"][number]): boolean =>
  user == null && group == null && key == null && level !== null && (level === 0 || level >= MAINTAINER);

/** A GitLab may tell less of a rule to whoever may see less. */
const isWhole = ({ push_access_levels: push, merge_access_levels: merge }: Partial<ProtectedBranch>): boolean =>
  push !== undefined && merge !== undefined;

const who = (entries: ProtectedBranch["push_access_levels"] | undefined): string =>
  entries === undefined ? "not seen" : whoAre(whoOf(entries));

const companionOf = (name: string): string[] =>
  BranchPattern.problem(name) ? [] : [BranchPattern.parse(name).companion()];

function ruleLine(path: string, rule: ProtectedBranch, all: readonly Opening[]): string {
  const opened = all
    .filter(({ opener }) => opener === rule)
    .map(({ closed, branch }) => `${code(closed.name)}${branch === closed.name ? "" : ` (${code(branch)})`}`);
  const parts = [
    `push ${who(rule.push_access_levels)}`,
    `merge ${who(rule.merge_access_levels)}`,
    ...(rule.allow_force_push ? ["force push"] : []),
    ...(opened.length > 0 ? [`opens what is closed by ${few(opened)}`] : []),
  ];
  const whose = rule.inherited ? ", the group's" : "";
  return `branch rule ${code(rule.name)} of ${code(path)}${whose}: ${parts.join(", ")}`;
}

function tagRules({ path, tags = [] }: ProjectPicture, isDeclared: IsDeclared): Undeclared[] {
  const strangers = tags.filter(({ name }) => !isDeclared("tag rule", path, name));
  const companions = new Set(strangers.flatMap(({ name }) => companionOf(name)));
  return strangers
    .filter(({ name, create }) => !(create.length === 0 && companions.has(name)))
    .map(({ name, create }) => ({
      place: path,
      kind: "tag rule",
      name,
      what: `tag rule ${code(name)} of ${code(path)}: create ${whoAre(create)}`,
    }));
}

function deployKeys({ path, deployKeys: keys = [], branches }: ProjectPicture, isDeclared: IsDeclared): Undeclared[] {
  return keys
    .filter(({ id }) => !isDeclared("deploy key", path, id))
    .map(({ id, title, expiresAt }) => {
      const lets = ({ push, protected: closed }: BranchPicture) =>
        !closed || push.some((who) => who.kind === "deploy key" && who.id === id);
      const until = expiresAt === null ? "for ever" : `until ${word(expiresAt.slice(0, 10))}`;
      const what = `deploy key ${code(title)} (${id}) of ${code(path)}: write access ${until}, ${pushesTo(branches, lets)}`;
      return { place: path, kind: "deploy key", name: title, id, what };
    });
}

function jobTokens(project: ProjectPicture): Undeclared[] {
  if (!project.jobToken.push) return [];
  const what = `job token of ${code(project.path)}: may push, ${word(jobTokenText(project))}`;
  return [{ place: project.path, kind: "job token", name: "job token", what }];
}

/** By the mark, and where its stack was planned by the bot that the state has. */
function isOurs({ kind, home = "", slot, userId }: TokenPicture, { bots }: Declared, isDeclared: IsDeclared): boolean {
  if (kind !== "project" || slot === undefined || !isDeclared("token", home, slot)) return false;
  return bots.get(slot)?.has(userId) ?? true;
}

function tokenLine(token: TokenPicture, { projects }: Estate): Undeclared {
  const { id, name, kind, home = "", scopes, level, expiresAt, slot } = token;
  const reached = projects.filter(({ path }) => path === home || path.startsWith(`${home}/`));
  const opened = reached.map(({ path, branches }) => {
    const places = pushesTo(branches, ({ tokens }) => tokens.includes(id));
    return kind === "group" ? `${places} of ${code(path)}` : places;
  });
  const parts = [
    ...(level === undefined ? [] : [`role ${roleName(level)}`]),
    `scopes ${few(scopes.map(word))}`,
    expiresAt === null ? "for ever" : `until ${word(expiresAt)}`,
    ...(slot === undefined ? [] : [`marked ${code(slot)}, which no state has for it`]),
    few(opened),
  ];
  const what = `${kind} access token ${code(name)} (${id}) of ${code(home)}: ${parts.join(", ")}`;
  return { place: home, kind: "token", name, id, what };
}

/** Without guards, which nobody pushes to. */
function pushesTo(branches: readonly BranchPicture[] | undefined, lets: (branch: BranchPicture) => boolean): string {
  if (branches === undefined) return "what it opens is not seen";
  const names = branches
    .filter((branch) => !branch.guard && lets(branch))
    .map(({ name, kind }) => (kind === "others" ? "branches without a rule" : code(name)));
  return names.length > 0 ? `pushes to ${few(names)}` : "pushes to no branch";
}

/** Tells whether GitLab has shown all of one kind in a place. */
export function isSeen(kind: UndeclaredKind, place: string, { estate }: Targets): boolean {
  const project = estate.projects.find(({ path }) => samePath(path) === samePath(place));
  switch (kind) {
    case "branch rule":
      return project?.rules !== undefined;
    case "tag rule":
      return project?.tags !== undefined;
    case "deploy key":
      return project?.deployKeys !== undefined;
    case "job token":
      return project !== undefined;
    default:
      return !estate.notSeen.some(({ what }) => isTokensOf(what, place));
  }
}

const isTokensOf = (what: NotSeen["what"], place: string): boolean =>
  [`access tokens of ${place}`, `access tokens of group ${place}`, `project ${place}`]
    .map(samePath)
    .includes(samePath(what));
