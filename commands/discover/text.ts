import Table from "cli-table3";
import type { createColors } from "picocolors";
import type { BranchPicture, Estate, ProjectPicture, TokenPicture } from "../../estate/estate";
import { few } from "../../estate/findings/few";
import type { Finding, FindingRule, Severity } from "../../estate/findings/finding";
import { tokenText, variableText } from "../../estate/findings/tokens";
import { whoText } from "../../estate/who";
import { roleName } from "../../gitlab/role";

type Colors = ReturnType<typeof createColors>;

/** Projects in the tables, and places under one finding: more nobody reads; `--json` has them all. */
const MOST_PROJECTS = 40;
const MOST_PLACES = 20;

/** The estate for people: who may push where, with what, what was not seen, and the findings, the worst first. */
export function asText(estate: Estate, findings: readonly Finding[], colors: Colors): string {
  const projects = mostTelling(estate, findings).slice(0, MOST_PROJECTS);
  const left = estate.projects.length - projects.length;
  const parts = [
    ...(projects.length > 0 ? [branchTable(projects, estate, colors)] : []),
    ...(left > 0 ? [colors.dim(`and ${left} more project${left === 1 ? "" : "s"}: --json has them all`)] : []),
    ...credentials(estate, colors),
    ...holes(estate, colors),
    ...byRule(findings).map(([rule, found]) => findingText(rule, found, colors)),
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

function branchTable(projects: readonly ProjectPicture[], { tokens }: Estate, colors: Colors): string {
  const names = new Map(tokens.map((token) => [token.id, `${token.name} (${token.id})`]));
  const rows = projects.flatMap((project) => {
    const lines = linesOf(project, names, colors);
    return lines.map((line, index) => [index === 0 ? project.path : "", ...line]);
  });
  return table(
    ["Project", "Branch or tag", "Who may push", "By force", "Tokens that may"],
    rows,
    [24, 18, 34, 9, 30],
    colors,
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

function jobTokenText({ jobToken: { crossProject, limited, projects, groups }, path }: ProjectPicture): string {
  const own = "its own jobs, as whoever started them";
  if (!crossProject) return own;
  const others = [...(projects ?? []), ...(groups ?? [])].filter((each) => each !== path);
  if (limited === false) return `${own}; jobs of all projects may be let in`;
  return `${own}; jobs that the allowlist lets push: ${others.join(", ") || "none"}`;
}

function credentials({ tokens, variables }: Estate, colors: Colors): string[] {
  if (tokens.length === 0) return [];
  const carriers = (token: TokenPicture) =>
    variables.filter(({ carries }) => carries.kind === "token" && carries.token === token.id).map(variableText);
  const rows = tokens
    .slice(0, MOST_PROJECTS * 2)
    .map((token) => [
      tokenText(token),
      token.home ?? "",
      [token.level === undefined ? "" : roleName(token.level), token.scopes.join(" ")].filter(Boolean).join(", "),
      token.expiresAt ?? "never",
      token.lastUsedAt === undefined ? "not told" : (token.lastUsedAt?.slice(0, 10) ?? "never"),
      carriers(token).join(", "),
    ]);
  const left = tokens.length - rows.length;
  return [
    table(
      ["Token", "Of", "Role, scopes", "Expires", "Last used", "Carried by"],
      rows,
      [26, 20, 20, 12, 12, 25],
      colors,
    ),
    ...(left > 0 ? [colors.dim(`and ${left} more tokens: --json has them all`)] : []),
  ];
}

/** What GitLab refused with the same words is one line. */
function holes({ notSeen }: Estate, colors: Colors): string[] {
  const places = new Map<string, { readonly kind: string; readonly answer: string; readonly of: string[] }>();
  for (const { what, status, reason } of notSeen) {
    const [, kind = what, place = ""] = /^(.*?) of (.*)$/.exec(what) ?? [];
    const answer = reason.startsWith(String(status)) ? reason : `${status} ${reason}`;
    const same = places.get(`${kind}: ${answer}`) ?? { kind, answer, of: [] };
    same.of.push(place);
    places.set(`${kind}: ${answer}`, same);
  }
  return [...places.values()].map(({ kind, answer, of }) =>
    colors.yellow(`not seen: ${kind}${of[0] === "" ? "" : ` of ${few(of)}`}: ${answer}`),
  );
}

function byRule(findings: readonly Finding[]): [FindingRule, Finding[]][] {
  const rules = [...new Set(findings.map(({ rule }) => rule.id))];
  return rules.map((id) => {
    const found = findings.filter(({ rule }) => rule.id === id);
    return [found[0]!.rule, found];
  });
}

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

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

function table(head: readonly string[], rows: readonly string[][], widths: readonly number[], colors: Colors): string {
  const made = new Table({
    head: head.map((title) => colors.bold(title)),
    style: { head: [], border: [], compact: true },
    colWidths: [...widths],
    wordWrap: true,
  });
  made.push(...rows.map((row) => [...row]));
  return made.toString();
}
