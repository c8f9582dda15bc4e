import { type Content, type Html, html } from "./html";

/** A table of the page. A narrow screen scrolls it, by keyboard too. */
export interface PageTable {
  /** Without a meaning for people; unique in the page. */
  readonly id: string;
  /** For its look. */
  readonly kind: "places" | "branches" | "credentials" | "unseen";
  readonly caption: Content;
  readonly columns: readonly string[];
  /** Cells of each row; the first one names it. */
  readonly rows: readonly (readonly Content[])[];
  /** The number of rows that are not shown. */
  readonly left?: number;
}

export const table = ({ id, kind, caption, columns, rows, left = 0 }: PageTable): Html => html`
<div class="scroll" role="group" aria-labelledby="${id}" tabindex="0"><table class="${kind}">
<caption id="${id}">${caption}</caption>
<thead><tr>${columns.map((column) => html`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>${rows.map(
  ([first, ...others]) => html`
<tr><th scope="row">${first}</th>${others.map((cell) => html`<td>${cell}</td>`)}</tr>`,
)}
</tbody></table></div>${left > 0 ? html`<p class="left">and ${left} more: <code>npx gitlab-ci-pusher discover --json</code> has them all</p>` : undefined}`;
