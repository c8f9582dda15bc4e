import { withoutTokens } from "../../../gitlab/problem";
import { type RefusalId, telling } from "../../../gitlab/refusal";
import type { CauseId } from "../cause";
import { type Attempt, addressOf, attemptsOf, pushedRefs, type ReadLine } from "./attempt";
import { BEHIND } from "./behind";
import { believed, isForeign, isPush, ofCredential, type Surroundings } from "./believed";
import { projectIn } from "./git-line";
import type { RefusalKind } from "./kind";
import { type LogLine, logLines } from "./line";
import { narrowed, shownPush } from "./narrowed";
import { wentThroughQuietly } from "./quiet-push";

/** What the log of a job tells of its push, without asking GitLab. */
export interface JobLog {
  /** `accepted` only where a push is seen to have succeeded; `none`: the log shows no push, or one that had nothing to push. */
  readonly outcome: "refused" | "accepted" | "none";
  readonly refusals: readonly LoggedRefusal[];
  /** What is worth to know and is no finding. */
  readonly notes: readonly string[];
  /** The ref the pipeline ran for. */
  readonly ref?: string;
  /** Full path of the project pushed to, as Git names it. */
  readonly target?: string;
  readonly branch?: string;
  /** Key of the variable that the push took its password from. */
  readonly key?: string;
}

export interface LoggedRefusal {
  /** `unknown`: by its form a refusal, by its words none that is known. */
  readonly id: RefusalId | "unknown";
  /** Line of the log, from 1. */
  readonly line: number;
  /** The words that were recognised, or those of the server's hook; no address and no token. */
  readonly words: string;
  /** What may lie behind it, the likeliest first; one where the text leaves no doubt, none where it is unknown. */
  readonly causes: readonly CauseId[];
  /** Told where the words do not tell it. */
  readonly kind?: RefusalKind;
}

/** A runner that fetched the sources reaches GitLab: what the script does not reach is more likely another host. */
const ELSEWHERE: readonly CauseId[] = ["push-other-host", "gitlab-unreachable"];

interface Event {
  readonly refused: readonly (LoggedRefusal & { readonly branch?: string })[];
  readonly accepted: readonly string[];
  readonly project?: string;
  readonly key?: string;
  /** The push job said that it tries again. */
  readonly again: boolean;
  readonly attempt: Attempt;
  /** The job's end, where this is the last that it did. */
  readonly ended?: "failed" | "succeeded";
}

/** Reads a job's log. It may be cut off, and hold anything: what is quoted of it is made safe first. */
export function readJobLog(text: string): JobLog {
  const lines = logLines(text);
  const early = earlyRefusals(lines);
  const events =
    early.length > 0
      ? []
      : eventsOf(
          lines.filter(({ place }) => JUDGED.has(place)),
          endOf(lines),
        );
  const standing = events.flatMap((event, at) =>
    event.refused.filter((each) => !overtaken(each, event, events.slice(at))),
  );
  const refusals = unique([...early, ...standing]);
  const accepted = events.flatMap((event) => event.accepted);
  const quiet = events.some((event, at) => quietly(event, events.slice(at)));
  const outcome = refusals.length > 0 ? "refused" : accepted.length > 0 || quiet ? "accepted" : "none";
  return {
    outcome,
    refusals,
    notes: notesOf(events, refusals, outcome, endOf(lines)),
    ...whither(lines, events, outcome),
  };
}

const JUDGED: ReadonlySet<LogLine["place"]> = new Set<LogLine["place"]>(["ready", "script", "after_script", "end"]);

function endOf(lines: readonly LogLine[]): "failed" | "succeeded" | undefined {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const { text = "" } = lines[at] as LogLine;
    if (/^Job succeeded\b/.test(text)) return "succeeded";
    if (/^ERROR: Job failed\b|^Job failed\b/.test(text)) return "failed";
  }
  return undefined;
}

/** What stopped the runner before the script began: its own fetch, with the job token and the rights of whoever started the job. */
function earlyRefusals(lines: readonly LogLine[]): LoggedRefusal[] {
  if (lines.some(({ place }) => place === "script" || place === "after_script")) return [];
  const fetched = lines.filter(({ place }) => place === "sources" || place === "submodules");
  const known = attemptsOf(fetched).flatMap(({ lines: read }) =>
    telling(read.flatMap(({ known: said, number, place }) => (said ? [{ ...said, number, place }] : []))),
  );
  return unique(
    known.map(({ id, by, words, number, place }) => {
      const denied: CauseId = place === "submodules" ? "submodules-denied" : "sources-denied";
      return { id, line: number, words, causes: ofCredential(id, by) ? [denied] : BEHIND[id] };
    }),
  );
}

