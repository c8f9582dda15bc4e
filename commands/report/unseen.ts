import type { Estate } from "../../estate/estate";
import { unseenByAnswer } from "../../estate/unseen-by-answer";
import { type Html, html, name, names } from "./html";
import { table } from "./table";

const MOST_PLACES = 50;
const MOST_ROWS = 500;

/** A section on what GitLab would not show to the token that asked, and what it shows to nobody. */
export function unseenSection({ notSeen }: Estate): Html {
  const unseen = unseenByAnswer(notSeen);
  return html`
<section id="unseen" aria-labelledby="unseen-title">
<h2 id="unseen-title">What was not seen</h2>
${
  unseen.length === 0
    ? html`<p>GitLab showed all that was asked for.</p>`
    : html`<p>None of this is taken for “there is none”.</p>${table({
        id: "unseen-table",
        kind: "unseen",
        caption: "What GitLab would not show to the token that asked",
        columns: ["What", "Of", "GitLab’s answer"],
        rows: unseen
          .slice(0, MOST_ROWS)
          .map(({ kind, places, answer }) => [name(kind), names(places, MOST_PLACES), name(answer)]),
        left: unseen.length - MOST_ROWS,
      })}`
}
<p>Shown to nobody: the value of a hidden variable, personal tokens that no variable carries, what scripts compute while they run, keys that are kept
outside GitLab, and which projects on a job token’s allowlist may push to another project (GitLab 19.0). Archived projects were not read.</p>
</section>`;
}
