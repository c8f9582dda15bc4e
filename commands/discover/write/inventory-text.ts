import type { TokenPicture, VariablePicture } from "../../../estate/estate";
import { few } from "../../../estate/findings/few";
import { tokenText, variableText } from "../../../estate/findings/tokens";
import { admits, type BotRole } from "../../../gitlab/access-level";
import { roleName } from "../../../gitlab/role";
import { shown } from "../../shown";
import { plain } from "./plain";
import type { Left, PusherProposal } from "./proposal";
import { ruleLines, tagLines } from "./rule-lines";

export interface FileProposal {
  /** Name of the file without `.yaml`: the stack's. */
  readonly stack: string;
  /** By id. */
  readonly pushers: ReadonlyMap<string, PusherProposal>;
  /** What is found in its projects and not taken over. */
  readonly left: readonly Left[];
  /** Whether Premium is in use. */
  readonly premium: boolean;
}

/** An inventory file for people to read: what is there, and what the first deploy makes of it. */
export function inventoryText({ pushers, left, premium }: FileProposal, gitlab: string, day: string): string {
  const all = [...pushers.values()];
  const ids = new Map([...pushers].map(([id, { place }]) => [place, id]));
  const replaced = [...new Map(all.flatMap(({ replaces }) => replaces).map((token) => [token.id, token])).values()];
  return [
    "# yaml-language-server: $schema=../inventory/pushers.schema.json",
    "#",
    `# Written by \`pusher discover --write\` on ${day} from what ${gitlab} holds. Nothing has been changed there. Read it, change it, review, deploy.`,
    "# `import: true` adopts what exists: take it out after the first deploy at a variable, after the second at a branch.",
    "# What a deploy changes stands as before → after. Variables get a description, too, and go to jobs as they are (raw).",
    "",
    `edition: ${premium ? "premium" : "free"}`,
    "",
    "pushers:",
    ...[...pushers].flatMap(([id, pusher]) => pusherLines(id, pusher, ids)),
    ...list(
      "To be revoked once nothing uses it any more; until then it can push as before. `pusher discover` tells when it was last used:",
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
    .map((line) => (/^ *#/.test(line) ? shown(line) : line))
    .join("\n");
}

function pusherLines(id: string, pusher: PusherProposal, ids: ReadonlyMap<string, string>): string[] {
  const { target, role, expires, key, environment, variables, replaces, jobs, loses, leftRules } = pusher;
  return [
    jobs.length > 0 ? `  # Pushed with $${key}: job ${few(jobs)}.` : `  # No job was seen that pushes with $${key}.`,
    `  ${id}:`,
    `    target: ${plain(target)}`,
    "    token:",
    ...replaces.map((token) => `      # ${tokenChange(token, role)}`),
    ...(loses.length === 0
      ? []
      : [`      # it may push to ${few(loses)} no longer: "role: maintainer" or a rule keeps that`]),
    `      role: ${role}`,
    `      expires: [${expires.join(", ")}]`,
    "    variable:",
    ...variables.map((variable) => `      # ${changeText(variable, pusher)}`),
    `      key: ${plain(key)}`,
    `      in: [${variables.map(({ home }) => (home.kind === "group" ? `{ group: ${plain(home.path)} }` : plain(home.path))).join(", ")}]`,
    ...(environment === "*" ? [] : [`      environment: ${plain(environment)}`]),
    ...(pusher.protected
      ? []
      : ["      protected: false # the default branch has no rule: jobs on it would not get it otherwise"]),
    ...(pusher.hidden ? ["      hidden: true"] : []),
    "      import: true",
    ...ruleLines(pusher, ids),
    ...tagLines(pusher, ids),
    ...(closesAll(pusher) ? ["    unprotected_branches: true # no rule here lets the bot in"] : []),
    ...leftRules.map((rule) => `    # rule ${plain(rule.name)} (${rule.today}) stays as it is: ${rule.why}`),
    "",
  ];
}

/** Before → after of a token that gives way. */
function tokenChange(token: TokenPicture, role: BotRole): string {
  const level = token.level === undefined ? "" : `${roleName(token.level)}, `;
  const isWider = token.scopes.some((scope) => !/_repository$/.test(scope));
  const loss = isWider ? "; what jobs do with it beside Git, they can do no longer" : "";
  return `${tokenText(token)}, ${level}${token.scopes.join(" ")}, until ${token.expiresAt ?? "ever"} → two tokens, ${role}, write_repository${loss}`;
}

/** Whether no rule that the pusher declares lets its bot in. */
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
