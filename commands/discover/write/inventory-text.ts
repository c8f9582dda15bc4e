import type { TokenPicture, VariablePicture } from "../../../estate/estate";
import { few } from "../../../estate/findings/few";
import { tokenText, variableText } from "../../../estate/findings/tokens";
import { admits, type BotRole } from "../../../gitlab/access-level";
import { roleName } from "../../../gitlab/role";
import { shown } from "../../shown";
import { plain } from "./plain";
import type { Left, PusherProposal } from "./proposal";
import { ruleLines, tagLines } from "./rule-lines";
import { type Block, type Settings, sharedBy, without } from "./shared";

export interface FileProposal {
  /** Name of the file without `.yaml`: the stack's. */
  readonly stack: string;
  /** By id. */
  readonly pushers: ReadonlyMap<string, PusherProposal>;
  /** Things that are found in its projects and not taken over. */
  readonly left: readonly Left[];
  /** Tells whether Premium is in use. */
  readonly premium: boolean;
}

/** The origin of a file, and what GitLab it is for. */
interface Source {
  readonly gitlab: string;
  readonly day: string;
  /** Of the editor's help. */
  readonly schema: string;
  /** Tells whether Enterprise Edition is installed; undefined: not told. */
  readonly enterprise: boolean | undefined;
}

