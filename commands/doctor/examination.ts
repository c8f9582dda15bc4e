import type { NotSeen } from "../../estate/reader";
import { ExitCode } from "../exit-code";
import type { CauseId } from "./cause";
import type { Diagnosis } from "./diagnosis";
import type { JobLog } from "./log/job-log";
import { type Names, namesOf } from "./names";

/** All that one call of the doctor came to. */
export interface Examination {
  readonly checkedAt: Date;
  /** Address of the GitLab that was asked; undefined when only a log was read. */
  readonly gitlab?: string;
  readonly diagnoses: readonly Diagnosis[];
  readonly log?: JobLog;
  /** The job whose log it is, where its address was given. */
  readonly job?: ExaminedJob;
  readonly notSeen: readonly NotSeen[];
}

export interface ExaminedJob {
  /** Address of its page. */
  readonly url: string;
  /** Full path of its project. */
  readonly project: string;
  readonly ref: string;
}

/** The exit code: something is wrong, or a push was refused; nothing is; or the log has no push to judge. */
export function exitCodeOf({ diagnoses, log }: Examination): ExitCode {
  if (log?.outcome === "refused" || diagnoses.some(({ findings }) => findings.length > 0)) return ExitCode.finding;
  return log?.outcome === "none" ? ExitCode.nothing : ExitCode.ok;
}

/** The stable ids of what was found by asking GitLab, each once. */
export const foundCauses = ({ diagnoses }: Examination): CauseId[] => [
  ...new Set(diagnoses.flatMap(({ findings }) => findings.map(({ cause }) => cause))),
];

/** The names of the case's project, branch and variable: what GitLab was asked about, else what the log tells. */
export function caseNames({ diagnoses: [first], log, job }: Examination): Names {
  if (first) return first.names;
  const { target, branch, key } = log ?? {};
  const source = job ? ({ kind: "project", path: job.project } as const) : undefined;
  return namesOf({ target, branch, source }, pipelineRef(log?.ref ?? job?.ref), key);
}

/** The branch or tag of a pipeline; a merge request pipeline's ref is neither. */
export const pipelineRef = (ref: string | undefined): string | undefined =>
  ref?.startsWith("refs/") ? undefined : ref;
