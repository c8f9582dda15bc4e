import { CAUSES, type Cause, type CauseId } from "./cause";
import { fixOf } from "./fix";
import type { JobLog } from "./log/job-log";
import type { Names } from "./names";

/** Somebody to ask, and a text to paste for them. */
export interface Request {
  readonly who: string;
  readonly text: string;
}

/** Tells whether the author of the job can mend a cause without anybody's help. */
export const isOwn = (cause: CauseId): boolean => (CAUSES[cause] as Cause).who === "self";

/** Requests for what the author of a job cannot mend: one for each who can, the likeliest first. */
export function requestsOf({ refusals }: JobLog, names: Names, job?: string): Request[] {
  const texts = new Map<string, string[]>();
  for (const { line, words, causes } of refusals) {
    const others = causes.filter((cause) => !isOwn(cause));
    const few = others.slice(0, MOST_NAMED);
    for (const cause of few) {
      const { who, inventory, ui, api } = fixOf(cause, names);
      const said = `The log says (line ${line}): ${words}`;
      const known = texts.get(who) ?? [opening(names, job)];
      texts.set(who, [
        ...known,
        ...(known.includes(said) ? [] : [said]),
        `${causes.length === 1 ? "Cause" : "Possible cause"}: ${CAUSES[cause].title} (${cause}).`,
        `  In GitLab's pages: ${ui}`,
        ...(causes.length === 1 ? [`  By API: ${api}`, `  In an inventory of gitlab-ci-pusher: ${inventory}`] : []),
      ]);
    }
  }
  return [...texts].map(([who, lines]) => ({ who, text: lines.join("\n") }));
}

/** Possible causes of one refusal that are named in a text. */
const MOST_NAMED = 5;

const opening = ({ source, target, branch }: Names, job: string | undefined): string =>
  `${job ? `The job ${job} of ${source}` : "A job"} was refused as it pushed to ${branch} of ${target}.`;
