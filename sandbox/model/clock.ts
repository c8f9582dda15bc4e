/** The sandbox's time: ticks like the system's, but can be set, moved forward and reset. */
export class Clock {
  private offsetMs = 0;

  /** @param system the time source underneath; inject a fixed one in tests */
  constructor(private readonly system: () => Date = () => new Date()) {}

  now(): Date {
    return new Date(this.system().getTime() + this.offsetMs);
  }

  /** ISO 8601 in UTC with milliseconds, as GitLab writes timestamps. */
  timestamp(): string {
    return this.now().toISOString();
  }

  /** The UTC day, `YYYY-MM-DD`. */
  today(): string {
    return this.timestamp().slice(0, 10);
  }

  set(moment: Date): void {
    this.offsetMs = moment.getTime() - this.system().getTime();
  }

  advance(seconds: number): void {
    this.offsetMs += seconds * 1000;
  }

  reset(): void {
    this.offsetMs = 0;
  }
}

/** The UTC day `days` after `date` (`YYYY-MM-DD` in and out). */
export function addDays(date: string, days: number): string {
  const moment = new Date(`${date}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}
