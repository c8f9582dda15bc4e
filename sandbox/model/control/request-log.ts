/** One call as it was answered; never a token, a query or a body, but for names that nothing was done with. */
export interface LoggedRequest {
  readonly method: string;
  /** Percent-decoded, without the query. */
  readonly path: string;
  /** 0 = the connection was cut. */
  readonly status: number;
  readonly user: string | null;
  readonly at: string;
  /** Names of parameters that came and that nothing was done with. @default - there was none */
  readonly ignored?: readonly string[];
}

const KEPT = 50_000;

/** The latest calls, for tests and benches that count what a client does. */
export class RequestLog {
  private entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.entries.push(entry);
    if (this.entries.length > KEPT * 2) this.entries = this.entries.slice(-KEPT);
  }

  all(): readonly LoggedRequest[] {
    return this.entries.slice(-KEPT);
  }

  clear(): void {
    this.entries = [];
  }
}
