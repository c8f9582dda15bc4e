import { withoutTokens } from "../../../gitlab/problem";
import { type RefusalId, telling } from "../../../gitlab/refusal";
import type { CauseId } from "../cause";
import { type Attempt, addressOf, attemptsOf, pushedRefs, type ReadLine } from "./attempt";
import { BEHIND } from "./behind";
import { believed, isForeign, isPush, type Surroundings } from "./believed";
import { formAlone } from "./form-alone";
import { projectIn } from "./git-line";
import { hookWords } from "./hook-words";
import type { LogLine } from "./line";
import type { LoggedRefusal } from "./logged-refusal";
import { narrowed, shownPush } from "./narrowed";

/** One attempt of a job, and what it came to. */
export interface Event {
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

/** A runner that fetched the sources reaches GitLab: what the script does not reach is more likely another host. */
const ELSEWHERE: readonly CauseId[] = ["push-other-host", "gitlab-unreachable"];

/** The attempts of a job and what they came to, in their order. */
export function eventsOf(lines: readonly LogLine[], end: "failed" | "succeeded" | undefined): Event[] {
  const fetched = lines.some(({ text }) => /^Checking out \S+ as /.test(text));
  const attempts = attemptsOf(lines.filter(({ text }) => !/^(?:ERROR: )?Job (?:failed|succeeded)\b/.test(text)));
  const pushes = attempts.some((attempt) => attempt.does === "push" || isPush(attempt));
  let ownCredential = false;
  let narrowings = 0;
  return attempts.map((attempt, at) => {
    const last = at === attempts.length - 1;
    ownCredential ||= OWN_CREDENTIAL.test(attempt.command ?? "");
    const fatal = last && end !== "succeeded" && (end === "failed" || attempt.does === "write");
    const before = () => {
      narrowings += 1;
      return narrowings > MOST_NARROWED ? [] : commandsOf(attempts.slice(Math.max(0, at - MOST_COMMANDS), at + 1));
    };
    const event = judged(attempt, { pushes, ownCredential, fatal, fetched }, before);
    return last && end ? { ...event, ended: end } : event;
  });
}

/** Commands before a push that are read for its credential, and how often that is done in one log. */
const MOST_COMMANDS = 300;
const MOST_NARROWED = 60;

const commandsOf = (attempts: readonly Attempt[]): string[] =>
  attempts.flatMap(({ command }) => (command === undefined ? [] : [command]));

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
      !toldBetter(line, attempt) &&
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

/**
 * Tells whether a bare status or an end of the connection stands beside words that tell why and are not known: those have to be read, and the
 * status has more causes than ours.
 */
function toldBetter({ known }: ReadLine, attempt: Attempt): boolean {
  if (known === undefined) return false;
  if (STATUSES.has(known.id)) return hookWords(attempt) !== "" && !attempt.lines.some(isToldByServer);
  return HUNG_UP.test(known.words) && attempt.lines.some(({ git, known: other }) => git?.kind === "fatal" && !other);
}

const isToldByServer = ({ git, known }: ReadLine): boolean => git?.kind === "remote" && known !== undefined;

const STATUSES: ReadonlySet<RefusalId> = new Set<RefusalId>(["unauthorized", "forbidden", "not-found"]);

const HUNG_UP = /hung up unexpectedly|early EOF|unexpected disconnect/;

/** Refusals whose reason is in the server's own words, which a person has to read. */
const OWN_WORDS: ReadonlySet<RefusalId> = new Set<RefusalId>([
  "server-hook",
  "push-rule",
  "size-limit",
  "path-locked",
  "account-blocked",
]);

/** Words that only say that the reason is in Git's or GitLab's above. */
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
