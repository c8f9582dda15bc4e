import { describe } from "../../gitlab/problem";
import { slotNumber } from "../../gitlab/slot";
import { inDays } from "../duration";
import { type Colors, type LayoutOptions, layOut } from "../layout";
import type { Carried } from "./carried";
import type { Finding } from "./finding";
import { operatorName } from "./operator-finding";
import type { OperatorStatus, SlotStatus, StatusReport } from "./report";
import type { RuleState } from "./rule-state";
import type { VariableStatus, VariableVerdict } from "./variable-verdict";

/** Days from which a date is shown in yellow. */
const SOON = 30;

const NEEDS_GITLAB =
  "GitLab was not asked. The columns GitLab, Last used and Bot, the variables, rules and orphans need it: set GITLAB_TOKEN to a personal access token with scope read_api of a Maintainer, and GITLAB_BASE_URL.";

/** The report for people: tables, then what was not seen, then what to act on. */
export function asTable(report: StatusReport, findings: readonly Finding[], layout: LayoutOptions): string {
  const { colors } = layout;
  const parts = [
    slotTable(report, layout),
    ...(report.gitlab && report.variables.length > 0 ? [variableTable(report.variables, layout)] : []),
    ...(report.gitlab && report.rules.length + report.tags.length > 0 ? [ruleTable(report, layout)] : []),
    ...(report.orphans.length > 0 ? [orphanTable(report, layout)] : []),
    ...(report.gitlab ? [] : [colors.dim(NEEDS_GITLAB)]),
    ...operatorLine(report.operator, colors),
    ...report.notSeen.map(({ kind, path, what, message }) =>
      colors.yellow(`not seen: ${what} of ${kind} ${path}: ${message}`),
    ),
    ...findings.map(
      ({ subject, location, problem }) =>
        `${colors.red("✗")} ${location ? `${location}: ` : ""}${colors.bold(subject)}: ${describe(problem)}`,
    ),
    summary(report, findings, colors),
  ];
  return `${parts.join("\n")}\n`;
}

function slotTable({ slots, gitlab, tooOld }: StatusReport, layout: LayoutOptions): string {
  const { colors } = layout;
  const online = ["GitLab", "Last used", "Bot"];
  const rows = slots.map((status) => {
    const { slot, daysLeft } = status;
    const declared = [
      `${slot.stack}/${slot.pusher}`,
      String(slotNumber(slot.slot)),
      slot.project,
      slot.expires.text,
      dueColor(daysLeft, colors)(String(daysLeft)),
      carriedText(status.carried, colors),
    ];
    return gitlab ? [...declared, ...inGitLab(status, tooOld ? "not told" : "not seen", colors)] : declared;
  });
  const head = ["Pusher", "Slot", "Project", "Expires", "Days", "Variable", ...(gitlab ? online : [])];
  return layOut(head, rows, layout);
}

function carriedText(carried: Carried, colors: Colors): string {
  if (carried === "not known") return colors.dim(carried);
  return { yes: "carries it", partly: colors.red("partly"), "to be": colors.yellow("to carry it"), no: "" }[carried];
}

function inGitLab({ slot, verdict }: SlotStatus, unseen: string, colors: Colors): string[] {
  if (!verdict) return [colors.dim(unseen), "", ""];
  const { state, token } = verdict;
  const other = token?.active && token.expires_at !== slot.expires.text ? ` (until ${token.expires_at ?? "ever"})` : "";
  return [
    (state === "active" ? colors.green : colors.red)(`${state}${other}`),
    token ? (token.last_used_at?.slice(0, 10) ?? "never") : "",
    token ? `user ${token.user_id}` : "",
  ];
}

function variableTable(variables: readonly VariableStatus[], layout: LayoutOptions): string {
  const { colors } = layout;
  const rows = variables.map(({ variable: { stack, pusher, home, key, environment }, verdict }) => [
    `${stack}/${pusher}`,
    key,
    `${home.kind === "group" ? "group " : ""}${home.path}`,
    environment,
    ...(verdict ? ofVariable(verdict, colors) : [colors.dim("not seen"), ""]),
  ]);
  return layOut(["Pusher", "Variable", "In", "Environment", "GitLab", "Carries"], rows, layout);
}

function ofVariable({ state, carries, awaits }: VariableVerdict, colors: Colors): string[] {
  if (state === "missing") return [colors.red(state), ""];
  const isRight = carries === "its slot" || carries === "not known" || awaits;
  const stateColor = {
    "as declared": colors.green,
    "not known": colors.dim,
    "not ours": colors.red,
    differs: colors.red,
  };
  return [stateColor[state](state), (isRight ? colors.dim : colors.red)(carries)];
}

function ruleTable({ rules, tags }: StatusReport, layout: LayoutOptions): string {
  const { colors } = layout;
  const all = [
    ...rules.map(({ rule, verdict }) => ({ ...rule, name: rule.branch, state: verdict?.state })),
    ...tags.map(({ tag, verdict }) => ({ ...tag, name: `tag ${tag.tag}`, state: verdict?.state })),
  ];
  const rows = all.map(({ stack, pusher, name, project, state }) => [
    `${stack}/${pusher}`,
    name,
    project,
    state ? ruleColor(state, colors)(state) : colors.dim("not seen"),
  ]);
  return layOut(["Pusher", "Rule", "Of", "GitLab"], rows, layout);
}

const ruleColor = (state: RuleState, colors: Colors) =>
  state === "as declared" ? colors.green : state === "not known" ? colors.dim : colors.red;

function orphanTable({ orphans }: StatusReport, { colors, columns }: LayoutOptions): string {
  const rows = orphans.map(({ project, token, reason }) => [
    String(token.id),
    project,
    token.name,
    token.expires_at ?? "never",
    token.last_used_at?.slice(0, 10) ?? "never",
    `user ${token.user_id}`,
    colors.red(reason),
  ]);
  return layOut(["Orphan", "Project", "Token", "Expires", "Last used", "Bot", "Why"], rows, { colors, columns });
}

function operatorLine(operator: OperatorStatus | undefined, colors: Colors): string[] {
  const { daysLeft, expires } = operator ?? {};
  if (!operator || daysLeft === undefined) return [];
  const said = `${operatorName(operator)} dies on ${expires?.text}, in ${inDays(daysLeft)}`;
  return [daysLeft < SOON ? dueColor(daysLeft, colors)(`warning: ${said}; no deploy without one`) : colors.dim(said)];
}

function summary({ slots, blind }: StatusReport, findings: readonly Finding[], colors: Colors): string {
  const first = slots[0];
  const next = first ? `; the first dies in ${inDays(Math.max(first.daysLeft, 0))}` : "";
  const count = `${slots.length} slot${slots.length === 1 ? "" : "s"}`;
  if (findings.length === 0 && blind) return colors.red(`${count}; ${BLIND}`);
  return findings.length === 0
    ? colors.green(`${count}, nothing to do${next}`)
    : colors.red(`${count}, ${findings.length} finding${findings.length === 1 ? "" : "s"}`);
}

const BLIND =
  "GitLab shows none of the target projects: check GITLAB_BASE_URL, and the role of GITLAB_TOKEN's user there";

const dueColor = (days: number, colors: Colors) =>
  days <= 0 ? colors.red : days < SOON ? colors.yellow : (text: string) => text;
