import type { RefusalId, Speaker } from "../../../gitlab/refusal";
import { type Attempt, PUSHES_BY_NAME, pushedRefs, type ReadLine } from "./attempt";

/** The rest of a log, as far as it tells whether a text in it is about a push. */
export interface Surroundings {
  /** Somewhere in the log something is pushed, whatever came of it. */
  readonly pushes: boolean;
  /** An address with a variable for its password, other than the job token's, has been given to Git. */
  readonly ownCredential: boolean;
  /** The runner had fetched the sources. */
  readonly fetched: boolean;
  /** The job failed with what the attempt came to: no command follows. */
  readonly fatal: boolean;
}

type Known = NonNullable<ReadLine["known"]>;

/**
 * Tells whether a known text is a refusal of a push: it must come from Git or GitLab by its form, and from a command that pushes, or may. A
 * tool that downloads, builds or logs in elsewhere says the same words about something else.
 */
export function believed(line: ReadLine & { readonly known: Known }, attempt: Attempt, around: Surroundings): boolean {
  const { known, text } = line;
  const { does } = attempt;
  if (known.by === "tool" || TOOLS_OWN.test(text)) return true;
  if (OF_GITLAB.test(text) && (/^(?:remote|GitLab): /.test(text) || (does !== "other" && does !== "read"))) return true;
  if (known.id.startsWith("empty")) return /^push: /.test(text) || does === "unseen" || around.fatal || around.pushes;
  if (known.by === "job") return /^push: /.test(text);
  if (known.id === "nothing-to-commit")
    return around.fatal && (does === "write" || does === "script" || does === "unseen");
  if (does === "push" || isPush(attempt)) return true;
  if (does === "read" || (does === "other" && !announcesPush(attempt))) return false;
  if (known.by === "local") return local(known.id, attempt, around);
  if (known.by === "ssh") {
    if (!line.git && !attempt.lines.some(({ text: other }) => /Could not read from remote/.test(other))) return false;
  } else if (!FRAME.test(text) && !(line.git && speaksOfPush(attempt))) return false;
  if (does === "fetch") return around.fatal && (around.ownCredential || around.pushes);
  return does === "script" || does === "unseen" || does === "other" || known.by === "push";
}

/** A tool that by its name does anything says that it pushes now. */
const announcesPush = ({ lines }: Attempt): boolean =>
  lines.some(({ text }) => /\bpushing\b.*\b(?:git|remote|repo|branch|origin)/i.test(text));

/** A library's words are the same for a fetch. */
const speaksOfPush = ({ command = "", lines }: Attempt): boolean =>
  PUSHES_BY_NAME.test(command) || lines.some(({ text }) => /push|receive-pack/i.test(text));

/** Tells whether something that goes wrong in the checkout matters: where the job ends by it, and would have pushed. */
function local(id: RefusalId, { does }: Attempt, around: Surroundings): boolean {
  if (does === "unseen") return true;
  if (does === "write") return around.fatal;
  return does === "script" && around.fatal && (around.pushes || id === "no-identity" || id === "lfs-tool-missing");
}

/** Tells whether an attempt has the form of a push, by whatever command. */
export const isPush = (attempt: Attempt): boolean => {
  const { refused, accepted } = pushedRefs(attempt);
  return (
    refused.length > 0 ||
    accepted.length > 0 ||
    attempt.lines.some(({ git, text }) => git?.kind === "to" || /failed to push some refs/.test(text))
  );
};

/** Codes of release tools' own errors. */
const TOOLS_OWN = /\bE(?:NOGIT|BEHIND|UNCOMMIT|NOREMOTEBRANCH|MISSINGREPO)\b|^ERROR No upstream configured/;

/** Sentences that nobody else says. */
const OF_GITLAB = /You are not allowed to (?:push|upload|force push) code/;

/** Hosts that are no GitLab; others may be one. */
export const isForeign = (host: string): boolean =>
  /^(?:[\w-]+\.)*(?:github\.com|bitbucket\.org|dev\.azure\.com|codeberg\.org)$/.test(host);

/** The beginnings of lines of Git, its helpers and GitLab; a job's own curl has asked for something else. */
const FRAME =
  /^(?!curl: )(?:(?:remote|error|fatal|hint|warning|push|GitLab|batch response|LFS)\b|! |(?:.*\s)?(?:fatal|error): )/;

/** Tells whether a refusal is of a credential, not of the way to the server. */
export const ofCredential = (id: RefusalId, by: Speaker): boolean => by !== "local" && CREDENTIAL.has(id);

const CREDENTIAL: ReadonlySet<RefusalId> = new Set<RefusalId>([
  "job-token-not-allowed",
  "job-token-no-permission",
  "access-denied",
  "no-credential",
  "upload-denied",
  "download-denied",
  "push-denied",
  "project-not-found",
  "not-found",
  "authentication-failed",
  "unauthorized",
  "forbidden",
]);
