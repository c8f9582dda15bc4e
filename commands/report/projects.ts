import type { BranchPicture, Estate, ProjectPicture } from "../../estate/estate";
import type { Finding } from "../../estate/findings/finding";
import { jobTokenText } from "../../estate/job-token-text";
import { type Who, whoText } from "../../estate/who";
import { DEVELOPER, MAINTAINER } from "../../gitlab/role";
import { type Content, type Html, html, name, names } from "./html";
import { badges } from "./severity";
import { table } from "./table";

/** So many fit a page that a browser opens at once. */
const MOST_PROJECTS = 3_000;
const MOST_BRANCHES = 100;
/** Of one cell. */
const MOST_NAMES = 20;
/** With more projects each shows its first line until somebody asks for it. */
const FEW_PROJECTS = 12;
/** With more projects paper has the first line only of those in which nothing was found, and that nobody opened. */
const MOST_ON_PAPER = 100;

/** A section on who may push to which branches and tags: a table for each project, under its group. */
export function projectsSection({ projects, tokens }: Estate, findings: readonly Finding[]): Html {
  const tokenNames = new Map(tokens.map((token) => [token.id, `${token.name} (${token.id})`]));
  const byPlace = grouped(findings, ({ place }) => place ?? "");
  const shown = [...projects].sort(byPath).slice(0, MOST_PROJECTS);
  const isOpen = projects.length <= FEW_PROJECTS;
  const isFolded = projects.length > MOST_ON_PAPER;
  const left = projects.length - shown.length;
  return html`
<section id="projects" aria-labelledby="projects-title">
<h2 id="projects-title">Who may push where</h2>
<p>By all rules that match a branch together: the most permissive one decides. A Maintainer is let in wherever a Developer is, an Owner wherever a Maintainer is.</p>
${isFolded ? html`<p class="on-paper">Of a project in which nothing was found paper has the first line: open it before you print for all of it.</p>` : undefined}
<div id="filter" role="search" hidden>
<label>Show projects with <input id="filter-text" type="search" autocomplete="off" spellcheck="false" placeholder="project, branch, person, token"></label>
<label class="check"><input id="filter-found" type="checkbox"> only with findings</label>
<span class="buttons"><button type="button" id="open-all">Open all</button> <button type="button" id="close-all">Close all</button></span>
<p id="filter-count" role="status"></p>
</div>
${projects.length === 0 ? html`<p>There is no project here that is not archived.</p>` : undefined}
${[...grouped(shown, ({ path }) => groupOf(path))].map(
  ([group, inside]) => html`
<div class="group"><h3>${name(group)}</h3>${inside.map((project) =>
    details(project, { isOpen, isFolded, tokenNames, findings: byPlace.get(project.path) ?? [] }),
  )}</div>`,
)}
${left > 0 ? html`<p class="left">and ${left} more projects: <code>npx gitlab-ci-pusher discover --json</code> has them all</p>` : undefined}
</section>`;
}

const groupOf = (path: string): string => path.split("/").slice(0, -1).join("/");

/** A group's own projects stand before those of the groups below it, and `app-9` before `app-10`. */
const byPath = ({ path: a }: ProjectPicture, { path: b }: ProjectPicture): number =>
  ORDER.compare(groupOf(a), groupOf(b)) || ORDER.compare(a, b);
const ORDER = new Intl.Collator("en", { numeric: true });

interface Around {
  readonly isOpen: boolean;
  /** Tells whether its details stay off paper where nothing was found. */
  readonly isFolded: boolean;
  readonly tokenNames: ReadonlyMap<number, string>;
  readonly findings: readonly Finding[];
}

const details = (project: ProjectPicture, { isOpen, isFolded, tokenNames, findings }: Around): Html => html`
<details class="project${isFolded && findings.length === 0 ? " folded" : ""}"${isOpen ? html` open` : ""}${findings.length > 0 ? html` data-found` : ""}><summary><h4>${name(project.path)}</h4> <span class="gist">${gist(project)}</span> ${badges(findings)}</summary>
${branchTable(project, tokenNames)}${others(project)}</details>`;

