/** The common part of everything that is run for a command. */
export interface Way {
  /** A private folder, for files that are the caller's to remove. */
  readonly folder: string;
  /** Of the command, and of what it runs. */
  readonly environment: NodeJS.ProcessEnv;
  /** Asks what runs to end. */
  readonly signal: AbortSignal;
}
