import type { CauseId } from "./cause";
import type { Diagnosis } from "./diagnosis";
import type { JobLog } from "./job-log";
import type { NotSeen } from "./reader";

/** All that one call of the doctor came to. */
export interface Examination {
  readonly checkedAt: Date;
  /** Address of the GitLab that was asked; undefined when only a log was read. */
  readonly gitlab?: string;
  readonly diagnoses: readonly Diagnosis[];
  readonly log?: JobLog;
  readonly notSeen: readonly NotSeen[];
}

/** Whether a person should look: something is wrong, or a push was refused. */
export const hasFindings = ({ diagnoses, log }: Examination): boolean =>
  diagnoses.some(({ findings }) => findings.length > 0) || (log?.refusals.length ?? 0) > 0;

/** The stable ids of what was found by asking GitLab, each once. */
export const foundCauses = ({ diagnoses }: Examination): CauseId[] => [
  ...new Set(diagnoses.flatMap(({ findings }) => findings.map(({ cause }) => cause))),
];
