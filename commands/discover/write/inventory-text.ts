import type { TokenPicture, VariablePicture } from "../../../estate/estate";
import { few } from "../../../estate/findings/few";
import { tokenText, variableText } from "../../../estate/findings/tokens";
import type { BotRole } from "../../../gitlab/access-level";
import { roleName } from "../../../gitlab/role";
import { shown } from "../../shown";
import type { Left, PusherProposal } from "./proposal";
import type { TakenRule } from "./rules";

export interface FileProposal {
  /** Name of the file without `.yaml`: the stack's. */
  readonly stack: string;
  /** By id. */
  readonly pushers: ReadonlyMap<string, PusherProposal>;
  /** What is found in its projects and not taken over. */
  readonly left: readonly Left[];
}

/** An inventory file for people to read: what is there, and what the first deploy makes of it. */
export function inventoryText({ pushers, left }: FileProposal, gitlab: string, day: string): string {
  const all = [...pushers.values()];
  const replaced = [...new Map(all.flatMap(({ replaces }) => replaces).map((token) => [token.id, token])).values()];
  return [
    "# yaml-language-server: $schema=../inventory/pushers.schema.json",
    "#",
    `# Written by \`pusher discover --write\` on ${day} from what ${gitlab} holds. Nothing has been changed there. Read it, change it, review, deploy.`,
    "# `import: true` adopts what exists: take it out after the first deploy at a variable, after the second at a branch.",
    "# What a deploy changes stands as before → after. Variables get a description, too, and go to jobs as they are (raw).",
    "",
    `edition: ${all.some(({ rules }) => rules.premium) ? "premium" : "free"}`,
    "",
    "pushers:",
    ...[...pushers].flatMap(([id, pusher]) => pusherLines(id, pusher)),
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

function pusherLines(id: string, pusher: PusherProposal): string[] {
  const { target, role, expires, key, environment, variables, replaces, jobs, loses, rules } = pusher;
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
    ...ruleLines(pusher),
    ...(rules.closesAll ? ["    unprotected_branches: true # no rule here lets the bot in"] : []),
    ...rules.left.map((rule) => `    # rule ${plain(rule.branch)} (${rule.today}) stays as it is: ${rule.why}`),
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

function ruleLines({ rules }: PusherProposal): string[] {
  if (rules.taken.length === 0) return ["    branches: {}"];
  return [
    "    branches: # as they are: a deploy adds a guard to each, and changes nothing of them",
    ...rules.taken.map(ruleLine),
  ];
}

function ruleLine({ branch, push, merge, forcePush, codeOwners, import: adopted }: TakenRule): string {
  const parts = [
    `push: ${push}`,
    `merge: ${merge}`,
    ...(forcePush ? ["force_push: true"] : []),
    ...(codeOwners ? ["code_owner_approval: true"] : []),
    ...(adopted ? ["import: true"] : []),
  ];
  return `      ${plain(branch)}: { ${parts.join(", ")} }`;
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

/** Words that YAML takes for something else, and texts with characters of its own, are quoted. */
const plain = (text: string): string =>
  /^[A-Za-z_][\w./*-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
