/** A fault of the next `times` matching API calls, instead of an answer or besides one. */
export interface Fault {
  readonly id: number;
  /** Upper case; undefined = any. */
  readonly method?: string;
  /** Matched against the percent-decoded path, without the query. */
  readonly path: RegExp;
  /** Matching calls that pass before. */
  passing: number;
  remaining: number;
  readonly action:
    | {
        readonly kind: "status";
        readonly status: number;
        readonly body: unknown;
        readonly headers: Record<string, string>;
      }
    | { readonly kind: "delay"; readonly milliseconds: number }
    /** Cut the connection before anything is done. */
    | { readonly kind: "reset" }
    /** Do it, then cut the connection: the caller cannot know. */
    | { readonly kind: "lose_answer" };
}

export class Faults {
  private faults: Fault[] = [];
  private lastId = 0;

  add(fault: Omit<Fault, "id">): Fault {
    this.lastId += 1;
    const added = { ...fault, id: this.lastId };
    this.faults.push(added);
    return added;
  }

  /** The first fault that matches and lets no more calls pass, one use of it taken. */
  take(method: string, path: string): Fault | undefined {
    const fault = this.faults.find((candidate) => {
      if (candidate.remaining === 0 || (candidate.method ?? method) !== method) return false;
      if (!candidate.path.test(path)) return false;
      if (candidate.passing === 0) return true;
      candidate.passing -= 1;
      return false;
    });
    if (!fault) return undefined;
    fault.remaining -= 1;
    if (fault.remaining === 0) this.faults = this.faults.filter((other) => other !== fault);
    return fault;
  }

  pending(): readonly Fault[] {
    return this.faults;
  }

  clear(): void {
    this.faults = [];
  }
}
