import type { GitLab } from "./gitlab";
import { commitOf, EMPTY_TREE, idOf, type PushReport, pushRequest, readReport } from "./raw-push";

/** One forbidden push; times in milliseconds since 1970. */
export interface Attempt {
  /** `force` would throw the branch's history away. */
  readonly kind: "push" | "force";
  readonly sent: number;
  readonly answered: number;
  readonly accepted: boolean;
}

/** The result of one look at the branch. */
export interface Look {
  readonly unprotected: boolean;
}

export interface ProberOptions {
  readonly project: string;
  readonly branch: string;
  /** Personal token of somebody whom no rule lets in, with the scopes `write_repository` and `read_api`. */
  readonly token: string;
}

/**
 * Somebody who should not, and tries all the time: pushes on top of a branch, pushes over it, and looks whether it is protected, one
 * of each at a time. It speaks Git's protocol itself: between two pushes of the `git` program the moment would be over.
 */
export class Prober {
  readonly attempts: Attempt[] = [];
  readonly looks: Look[] = [];
  private tip = "";
  private commits = 0;

  constructor(
    private readonly gitlab: GitLab,
    private readonly options: ProberOptions,
  ) {}

  /** Probes as fast as it can until the action has ended. */
  async during<T>(action: () => Promise<T>): Promise<T> {
    await this.look();
    const state = { over: false };
    const acting = action().finally(() => {
      state.over = true;
    });
    const lanes = [() => this.push("push"), () => this.push("force"), () => this.look()].map(async (probe) => {
      while (!state.over) await probe();
    });
    const [result] = await Promise.all([acting, ...lanes]);
    return result;
  }

  private async push(kind: Attempt["kind"]): Promise<void> {
    const old = this.tip;
    const commit = commitOf(`forbidden ${this.commits++}`, kind === "push" ? old : undefined);
    const update = { ref: `refs/heads/${this.options.branch}`, old, new: idOf(commit) };
    const sent = Date.now();
    const { outcome } = await this.post(pushRequest(update, [commit, EMPTY_TREE]));
    this.attempts.push({ kind, sent, answered: Date.now(), accepted: outcome !== "refused" });
    if (outcome === "accepted") this.tip = update.new;
    else if (outcome === "overtaken") await this.look();
  }

  private async post(body: Buffer): Promise<PushReport> {
    const credentials = Buffer.from(`ann:${this.options.token}`).toString("base64");
    const response = await fetch(`${this.gitlab.url}/${this.options.project}.git/git-receive-pack`, {
      method: "POST",
      headers: {
        authorization: `Basic ${credentials}`,
        "content-type": "application/x-git-receive-pack-request",
      },
      body,
    });
    const answer = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`expected a report; got ${response.status}: ${answer.toString().slice(0, 1000)}`);
    return readReport(answer);
  }

  private async look(): Promise<void> {
    const project = encodeURIComponent(this.options.project);
    const branch = await this.gitlab.api<{ protected: boolean; commit: { id: string } }>(
      `GET projects/${project}/repository/branches/${encodeURIComponent(this.options.branch)}`,
      undefined,
      this.options.token,
    );
    this.looks.push({ unprotected: !branch.protected });
    this.tip = branch.commit.id;
  }
}
