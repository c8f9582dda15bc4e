import type { BranchPicture, Estate, ProjectPicture } from "../../estate/estate";
import { few } from "../../estate/findings/few";
import type { Finding, FindingRule, Severity } from "../../estate/findings/finding";
import { findingsByRule } from "../../estate/findings/findings-of";
import { carriersOf, tokenText, variableText } from "../../estate/findings/tokens";
import { jobTokenText } from "../../estate/job-token-text";
import { unseenByAnswer } from "../../estate/unseen-by-answer";
import { whoText } from "../../estate/who";
import { roleName } from "../../gitlab/role";
import { count } from "../count";
import type { Colors, LayoutOptions } from "../layout";
import { wrappedTable } from "../wrapped-table";

/** Projects in the tables, and places under one finding: more nobody reads; `--json` has them all. */
const MOST_PROJECTS = 40;
const MOST_PLACES = 20;

/** The estate for people: who may push where, with what, what was not seen, and the findings, the worst first. */
export function asText(estate: Estate, findings: readonly Finding[], layout: LayoutOptions): string {
  const { colors } = layout;
  const projects = mostTelling(estate, findings).slice(0, MOST_PROJECTS);
  const left = estate.projects.length - projects.length;
  const parts = [
    ...(projects.length > 0 ? [branchTable(projects, estate, layout)] : []),
    ...(left > 0 ? [colors.dim(`and ${left} more project${left === 1 ? "" : "s"}: --json has them all`)] : []),
    ...credentials(estate, layout),
    ...hidden(estate, colors),
    ...holes(estate, colors),
    ...findingsByRule(findings).map(([rule, found]) => findingText(rule, found, colors)),
    summary(estate, findings, colors),
  ];
  return `${parts.join("\n")}\n`;
}

/** Those with findings and credentials first. */
function mostTelling({ projects, tokens }: Estate, findings: readonly Finding[]): ProjectPicture[] {
  const found = new Set(findings.map(({ place }) => place));
  const homes = new Set(tokens.map(({ home }) => home));
  const rank = ({ path, pushes }: ProjectPicture) =>
    (found.has(path) ? 4 : 0) + (homes.has(path) ? 2 : 0) + (pushes?.length ? 1 : 0);
  return [...projects].sort((a, b) => rank(b) - rank(a));
}

function branchTable(projects: readonly ProjectPicture[], { tokens }: Estate, layout: LayoutOptions): string {
  const names = new Map(tokens.map((token) => [token.id, `${token.name} (${token.id})`]));
  const rows = projects.flatMap((project) => {
    const lines = linesOf(project, names, layout.colors);
    return lines.map((line, index) => [index === 0 ? project.path : "", ...line]);
  });
  return wrappedTable(
    ["Project", "Branch or tag", "Who may push", "By force", "Tokens that may"],
    rows,
    [24, 18, 34, 9, 30],
    layout,
  );
}

function linesOf(project: ProjectPicture, names: ReadonlyMap<number, string>, colors: Colors): string[][] {
  const { branches, tags, deployKeys, jobToken, allTokensSeen } = project;
  const unseen = allTokensSeen ? [] : [colors.dim("not all seen")];
  const lines = branches
    ?.filter(({ guard }) => !guard)
    .map((branch) => [
      branchName(branch, project, colors),
      whoText(branch.push),
      branch.forcePush ? colors.yellow("yes") : "no",
      [...branch.tokens.map((id) => names.get(id) ?? String(id)), ...unseen].join(", "),
    ]);
  return [
    ...(lines ?? [[colors.dim("not seen"), "", "", ""]]),
    ...(tags ?? []).map(({ name, create }) => [`tag ${name}`, whoText(create), "", ""]),
    ...(deployKeys?.length
      ? [["by SSH", deployKeys.map(({ id, title }) => `deploy key ${title} (${id})`).join(", "), "", ""]]
      : []),
    ...(jobToken.push ? [["by job token", jobTokenText(project), "", ""]] : []),
  ];
}

function branchName(
  { name, kind, inherited }: BranchPicture,
  { defaultBranch }: ProjectPicture,
  colors: Colors,
): string {
  if (kind === "others") return colors.dim("all others");
  return `${name}${name === defaultBranch ? colors.dim(" default") : ""}${inherited ? colors.dim(" of the group") : ""}`;
}

function credentials(estate: Estate, layout: LayoutOptions): string[] {
  const { tokens } = estate;
  if (tokens.length === 0) return [];
  const rows = tokens
    .slice(0, MOST_PROJECTS * 2)
    .map((token) => [
      tokenText(token),
      token.home ?? "",
      [token.level === undefined ? "" : roleName(token.level), token.scopes.join(" ")].filter(Boolean).join(", "),
      token.expiresAt ?? "never",
      token.lastUsedAt === undefined ? "not told" : (token.lastUsedAt?.slice(0, 10) ?? "never"),
      carriersOf(token, estate).map(variableText).join(", "),
    ]);
  const left = tokens.length - rows.length;
  return [
    wrappedTable(
      ["Token", "Of", "Role, scopes", "Expires", "Last used", "Carried by"],
      rows,
      [26, 20, 20, 12, 12, 25],
      layout,
    ),
    ...(left > 0 ? [layout.colors.dim(`and ${left} more tokens: --json has them all`)] : []),
  ];
}

/** Variables of which only the name, or a job, tells what they are for. */
function hidden({ variables }: Estate, colors: Colors): string[] {
  const told = variables.filter(({ carries }) => carries.kind === "by name").map(variableText);
  return told.length === 0 ? [] : [colors.yellow(`hidden, and by name with a token in it: ${few(told)}`)];
}

/** Lines about what was not seen: one for all that GitLab refused with the same words. */
const holes = ({ notSeen }: Estate, colors: Colors): string[] =>
  unseenByAnswer(notSeen).map(({ kind, answer, places }) =>
    colors.yellow(`not seen: ${kind}${places.length > 0 ? ` of ${few(places)}` : ""}: ${answer}`),
  );

const SIGNS: Readonly<Record<Severity, (colors: Colors) => string>> = {
  danger: ({ red }) => red("✗ danger"),
  warning: ({ yellow }) => yellow("! warning"),
  hint: ({ cyan }) => cyan("i hint"),
};

function findingText(rule: FindingRule, found: readonly Finding[], colors: Colors): string {
  const places = found
    .slice(0, MOST_PLACES)
    .map(({ place, subject, got }) => `    ${place && !subject.includes(place) ? `${place}: ` : ""}${subject}: ${got}`);
  const left = found.length - places.length;
  return [
    `${SIGNS[rule.severity](colors)} ${colors.bold(rule.id)}: ${rule.title}${found.length > 1 ? ` (${found.length})` : ""}`,
    ...places,
    ...(left > 0 ? [`    and ${left} more: --json has them all`] : []),
    colors.dim(`    allowed: ${rule.allowed}`),
    colors.dim(`    fix: ${rule.fix}`),
  ].join("\n");
}

function summary({ projects, tokens, notSeen }: Estate, findings: readonly Finding[], colors: Colors): string {
  const read = `${count(projects.length, "project")}, ${count(tokens.length, "token")} that can push`;
  const unseen = notSeen.length > 0 ? `; ${count(notSeen.length, "thing")} not seen` : "";
  if (findings.length > 0) return colors.red(`${read}, ${count(findings.length, "finding")}${unseen}`);
  const isClean = notSeen.length === 0 && projects.length > 0;
  return (isClean ? colors.green : colors.yellow)(`${read}, nothing was found${unseen}`);
}
