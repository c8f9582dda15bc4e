import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { GitLab } from "./gitlab";
import { type JobRecord, runJob } from "./job";

export interface LoadOptions {
  readonly project: string;
  readonly key: string;
  /** The branches that the jobs push to, in turn. */
  readonly branches: readonly string[];
  /** The number of jobs that run at a time; each that ends is followed by the next. */
  readonly jobs: number;
  /** The shortest and the longest time a job works before it pushes, in milliseconds. */
  readonly work: readonly [shortest: number, longest: number];
  /** The folder that the jobs clone into. */
  readonly folder: string;
}

/** Steps by this part of the range never repeat and spread evenly, so that every run has the same mix of jobs. */
const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** Jobs that push in a loop until they are told to stop. */
export class Load {
  private readonly ended: JobRecord[] = [];
  /** The start of each job that runs, by lane. */
  private readonly running = new Map<number, number>();
  private readonly lanes: Promise<void>[];
  private started = 0;
  private stopping = false;
  private fault: unknown;

  constructor(
    private readonly gitlab: GitLab,
    private readonly options: LoadOptions,
  ) {
    this.lanes = Array.from({ length: options.jobs }, (_, lane) => this.loop(lane));
    for (const lane of this.lanes) {
      lane.catch((error) => {
        this.fault ??= error;
        this.stopping = true;
      });
    }
  }

  get endedJobs(): number {
    return this.ended.length;
  }

  /** Waits until `count` more jobs have ended, and every job that had begun by `moment`. */
  async settle(count: number, moment: number): Promise<void> {
    const wanted = this.ended.length + count;
    while (this.ended.length < wanted || [...this.running.values()].some((began) => began <= moment)) {
      if (this.stopping) throw this.fault ?? new Error("the load was stopped");
      await sleep(10);
    }
  }

  /** Lets what runs end. @returns every job. @throws Error when a job met something that is no refusal */
  async stop(): Promise<readonly JobRecord[]> {
    this.stopping = true;
    await Promise.allSettled(this.lanes);
    if (this.fault) throw this.fault;
    return this.ended;
  }

  private async loop(lane: number): Promise<void> {
    const { project, key, folder, branches } = this.options;
    const place = { project, key, branch: branches[lane % branches.length]!, file: `app-${lane}.txt` };
    while (!this.stopping) {
      const number = this.started++;
      this.running.set(lane, Date.now());
      const own = { folder: path.join(folder, `job-${number}`), work: this.workOf(number) };
      this.ended.push(await runJob(this.gitlab, { ...place, ...own }));
      this.running.delete(lane);
    }
  }

  private workOf(number: number): number {
    const [shortest, longest] = this.options.work;
    return shortest + ((number * GOLDEN) % 1) * (longest - shortest);
  }
}
