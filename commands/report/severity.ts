import type { Finding, Severity } from "../../estate/findings/finding";
import { SEVERITIES } from "../../estate/findings/finding";
import { type Html, html } from "./html";

const SIGNS: Readonly<Record<Severity, string>> = { danger: "✗", warning: "!", hint: "i" };

/** A word in a frame; the sign and the colour only repeat it. */
export const badge = (severity: Severity, words: string = severity): Html =>
  html`<span class="badge ${severity}"><span aria-hidden="true">${SIGNS[severity]} </span>${words}</span>`;

/** `2 dangers` `1 hint` */
export const badges = (findings: readonly Finding[]): Html[] =>
  SEVERITIES.flatMap((severity) => {
    const { length } = findings.filter(({ rule }) => rule.severity === severity);
    return length > 0 ? [html`${badge(severity, `${length} ${severity}${length === 1 ? "" : "s"}`)} `] : [];
  });
