import type { Finding, FindingRule } from "../../estate/findings/finding";
import { findingsByRule } from "../../estate/findings/findings-of";
import { type Content, type Html, html, name } from "./html";
import { badge } from "./severity";
import { table } from "./table";

/** Places under one finding: more make the page too large, and nobody reads them. */
const MOST = 500;
/** Places that are shown without a click. */
const FEW = 10;

/** A section on what is wrong, the worst first, each with its fix. */
export const findingsSection = (findings: readonly Finding[]): Html => html`
<section id="findings" aria-labelledby="findings-title">
<h2 id="findings-title">What is wrong</h2>
${findings.length === 0 ? html`<p>Nothing was found in what GitLab showed.</p>` : findingsByRule(findings).map(([rule, found]) => kind(rule, found))}
</section>`;

const kind = (rule: FindingRule, found: readonly Finding[]): Html => html`
<article class="finding ${rule.severity}" aria-labelledby="${rule.id}">
<h3 id="${rule.id}">${badge(rule.severity)} ${rule.title} <code>${rule.id}</code></h3>
<dl><dt>Fix</dt><dd>${prose(rule.fix)}</dd><dt>Allowed</dt><dd>${prose(rule.allowed)}</dd></dl>
${found.length > FEW ? html`<details><summary>${found.length} places</summary>${places(rule, found)}</details>` : places(rule, found)}
</article>`;

const places = ({ id, title }: FindingRule, found: readonly Finding[]): Html =>
  table({
    id: `${id}-places`,
    kind: "places",
    caption: html`Where: ${title}`,
    columns: ["Project or group", "What", "Found"],
    rows: found
      .slice(0, MOST)
      .map(({ place, subject, got }) => [place === undefined ? "a person’s" : name(place), name(subject), name(got)]),
    left: found.length - MOST,
  });

/** A rule's words, with its commands as such. */
const prose = (text: string): Content =>
  text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));
