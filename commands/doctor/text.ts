import Table from "cli-table3";
import type { createColors } from "picocolors";
import { isOwn, requestsOf } from "./ask";
import { CAUSES, type CauseId } from "./cause";
import type { Diagnosis } from "./diagnosis";
import { caseNames, type Examination } from "./examination";
import { type Fix, fixOf, inCase } from "./fix";
import type { Link } from "./link";
import type { JobLog } from "./log/job-log";
import { KINDS } from "./log/kind";
import type { LoggedRefusal } from "./log/logged-refusal";
import type { Names } from "./names";

export type Colors = ReturnType<typeof createColors>;

/** Up to so many possible causes are told with their fixes; more are listed. */
const FEW = 3;

/** The examination for people: a short answer, the table of links, then each cause with its fixes. */
export function asText(examination: Examination, colors: Colors): string {
  const { log, diagnoses, notSeen } = examination;
  const told = new Set<string>();
  const parts = [
    ...(diagnoses.length > 1 ? [overview(diagnoses, colors)] : []),
    ...(log ? [logText(log, examination, colors)] : []),
    ...diagnoses.map((diagnosis) => walkText(diagnosis, told, colors)),
    ...(notSeen.length > 0
      ? [notSeen.map(({ what, status, reason }) => colors.yellow(`not seen: ${what}: ${status} ${reason}`)).join("\n")]
      : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

function overview(diagnoses: readonly Diagnosis[], colors: Colors): string {
  const refused = diagnoses.filter(({ findings }) => findings.length > 0);
  const first = `${diagnoses.length} ways from a job to a branch, ${refused.length === 0 ? "nothing wrong with any" : `${refused.length} with something wrong`}`;
  const lines = refused.map(
    ({ walk, findings }) => `  ${wayText(walk)}: ${[...new Set(findings.map(({ cause }) => cause))].join(", ")}`,
  );
  return [(refused.length === 0 ? colors.green : colors.red)(first), ...lines].join("\n");
}

/** `told`: the findings of the walks before, each of which is told once. */
function walkText(diagnosis: Diagnosis, told: Set<string>, colors: Colors): string {
  const { walk, links, findings, advice, names } = diagnosis;
  return [
    answer(diagnosis, colors),
    colors.dim(`${walk.declared ? `${walk.declared.name}: ` : ""}${wayText(walk)}`),
    linkTable(links, colors),
    ...findings.map(({ cause, evidence, fix }) => {
      const text = causeText(cause, fix, names, colors, evidence);
      const again = told.has(text);
      told.add(text);
      return again ? `${colors.red("✗")} ${colors.bold(cause)}: as above` : text;
    }),
    ...advice.map((text) => `${colors.cyan("i")} ${text}`),
  ].join("\n");
}

const wayText = ({ source, target, branch, job }: Diagnosis["walk"]): string =>
  `${job === undefined ? "jobs" : `job ${job}`} of ${source.kind === "group" ? "group " : ""}${source.path} to ${branch} of ${target}`;

function answer({ findings, links, walk }: Diagnosis, colors: Colors): string {
  const [first, ...more] = findings;
  if (first) {
    const others = more.length > 0 ? ` (and ${more.length} more)` : "";
    return colors.bold(colors.red(`✗ ${walk.branch}: ${CAUSES[first.cause].title}${others}`));
  }
  const unseen = links.filter(({ status }) => status === "unknown").length;
  const open = unseen > 0 ? `; ${unseen} link${unseen === 1 ? " is" : "s are"} not known` : "";
  return colors.bold(colors.green(`✓ ${walk.branch}: nothing wrong was found${open}`));
}

function linkTable(links: readonly Link[], colors: Colors): string {
  const table = new Table({
    head: ["Link", "", "What was seen"].map((title) => colors.bold(title)),
    style: { head: [], border: [], compact: true },
    colWidths: [10, 9, 95],
    wordWrap: true,
  });
  const color = { ok: colors.green, wrong: colors.red, unknown: colors.yellow };
  table.push(...links.map(({ link, status, detail }) => [link, color[status](status), detail]));
  return table.toString();
}

function causeText(cause: CauseId, fix: Fix, names: Names, colors: Colors, evidence?: string): string {
  const { title, why } = CAUSES[cause];
  return [
    `${colors.red("✗")} ${colors.bold(cause)}: ${title}`,
    ...(evidence === undefined ? [] : [`    seen       ${evidence}`]),
    `    why        ${inCase(why, names)}`,
    `    who        ${fix.who}`,
    `    inventory  ${fix.inventory}`,
    `    GitLab     ${fix.ui}`,
    `    API        ${fix.api}`,
  ].join("\n");
}

function logText(log: JobLog, examination: Examination, colors: Colors): string {
  const notes = log.notes.map((note) => `${colors.cyan("i")} ${note}`);
  if (log.outcome === "accepted") {
    const where = [log.branch, log.target].filter((part) => part !== undefined).join(" of ");
    return [colors.green(`✓ the log shows a push that went through${where ? `: ${where}` : ""}`), ...notes].join("\n");
  }
  if (log.outcome === "none") return [colors.yellow(NO_PUSH), ...notes].join("\n");
  const { diagnoses, job } = examination;
  const seen = new Set(diagnoses.flatMap(({ findings }) => findings.map(({ cause }) => cause)));
  const names = caseNames(examination);
  const requests = diagnoses.length > 0 ? [] : requestsOf(log, names, job?.url);
  return [
    ...log.refusals.map((refusal) => refusalText(refusal, seen, names, job !== undefined, colors)),
    ...notes,
    ...requests.map(
      ({ who, text }) => `\n${colors.bold(`To ask ${who}, paste this:`)}\n${text.replace(/^/gm, "    ")}`,
    ),
  ].join("\n");
}

const NO_PUSH =
  "? no push in this log: nothing in it was pushed or refused (exit code 3). The whole log is at the job's page, Show complete raw";

function refusalText(
  { line, words, causes, kind }: LoggedRefusal,
  seen: ReadonlySet<CauseId>,
  names: Names,
  asked: boolean,
  colors: Colors,
): string {
  const first = colors.bold(colors.red(`✗ line ${line} of the log: ${words}`));
  const head = kind ? `${first}\n    kind       ${KINDS[kind].title}\n    look at    ${KINDS[kind].look}` : first;
  const confirmed = causes.filter((cause) => seen.has(cause));
  if (confirmed.length > 0) return `${head}\n    GitLab shows why: ${confirmed.join(", ")} (below)`;
  if (causes.length === 0) return `${head}\n    The push was refused; the doctor does not know these words.`;
  if (causes.length <= FEW) {
    return [head, ...causes.map((cause) => remedyText(cause, names, colors))].join("\n");
  }
  const list = causes.map((cause) => `    ${cause.padEnd(36)}${CAUSES[cause].title}`);
  return [
    head,
    asked
      ? "    Neither the text nor what your rights show in GitLab tells which of these it is:"
      : "    The text alone does not tell which of these it is; with ID, --project or the job's address GitLab is asked:",
    ...list,
  ].join("\n");
}

/** A cause for the one whose push was refused: what he can do himself; for the rest there is somebody to ask. */
function remedyText(cause: CauseId, names: Names, colors: Colors): string {
  const { title, why } = CAUSES[cause];
  const { who, ui } = fixOf(cause, names);
  return [
    `${colors.red("✗")} ${colors.bold(cause)}: ${title}`,
    `    why        ${inCase(why, names)}`,
    isOwn(cause) ? `    do         ${ui}` : `    ask        ${who} (a text to paste is below)`,
  ].join("\n");
}