function eventsOf(lines: readonly LogLine[], end: "failed" | "succeeded" | undefined): Event[] {
  const fetched = lines.some(({ text }) => /^Checking out \S+ as /.test(text));
  const attempts = attemptsOf(lines.filter(({ text }) => !/^(?:ERROR: )?Job (?:failed|succeeded)\b/.test(text)));
  const pushes = attempts.some((attempt) => attempt.does === "push" || isPush(attempt));
  let ownCredential = false;
  return attempts.map((attempt, at) => {
    const last = at === attempts.length - 1;
    ownCredential ||= OWN_CREDENTIAL.test(attempt.command ?? "");
    const fatal = last && end !== "succeeded" && (end === "failed" || attempt.does === "write");
    const before = () => attempts.slice(0, at + 1).flatMap(({ command }) => (command === undefined ? [] : [command]));
    const event = judged(attempt, { pushes, ownCredential, fatal, fetched }, before);
    return last && end ? { ...event, ended: end } : event;
  });
}

const OWN_CREDENTIAL = /:\/\/[^/\s@]*:\$\{?(?!CI_JOB_TOKEN\b)\w+\}?@/;

function judged(attempt: Attempt, around: Surroundings, commands: () => readonly string[]): Event {
  const address = addressOf(attempt);
  const foreign = address !== undefined && isForeign(address.host);
  const { refused: refs, accepted } = pushedRefs(attempt);
  const own = attempt.lines.find(({ job }) => job?.kind === "refused");
  const known = telling(
    attempt.lines.flatMap((line) =>
      line.known &&
      line.job === undefined &&
      !(foreign && attempt.does === "fetch") &&
      believed({ ...line, known: line.known }, attempt, around)
        ? [{ ...line.known, line: line.number }]
        : [],
    ),
  );
  const told: LoggedRefusal[] = known.map(({ id, words, line }) => ({
    id,
    line,
    words: OWN_WORDS.has(id) ? hookWords(attempt) || words : words,
    causes: foreign
      ? ["push-other-host"]
      : id === "unreachable" && around.fetched && attempt.does === "push"
        ? ELSEWHERE
        : narrowed(id, BEHIND[id], commands()),
  }));
  const refused = own ? ownVerdict(own, told) : [...told, ...formAlone(attempt, refs, told, around)];
  const shown = refused.length > 0 ? shownPush(commands()) : undefined;
  const [branch = shown?.branch] = refs.map(({ git }) => git.to);
  return {
    refused: refused.map((each) => ({ ...each, ...(branch === undefined ? {} : { branch }) })),
    accepted,
    project: address?.project ?? projectIn(attempt.command) ?? (shown?.project || undefined),
    ...(shown?.credential.kind === "variable" ? { key: shown.credential.key } : {}),
    again: attempt.lines.some(({ job }) => job?.kind === "again"),
    attempt,
  };
}

/** Whose reason is in the server's own words, which a person has to read. */
const OWN_WORDS: ReadonlySet<RefusalId> = new Set<RefusalId>([
  "server-hook",
  "push-rule",
  "size-limit",
  "path-locked",
  "account-blocked",
]);

/** What only says that it is in Git's or GitLab's words above. */
const VAGUE: ReadonlySet<string> = new Set(["unread", "no-answer", "server-hook"]);

/** The push job has looked already: its verdict stands, and Git's words are told only where it points to them. */
function ownVerdict(line: ReadLine, told: readonly LoggedRefusal[]): LoggedRefusal[] {
  if (line.job?.kind !== "refused") return [...told];
  const { id, words } = line.job;
  if (told.length > 0 && (id === undefined || VAGUE.has(id))) return [...told];
  const safe = withoutTokens(words);
  return id === undefined || id === "unread"
    ? [{ id: "unknown", line: line.number, words: safe, causes: [], kind: "git" }]
    : [{ id, line: line.number, words: safe, causes: BEHIND[id] }];
}

