import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { unzipSync, zipSync } from "fflate";
import { parseAllDocuments } from "yaml";
import type { ApiClient } from "./api-client";
import { filesBelow, type JobOrder, type JobRun, type JobRunner } from "./job-runner";

/** What a job keeps, as its configuration says. */
interface Artifacts {
  readonly paths: readonly string[];
  /** GitLab tells the runner, and it sends, `private` for `developer`. */
  readonly access?: "all" | "developer";
  readonly expire_in?: string;
}

/**
 * Runs jobs of a pipeline as GitLab and its runner do together: artifacts of earlier jobs are there before a job begins, its own are
 * uploaded with its own token, and its end is told.
 */
export class PipelineRunner {
  /** Every job that ran. */
  readonly runs: JobRun[] = [];

  /** @param template the file that declares the jobs */
  constructor(
    private readonly jobs: JobRunner,
    private readonly admin: ApiClient,
    private readonly template: string,
  ) {}

  /** @param earlier jobs whose artifacts it gets */
  async run(order: JobOrder & { readonly name: string }, earlier: readonly JobRun[] = []): Promise<JobRun> {
    const prepare = async (checkout: string) => {
      for (const { job } of earlier) await this.download(job.id, order.project!, checkout);
    };
    const run = await this.jobs.run({ ...order, prepare });
    this.runs.push(run);
    const artifacts = this.artifactsOf(order.name);
    // A job that fails early has none.
    if (artifacts?.paths.some((folder) => existsSync(path.join(run.checkout, folder)))) {
      await this.upload(run, artifacts);
    }
    const status = run.code === 0 ? "success" : "failed";
    await this.admin.control("POST", `jobs/${run.job.id}/finish`, { status });
    return run;
  }

  private artifactsOf(name: string): Artifacts | undefined {
    const [, jobs] = parseAllDocuments(this.template).map((document) => document.toJS());
    const job = jobs[name];
    return job.artifacts ?? jobs[job.extends]?.artifacts;
  }

  private async upload({ job, checkout }: JobRun, { paths, access, expire_in }: Artifacts): Promise<void> {
    const kept = paths.flatMap((folder) =>
      filesBelow(path.join(checkout, folder)).map((each) => ({ folder, ...each })),
    );
    const entries = kept.map(({ folder, file, content }) => [path.join(folder, file), new Uint8Array(content)]);
    const form = new FormData();
    form.set("file", new Blob([zipSync(Object.fromEntries(entries))]), "artifacts.zip");
    form.set("artifact_format", "zip");
    form.set("artifact_type", "archive");
    if (access) form.set("accessibility", access === "developer" ? "private" : "public");
    if (expire_in) form.set("expire_in", expire_in);
    const url = `${this.admin.url}/api/v4/jobs/${job.id}/artifacts`;
    const answer = await fetch(url, { method: "POST", headers: { "JOB-TOKEN": job.token }, body: form });
    if (answer.status !== 201) throw new Error(`artifacts of ${job.id}: ${answer.status} ${await answer.text()}`);
  }

  private async download(id: number, project: string, checkout: string): Promise<void> {
    const url = `${this.admin.url}/api/v4/projects/${encodeURIComponent(project)}/jobs/${id}/artifacts`;
    const answer = await fetch(url, { headers: { "PRIVATE-TOKEN": this.admin.token! } });
    if (answer.status !== 200) throw new Error(`artifacts of ${id}: ${answer.status} ${await answer.text()}`);
    for (const [name, content] of Object.entries<Uint8Array>(unzipSync(new Uint8Array(await answer.arrayBuffer())))) {
      if (name.endsWith("/")) continue;
      mkdirSync(path.dirname(path.join(checkout, name)), { recursive: true });
      writeFileSync(path.join(checkout, name), content);
    }
  }
}
