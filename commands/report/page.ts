import { createHash } from "node:crypto";
import type { Estate } from "../../estate/estate";
import { type Finding, SEVERITIES } from "../../estate/findings/finding";
import { credentialsOf } from "./credential";
import { FILTER } from "./filter";
import { findingsSection } from "./findings";
import { Html, html, name } from "./html";
import { projectsSection } from "./projects";
import { STYLE } from "./style";
import { timelineSection } from "./timeline";
import { unseenSection } from "./unseen";

/** Nothing but the page's own style and script, by their digests: what slipped in with a name would neither run nor call anybody. */
const POLICY = `default-src 'none'; style-src ${source(STYLE)}; script-src ${source(FILTER)}; base-uri 'none'; form-action 'none'`;

/** An estate as one page for people that needs nothing beside it. @param estate and findings as they may be shown */
export function page(estate: Estate, findings: readonly Finding[]): string {
  const credentials = credentialsOf(estate);
  const readAt = `${estate.readAt.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>Who may push where: ${estate.gitlab}</title>
<style>${Html.code(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to what is wrong</a>
<header>
<h1>Who may push where</h1>
<p class="from">${name(estate.gitlab)}, read <time datetime="${estate.readAt.toISOString()}">${readAt}</time></p>
<nav aria-label="Sections"><ul>
<li><a href="#findings">What is wrong</a></li>
<li><a href="#projects">Who may push where</a></li>
<li><a href="#expiry">What can push, and until when</a></li>
<li><a href="#unseen">What was not seen</a></li>
</ul></nav>
<dl class="sums">${sums(estate, findings, credentials.length).map(([what, number]) => html`<div><dt>${what}</dt><dd>${number}</dd></div>`)}</dl>
</header>
<main id="main" tabindex="-1">${findingsSection(findings)}${projectsSection(estate, findings)}${timelineSection(credentials, estate.readAt)}${unseenSection(estate)}
</main>
<footer><p>Made by <code>npx gitlab-ci-pusher report</code>. It names tokens and holes: keep it among those who may know them.</p></footer>
<script>${Html.code(FILTER)}</script>
</body>
</html>
`.text;
}

const sums = ({ projects, notSeen }: Estate, findings: readonly Finding[], credentials: number): [string, number][] => [
  [projects.length === 1 ? "project" : "projects", projects.length],
  ["tokens and keys", credentials],
  ...SEVERITIES.map((severity): [string, number] => {
    const { length } = findings.filter(({ rule }) => rule.severity === severity);
    return [length === 1 ? severity : `${severity}s`, length];
  }),
  ["not seen", notSeen.length],
];

function source(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
