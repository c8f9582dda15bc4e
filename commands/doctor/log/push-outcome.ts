/** The end that a job's push came to. `accepted` only where it is seen to have succeeded; `none`: there was no push, or nothing to push. */
export type PushOutcome = "refused" | "accepted" | "none";