/** A refusal that only its form tells. */
function formAlone(
  attempt: Attempt,
  refs: ReturnType<typeof pushedRefs>["refused"],
  told: readonly LoggedRefusal[],
  around: Surroundings,
): LoggedRefusal[] {
  const unknown = (line: number, kind: RefusalKind, words: string): LoggedRefusal => ({
    id: "unknown",
    line,
    words: safely(words),
    causes: [],
    kind,
  });
  if (refs.length > 0) {
    const left = refs.filter(({ known }) => known === undefined);
    const declined = left.find(({ git }) => /hook declined|^declined$/.test(git.why ?? ""));
    if (declined && !told.some(({ id }) => !CHATTER.has(id))) {
      const words = hookWords(attempt) || (declined.git.why as string);
      return [{ id: "server-hook", line: declined.number, words, causes: BEHIND["server-hook"], kind: "hook" }];
    }
    return left
      .filter(({ git }) => !/hook declined|^declined$/.test(git.why ?? "") && told.length === 0)
      .map(({ git, number }) =>
        unknown(number, git.byServer ? "server" : "git", git.why ?? "refused without a reason"),
      );
  }
  if (told.length > 0) return [];
  const push = attempt.does === "push" || isPush(attempt);
  for (const line of attempt.lines) {
    const { git, text, number } = line;
    if (git?.kind !== "fatal" && git?.kind !== "failed") continue;
    const counts = push || (git.address !== undefined && (attempt.does === "script" || attempt.does === "unseen"));
    if (!counts) continue;
    if (/Could not read from remote repository/.test(text)) return [unknown(number, "ssh", text)];
    if (/\berror: 4\d\d\b/.test(text)) return [unknown(number, "login", hookWords(attempt) || text)];
    return [unknown(number, /unable to access|\berror: \d{3}/.test(text) ? "transport" : "git", text)];
  }
  const succeeded =
    attempt.lines.some(({ git }) => git?.kind === "up-to-date") || pushedRefs(attempt).accepted.length > 0;
  if (
    attempt.does === "write" &&
    around.fatal &&
    QUIET_COMMIT.test(attempt.command ?? "") &&
    attempt.lines.length === 0
  )
    return [
      {
        id: "nothing-to-commit",
        line: attempt.number,
        words: "git commit failed without a word",
        causes: BEHIND["nothing-to-commit"],
      },
    ];
  if (attempt.does !== "push" || succeeded || !around.fatal) return [];
  return [unknown(attempt.number, "job", "the job failed at its git push")];
}

/** With `-q` it does not even say that nothing had changed. */
const QUIET_COMMIT = /\bgit\b[^;&|]*\bcommit\b[^;&|]*\s(?:-\w*q\w*|--quiet)\b/;

/** Said beside a hook's refusal without being its reason. */
const CHATTER: ReadonlySet<string> = new Set(["lfs-tool-missing"]);

/** Most of a hook's words that are quoted, in characters. */
const MOST_QUOTED = 240;

/** What a server tells of its work, whatever comes of it. */
const PROGRESS =
  /^(?:Resolving deltas|(?:Counting|Compressing|Enumerating) objects|Total \d|Processed \d|Checking connectivity)/;

/** What the server's hook said; frames and empty lines left out. */
function hookWords({ lines }: Attempt): string {
  const said = lines.flatMap(({ git }) => (git?.kind === "remote" ? [git.words] : []));
  const plain = said
    .map((words) => words.replace(/^GitLab:\s*/, "").trim())
    .filter((words) => /\p{L}/u.test(words) && !PROGRESS.test(words));
  return safely(plain.join(" "));
}

/** Without tokens, passwords in addresses, and more than a reader wants. */
const safely = (text: string): string =>
  withoutTokens(text.replace(/(\w+:\/\/)[^\s/@]*@/g, "$1"))
    .slice(0, MOST_QUOTED)
    .trim();

/** Whether a later push, or the same script's further tries, made a refusal the past. */
function overtaken({ branch }: { readonly branch?: string }, event: Event, from: readonly Event[]): boolean {
  if (event.again) return true;
  const later = from.slice(1).some(({ accepted, project }) => {
    if (accepted.length === 0) return false;
    if (branch !== undefined) return accepted.includes(branch);
    return project === undefined || event.project === undefined || project === event.project;
  });
  if (later) return true;
  const same = from[0] === event ? event.accepted.includes(branch ?? "") : false;
  return same || triedQuietly(event, from);
}

