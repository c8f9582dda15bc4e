/** The look of the page: light or dark as the reader's system, and on paper. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fff; --raised: #f5f6f8; --text: #1d2129; --dim: #565e6b; --line: #d3d7de; --accent: #0b5cad;
  --danger: #b3141d; --danger-back: #fdecec; --warning: #7a4b00; --warning-back: #fff3d6; --hint: #0b5cad; --hint-back: #e8f1fb; --bar: #5b7fb5; }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171c; --raised: #1d2128; --text: #e6e8ec; --dim: #a3abb8; --line: #394049; --accent: #7db5f5;
    --danger: #ff9a96; --danger-back: #3d1a1c; --warning: #f3c15b; --warning-back: #3a2c0d; --hint: #8fc1fa; --hint-back: #16293f; --bar: #7d9fd1; }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
footer { padding-bottom: 2rem; color: var(--dim); font-size: .875rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.35rem; margin: 2.5rem 0 .75rem; padding-bottom: .3rem; border-bottom: 2px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .5rem; }
h4 { font-size: 1rem; display: inline; margin: 0; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -100vw; top: 0; padding: .5rem 1rem; background: var(--back); }
.skip:focus { left: 0; }
.from { color: var(--dim); margin: 0; }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 1rem 0 0; padding: 0; }
.sums { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .6rem; margin: 1.25rem 0 0; }
.sums div { display: flex; flex-direction: column-reverse; justify-content: flex-end; background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem; }
.sums dt { color: var(--dim); font-size: .875rem; }
.sums dd { margin: 0; font-size: 1.6rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
code { font: .85em ui-monospace, "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--dim); font-weight: 400; }
.badge { display: inline-block; white-space: nowrap; font-size: .8125rem; font-weight: 650; line-height: 1.4; border: 1px solid; border-radius: .35rem; padding: 0 .4rem; }
.badge.danger { color: var(--danger); background: var(--danger-back); }
.badge.warning { color: var(--warning); background: var(--warning-back); }
.badge.hint { color: var(--hint); background: var(--hint-back); }
.finding { border: 1px solid var(--line); border-left-width: .35rem; border-radius: .4rem; padding: .6rem .9rem; margin: .75rem 0; }
.finding.danger { border-left-color: var(--danger); }
.finding.warning { border-left-color: var(--warning); }
.finding.hint { border-left-color: var(--hint); }
.finding h3 { margin: 0 0 .4rem; }
dl:not(.sums) { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .9rem; margin: .4rem 0; }
dl:not(.sums) dt { color: var(--dim); }
dl:not(.sums) dd { margin: 0; }
summary { cursor: pointer; padding: .15rem 0; }
.project { border: 1px solid var(--line); border-radius: .4rem; margin: .35rem 0; padding: .25rem .75rem; }
.project[open] { padding-bottom: .6rem; }
.gist { color: var(--dim); margin: 0 .4rem; }
.scroll { overflow-x: auto; margin: .4rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--dim); font-size: .875rem; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
thead th { color: var(--dim); font-weight: 600; border-bottom-width: 2px; overflow-wrap: break-word; }
tbody th { font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
.places, .unseen { table-layout: fixed; min-width: 30rem; }
.places thead th:nth-child(1), .unseen thead th:nth-child(1) { width: 26%; }
.places thead th:nth-child(2), .unseen thead th:nth-child(3) { width: 30%; }
.places caption { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
.branches { table-layout: fixed; min-width: 48rem; }
.branches thead th:nth-child(1) { width: 22%; }
.branches thead th:nth-child(2), .branches thead th:nth-child(3) { width: 8rem; }
.branches thead th:nth-child(5) { width: 5.5rem; }
.credentials { table-layout: fixed; min-width: 58rem; }
.credentials thead th:nth-child(1), .credentials thead th:nth-child(6) { width: 20%; }
.credentials thead th:nth-child(4), .credentials thead th:nth-child(5) { width: 13%; }
td { font-variant-numeric: tabular-nums; }
.date { display: block; white-space: nowrap; }
.yes { font-weight: 650; }
.no { color: var(--danger); }
.left, i { color: var(--dim); }
figure { margin: 0; }
figcaption { margin: .25rem 0 1rem; }
svg { display: block; width: 100%; min-width: 46rem; height: auto; }
svg text { fill: var(--text); font: 12px system-ui, "Segoe UI", Roboto, Arial, sans-serif; }
svg .small { font-size: 11px; fill: var(--dim); }
svg .count { fill: var(--text); font-size: 9.5px; }
.axis { stroke: var(--dim); }
.tick { stroke: var(--line); }
.soon { fill: var(--danger-back); }
.today { stroke: var(--text); stroke-width: 2; }
svg .today-text { font-weight: 650; }
.bar.dated { fill: var(--bar); }
.bar.near, .bar.dead { fill: var(--danger); }
.bar.never { fill: var(--warning); }
#filter { display: flex; flex-wrap: wrap; gap: .6rem 1.25rem; align-items: end; background: var(--raised); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; }
#filter-text { display: block; width: min(24rem, 100%); }
#filter label:first-child { flex: 0 1 24rem; }
input, button { font: inherit; color: inherit; background: var(--back); border: 1px solid var(--dim); border-radius: .35rem; padding: .25rem .6rem; }
::placeholder { color: var(--dim); opacity: 1; }
button { cursor: pointer; }
#filter-count { margin: 0; color: var(--dim); }
[hidden], #filter[hidden] { display: none; }
.on-paper { display: none; }
@media screen and (max-width: 40rem) {
  header, main, footer { padding-left: .8rem; padding-right: .8rem; }
  dl:not(.sums) { grid-template-columns: 1fr; gap: 0; }
  dl:not(.sums) dd { margin-bottom: .3rem; }
  .finding, .project { padding-left: .6rem; padding-right: .6rem; }
  #filter-text { width: 100%; }
  .places, .unseen { min-width: 0; display: block; }
  .places tbody, .unseen tbody, .unseen caption { display: block; }
  .places thead, .unseen thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .places tr, .unseen tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .places tr > *, .unseen tr > * { display: block; border: 0; padding: .05rem 0; }
  .places tr:last-child { border: 0; }
  .branches, .credentials { min-width: 0; display: block; }
  .branches tbody, .credentials tbody, .branches caption, .credentials caption { display: block; }
  .branches thead, .credentials thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .branches tr, .credentials tr { display: block; border-bottom: 1px solid var(--line); padding: .3rem 0; }
  .branches tr:last-child, .credentials tr:last-child { border: 0; }
  .branches tr > *, .credentials tr > * { border: 0; padding: .05rem 0; }
  .branches tr > th, .credentials tr > th { display: block; }
  .branches tr > td, .credentials tr > td { display: inline-block; margin-right: 1rem; }
  .branches td:empty, .credentials td:empty { display: none; }
  .branches td::before, .credentials td::before { color: var(--dim); font-weight: 400; }
  .branches td:nth-child(2)::before { content: "Developers "; }
  .branches td:nth-child(3)::before { content: "Maintainers "; }
  .branches td:nth-child(4)::before { content: "Others "; }
  .branches td:nth-child(5)::before { content: "By force "; }
  .branches td:nth-child(6)::before { content: "Tokens that may "; }
  .credentials td:nth-child(2)::before { content: "Of "; }
  .credentials td:nth-child(3)::before { content: "Role, scopes "; }
  .credentials td:nth-child(4)::before { content: "Expires "; }
  .credentials td:nth-child(5)::before { content: "Last used "; }
  .credentials td:nth-child(6)::before { content: "Carried by "; }
  .credentials .date { display: inline; }
  #filter label:first-child { flex: 1 0 100%; }
}
@media (forced-colors: active) { .bar { forced-color-adjust: none; } }
@media print {
  :root { --back: #fff; --raised: #fff; --text: #000; --dim: #333; --line: #999; --accent: #000; --danger: #8c0d14; --danger-back: #f2f2f2;
    --warning: #5c3900; --warning-back: #fff; --hint: #00407d; --hint-back: #fff; --bar: #666; }
  body { font-size: 10pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav, #filter, .skip { display: none; }
  .on-paper { display: block; }
  details:not(.folded)::details-content, details[open]::details-content { display: block; content-visibility: visible; height: auto; }
  .scroll { overflow: visible; }
  .scroll table { min-width: 0; font-size: 8.5pt; }
  .branches thead th:nth-child(n) { width: auto; }
  th, td { padding: .2rem .4rem; }
  thead { display: table-header-group; }
  tr, svg, .sums div { break-inside: avoid; }
  h2, h3, summary, caption { break-after: avoid; }
  svg { min-width: 0; }
}
`;