/** An inventory file for people to read: what is there, and what the first deploy makes of it. */
export function inventoryText(
  { pushers, left, premium }: FileProposal,
  { gitlab, day, schema, enterprise }: Source,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const all = [...pushers.values()];
  const ids = new Map([...pushers].map(([id, { place }]) => [place, id]));
  const settings = all.map((pusher) => settingsOf(pusher, ids));
  const shared = sharedBy(settings);
  const replaced = [...new Map(all.flatMap(({ replaces }) => replaces).map((token) => [token.id, token])).values()];
  return [
    `# yaml-language-server: $schema=${schema}`,
    "#",
    `# Written by \`npx gitlab-ci-pusher discover --write\` on ${day} from what ${gitlab} holds. Nothing has been changed there. Read it, change it, review, deploy.`,
    "# `import: true` adopts what exists: take it out after the first deploy at a variable, after the second at a branch.",
    "# What a deploy changes stands as before → after. Variables get a description, too, and go to jobs as they are (raw).",
    "",
    `edition: ${premium ? "premium" : "free"}`,
    ...(enterprise === false && !premium ? ["package: ce"] : []),
    "",
    ...defaultsLines(shared),
    "pushers:",
    ...[...pushers].flatMap(([id, pusher], at) => pusherLines(id, pusher, without(settings[at] as Settings, shared))),
    ...list(
      "To be revoked once nothing uses it any more; until then it can push as before. `npx gitlab-ci-pusher discover` tells when it was last used:",
      replaced.map(
        (token) =>
          `${tokenText(token)}${token.home === undefined ? "" : ` of ${token.home}`}: ${token.scopes.join(" ")}`,
      ),
    ),
    ...list(
      "Found, and not taken over:",
      left.map(({ what, why }) => `${what}: ${why}`),
    ),
    "",
  ]
    .map((line) => (/^ *#/.test(line) ? shown(line, environment) : line))
    .join("\n");
}

function pusherLines(id: string, pusher: PusherProposal, own: Settings): string[] {
  const { target, role, expires, key, variables, replaces, jobs, loses, leftRules } = pusher;
  return [
    jobs.length > 0 ? `  # Pushed with $${key}: job ${few(jobs)}.` : `  # No job was seen that pushes with $${key}.`,
    `  ${id}:`,
    `    target: ${plain(target)}`,
    "    token:",
    ...replaces.map((token) => `      # ${tokenChange(token, role)}`),
    ...(loses.length === 0
      ? []
      : [`      # it may push to ${few(loses)} no longer: "role: maintainer" or a rule keeps that`]),
    ...indented(6, own.token),
    `      expires: [${expires.join(", ")}]`,
    "    variable:",
    ...variables.map((variable) => `      # ${changeText(variable, pusher)}`),
    ...indented(6, own.variable),
    "      import: true",
    ...(pusher.rules.length === 0 ? ["    branches: {}"] : section(4, BRANCHES, own.branches)),
    ...section(4, TAGS, own.tags),
    ...(closesAll(pusher) ? ["    unprotected_branches: true # no rule here lets the bot in"] : []),
    ...leftRules.map((rule) => `    # rule ${plain(rule.name)} (${rule.today}) stays as it is: ${rule.why}`),
    "",
  ];
}

const BRANCHES =
  "branches: # as they are: a deploy adds a guard to each, and changes nothing of them but what stands as before → after";
const TAGS = "tags: # as they are: a deploy adds a guard to each, and makes them anew behind it";

/** The settings of a pusher that others of its file may have, too. */
function settingsOf(pusher: PusherProposal, ids: ReadonlyMap<string, string>): Settings {
  const { role, key, environment, variables } = pusher;
  const homes = variables.map(({ home }) =>
    home.kind === "group" ? `{ group: ${plain(home.path)} }` : plain(home.path),
  );
  return {
    token: [[`role: ${role}`]],
    variable: [
      [`key: ${plain(key)}`],
      [`in: [${homes.join(", ")}]`],
      ...(environment === "*" ? [] : [[`environment: ${plain(environment)}`]]),
      ...(pusher.protected
        ? []
        : [["protected: false # the default branch has no rule: jobs on it would not get it otherwise"]]),
      ...(pusher.hidden ? [["hidden: true"]] : []),
    ],
    branches: ruleLines(pusher, ids),
    tags: tagLines(pusher, ids),
  };
}

/** Lines for what every pusher of a file has. */
function defaultsLines({ token, variable, branches, tags }: Settings): string[] {
  const sections = [
    ...section(2, "token:", token),
    ...section(2, "variable:", variable),
    ...section(2, BRANCHES, branches),
    ...section(2, TAGS, tags),
  ];
  return sections.length === 0 ? [] : ["defaults: # what every pusher below has", ...sections, ""];
}

const section = (depth: number, head: string, blocks: readonly Block[]): string[] =>
  blocks.length === 0 ? [] : [`${" ".repeat(depth)}${head}`, ...indented(depth + 2, blocks)];

const indented = (depth: number, blocks: readonly Block[]): string[] =>
  blocks.flat().map((line) => `${" ".repeat(depth)}${line}`);

/** Before → after of a token that gives way. */
function tokenChange(token: TokenPicture, role: BotRole): string {
  const level = token.level === undefined ? "" : `${roleName(token.level)}, `;
  const isWider = token.scopes.some((scope) => !/_repository$/.test(scope));
  const loss = isWider ? "; what jobs do with it beside Git, they can do no longer" : "";
  return `${tokenText(token)}, ${level}${token.scopes.join(" ")}, until ${token.expiresAt ?? "ever"} → two tokens, ${role}, write_repository${loss}`;
}

/** Tells whether no rule that the pusher declares lets its bot in. */
function closesAll({ rules, tags, role }: PusherProposal): boolean {
  const levels = [
    ...rules.map(({ push, bot }) => ({ level: push.level, bot })),
    ...tags.map(({ create, bot }) => ({ level: create.level, bot })),
  ];
  return rules.length > 0 && !levels.some(({ level, bot }) => bot || admits(level, role));
}

/** Before → after of each thing that a deploy changes. */
function changeText(variable: VariablePicture, pusher: PusherProposal): string {
  const { carries } = variable;
  const token = carries.kind === "token" ? pusher.replaces.find(({ id }) => id === carries.token) : undefined;
  const before = token ? tokenText(token) : carries.kind === "dead" ? "a dead token" : "what nobody may see";
  return [
    `${variableText(variable)}: value: ${before} → the new token`,
    ...(variable.protected === pusher.protected
      ? []
      : [`protected: ${yes(variable.protected)} → ${yes(pusher.protected)}`]),
    ...(variable.masked ? [] : ["masked: no → yes"]),
    ...(variable.hidden === pusher.hidden ? [] : ["hidden: a deploy makes it anew"]),
  ].join("; ");
}

const yes = (is: boolean): string => (is ? "yes" : "no");

const list = (head: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`# ${head}`, ...lines.map((line) => `# - ${line}`)];
