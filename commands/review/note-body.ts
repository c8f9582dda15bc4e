/** GitLab's limit of a note, in characters. */
export const MOST_CHARACTERS = 1_000_000;

/** The parts of a note. */
export interface NoteParts {
  /** As Markdown, dangers first. */
  readonly summary: string;
  /** The commit that was planned. */
  readonly commit: string;
  /** The address of its job. @default - not told */
  readonly jobUrl?: string;
  /** The share of the stacks that it is about, `2/3`. @default {@link ALL} */
  readonly part?: string;
}

/** Opens a note of ours. GitLab shows no HTML comments. */
const MARKER = /^<!-- gitlab-ci-pusher review(?: (\d+\/\d+))? -->/;

/**
 * The body of a note, in Markdown: a hidden marker, the summary, and what it is of. A summary that is too long is cut between lines.
 * @param most characters
 */
export function noteBody({ summary, commit, jobUrl, part = ALL }: NoteParts, most = MOST_CHARACTERS): string {
  const head = `<!-- gitlab-ci-pusher review${part === ALL ? "" : ` ${part}`} -->\n`;
  const job = jobUrl === undefined ? "a job" : `[this job](${jobUrl})`;
  const which = part === ALL ? "" : `, part ${part} of the stacks`;
  const foot = `\nPlanned by ${job} for ${commit}${which}.\n`;
  const room = most - head.length - foot.length;
  return `${head}${fitting(summary, room)}${foot}`;
}

function fitting(summary: string, room: number): string {
  if (summary.length <= room) return summary;
  const cut = summary.lastIndexOf("\n", room - REST.length - 1);
  return `${summary.slice(0, cut + 1)}${REST}`;
}

const REST = "\n**That is not all:** the rest is in `summary.md` of the job's artifacts.\n";

/** Every stack. */
export const ALL = "1/1";

/** The part of the stacks that a note is about, or undefined when it is no note of ours. */
export function partOf(body: string): string | undefined {
  const marker = MARKER.exec(body);
  return marker ? (marker[1] ?? ALL) : undefined;
}