/** The tries of one command, which shows only those that failed. */
function triedQuietly(event: Event, from: readonly Event[]): boolean {
  const { command } = event.attempt;
  if (command === undefined || event.refused.some(({ id }) => id !== "fetch-first")) return false;
  const rest = from.filter(({ attempt }) => attempt.command !== command || attempt.does !== "push");
  const moved = rest.length > 0 || from.at(-1)?.ended === "succeeded";
  return moved && wentThroughQuietly(command, from.filter((each) => each.refused.length > 0).length);
}

/** A push with -q that the job went on from, or whose tries ended well. */
function quietly(event: Event, from: readonly Event[]): boolean {
  const { command, does, lines } = event.attempt;
  if (command === undefined || does !== "push") return false;
  if (event.refused.length > 0) return triedQuietly(event, from);
  const alone = !/[;|&]|^\s*(?:if|while|until|!)\b/.test(command) && /\s(?:-q|--quiet)\b/.test(command);
  const wentOn = from.length > 1 || event.ended === "succeeded";
  return alone && wentOn && !lines.some(({ git }) => git?.kind === "fatal" || git?.kind === "failed");
}

/** Each kind of refusal once. */
function unique(refusals: readonly LoggedRefusal[]): LoggedRefusal[] {
  const keys = refusals.map(({ id, words }) => (id === "unknown" ? `${id} ${words}` : id));
  return refusals
    .filter((_, at) => keys.indexOf(keys[at] as string) === at)
    .filter(({ id, kind }, _, all) => id !== "unknown" || kind !== "job" || all.length === 1)
    .map(({ id, line, words, causes, kind }) => ({ id, line, words, causes, ...(kind ? { kind } : {}) }));
}

function notesOf(
  events: readonly Event[],
  refusals: readonly LoggedRefusal[],
  outcome: JobLog["outcome"],
  end: "failed" | "succeeded" | undefined,
): string[] {
  const notes: string[] = [];
  const lines = events.flatMap(({ attempt }) => attempt.lines);
  const all = events.flatMap(({ refused }) => refused);
  const past = all.filter(({ line }) => !refusals.some((each) => each.line === line));
  if (outcome === "accepted" && past.length > 0)
    notes.push(`line ${past[0]?.line}: ${past[0]?.words}: a later try went through`);
  if (outcome === "accepted" && end === "failed") notes.push("the job failed after its push, for another reason");
  const afterwards = lines.some(
    ({ place, number }) => place === "after_script" && refusals.some((each) => each.line === number),
  );
  if (afterwards) notes.push("the push is in after_script, whose failure fails no job");
  else if (outcome === "refused" && end === "succeeded")
    notes.push("the job succeeded all the same: its script goes on after a refused push (|| true, or the like)");
  const failed = lines.find(({ job }) => job?.kind === "script-failed")?.job;
  if (failed?.kind === "script-failed") notes.push(`the push job's script ended with exit code ${failed.code}`);
  if (lines.some(({ job }) => job?.kind === "nothing")) notes.push("the push job's script changed nothing");
  if (lines.some(({ git }) => git?.kind === "up-to-date"))
    notes.push("Everything up-to-date: what was pushed is what the branch has; was the commit made on another branch?");
  return notes;
}

function whither(
  lines: readonly LogLine[],
  events: readonly Event[],
  outcome: JobLog["outcome"],
): Pick<JobLog, "ref" | "target" | "branch" | "key"> {
  const ref = find(lines, /as detached HEAD \(ref is (.+?)\)/);
  const through = events.filter(({ accepted }) => accepted.length > 0);
  const of =
    outcome === "accepted" && through.length > 0 ? through : events.filter(({ refused }) => refused.length > 0);
  const target = of.map(({ project }) => project).find((project) => project !== undefined);
  const branch = of.flatMap((event) => event.refused.flatMap((each) => each.branch ?? []))[0] ?? of[0]?.accepted[0];
  const [key] = of.flatMap((event) => event.key ?? []);
  return {
    ...(ref === undefined ? {} : { ref: withoutTokens(ref) }),
    ...(target === undefined ? {} : { target }),
    ...(branch === undefined ? {} : { branch: withoutTokens(branch) }),
    ...(key === undefined ? {} : { key }),
  };
}

function find(lines: readonly LogLine[], pattern: RegExp): string | undefined {
  for (const { text } of lines) {
    const match = pattern.exec(text);
    if (match) return match[1];
  }
  return undefined;
}