/** Those who push to the default branch, in a few words. */
function gist({ branches, defaultBranch }: ProjectPicture): Content {
  if (branches === undefined) return "branches not seen";
  const found = branches.find(({ name }) => name === defaultBranch);
  return found ? html`${name(found.name)}: ${name(whoText(found.push))}` : "no default branch seen";
}

function branchTable(project: ProjectPicture, tokenNames: ReadonlyMap<number, string>): Html {
  const { branches, tags, allTokensSeen, id, path } = project;
  const told = branches?.filter(({ guard }) => !guard) ?? [];
  const rows = [
    ...told.map((branch) => [
      branchName(branch, project),
      ...push(branch.push),
      branch.forcePush ? html`<b class="no">yes</b>` : "no",
      listed([
        ...branch.tokens.map((token) => tokenNames.get(token) ?? String(token)),
        ...(allTokensSeen ? [] : ["not all seen"]),
      ]),
    ]),
    ...(tags ?? []).map(({ name: tag, create }) => [html`tag ${name(tag)}`, ...push(create), "", ""]),
  ];
  if (rows.length === 0)
    return html`<p>${branches === undefined ? "Branches and tags were not seen." : "No branch, no rule."}</p>`;
  return html`${table({
    id: `p${id}`,
    kind: "branches",
    caption: html`Who may push in ${name(path)}`,
    columns: ["Branch or tag", "Developers", "Maintainers", "Others", "By force", "Tokens that may"],
    rows: rows.slice(0, MOST_BRANCHES),
    left: rows.length - MOST_BRANCHES,
  })}${branches === undefined ? html`<p>Branches were not seen.</p>` : undefined}${tags === undefined ? html`<p>Rules for tags were not seen.</p>` : undefined}`;
}

/** Developers, Maintainers, and who is let in beside these roles. */
function push(all: readonly Who[]): Content[] {
  const level = Math.min(...all.map((who) => (who.kind === "role" ? who.level : Number.POSITIVE_INFINITY)));
  const isColumn = (who: Who) => who.kind === "role" && (who.level === DEVELOPER || who.level === MAINTAINER);
  const others = all.filter((who) => !isColumn(who)).map((who) => whoText([who]));
  return [yesNo(level <= DEVELOPER), yesNo(level <= MAINTAINER), listed(all.length === 0 ? ["nobody"] : others)];
}

const yesNo = (may: boolean): Html => (may ? html`<b class="yes"><span aria-hidden="true">✓ </span>yes</b>` : html`no`);

function branchName({ name: branch, kind, inherited }: BranchPicture, { defaultBranch }: ProjectPicture): Html {
  if (kind === "others") return html`all others`;
  return html`${name(branch)}${branch === defaultBranch ? html` <i>default</i>` : undefined}${inherited ? html` <i>of the group</i>` : undefined}`;
}

function others(project: ProjectPicture): Html | undefined {
  const { deployKeys, jobToken } = project;
  const lines = [
    ...(deployKeys?.length
      ? [html`<dt>By SSH</dt><dd>${listed(deployKeys.map(({ id, title }) => `deploy key ${title} (${id})`))}</dd>`]
      : []),
    ...(deployKeys === undefined ? [html`<dt>By SSH</dt><dd>deploy keys not seen</dd>`] : []),
    ...(jobToken.push ? [html`<dt>By job token</dt><dd>${name(jobTokenText(project))}</dd>`] : []),
  ];
  return lines.length > 0 ? html`<dl>${lines}</dl>` : undefined;
}

const listed = (all: readonly string[]): Html => names(all, MOST_NAMES);

function grouped<T>(all: readonly T[], keyOf: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const key = keyOf(each);
    const same = groups.get(key);
    if (same) same.push(each);
    else groups.set(key, [each]);
  }
  return groups;
}
