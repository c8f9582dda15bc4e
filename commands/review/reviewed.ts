/** That which people reviewed, before it is compared with what is planned now. */
export interface Reviewed {
  /** A digest over all planned actions, as `gitlab-ci-pusher review` computes it. */
  readonly digest: string;
  /** The Markdown they read. @default - not known */
  readonly summary?: string;
  /** A sentence about its source, for people. */
  readonly origin: string;
}

/** Finds out what was reviewed. */
export type ReviewedSource = () => Promise<Reviewed>;
