import { unzipSync } from "fflate";
import { GitLabError } from "../gitlab-error";
import type { Store } from "../store";
import { artifactLifetime } from "./artifact-lifetime";
import type { Job, Pipeline } from "./job";
import { type Accessibility, ARTIFACT_FORMATS, type ArtifactType, type JobArtifact } from "./job-artifact";

export interface Upload {
  readonly type: ArtifactType;
  readonly format: string;
  readonly filename: string;
  readonly body: Buffer;
  /** `artifacts:expire_in`. @default the instance's `default_artifacts_expire_in` */
  readonly expireIn?: string;
  /** @default what the job's `artifacts:access` says */
  readonly accessibility?: Accessibility;
}

const ACCESS = { all: "public", developer: "private", maintainer: "maintainer", none: "none" } as const;

const MEGABYTE = 1024 * 1024;

/**
 * Keeps what a running job uploads; the same file again is taken without a word. Errors: 400 wrong format, or another
 * file of that type; 413 larger than the instance's `max_artifacts_size`.
 */
export function storeArtifact(store: Store, job: Job, upload: Upload): void {
  if (upload.body.length > store.settings.max_artifacts_size * MEGABYTE) {
    throw GitLabError.message(413, "file size has reached maximum size limit");
  }
  const other = store.artifactsOf(job.id).find(({ type }) => type === upload.type);
  if (other?.body.equals(upload.body)) return;
  if (upload.format !== ARTIFACT_FORMATS[upload.type]) {
    throw GitLabError.message(400, "Validation failed: Invalid file format with specified file type");
  }
  if (other) throw GitLabError.message(400, "another artifact of the same type already exists");
  const lifetime = artifactLifetime(upload.expireIn ?? store.settings.default_artifacts_expire_in);
  store.artifacts.insert({
    id: store.artifacts.nextId(),
    jobId: job.id,
    type: upload.type,
    filename: upload.filename,
    body: upload.body,
    accessibility: upload.accessibility ?? ACCESS[job.artifactsAccess],
    expireAt: lifetime === undefined ? null : new Date(store.clock.now().getTime() + lifetime * 1000).toISOString(),
  });
}

/** The artifacts that a job left and GitLab still has. */
export function artifactsOf(store: Store, job: Job): JobArtifact[] {
  const kept = areKept(store, job);
  return store.artifactsOf(job.id).filter((artifact) => kept || !isExpired(store, artifact));
}

/** The archive of `artifacts:paths`, while GitLab has it. */
export function archiveOf(store: Store, job: Job): JobArtifact | undefined {
  return artifactsOf(store, job).find(({ type }) => type === "archive");
}

export function isExpired(store: Store, { expireAt }: JobArtifact): boolean {
  return expireAt !== null && new Date(expireAt) <= store.clock.now();
}

/** One file of an archive; undefined when it has none at that path. Errors: 500 when it is no ZIP. */
export function archiveEntry(archive: JobArtifact, path: string): Buffer | undefined {
  try {
    const entry = unzipSync(archive.body, { filter: ({ name }) => name === path })[path];
    return entry && Buffer.from(entry);
  } catch {
    throw GitLabError.message(500, "500 Internal Server Error");
  }
}

export function deleteArtifactsOf(store: Store, job: Job): void {
  for (const artifact of store.artifactsOf(job.id)) store.artifacts.delete(artifact);
}

/**
 * Tells whether artifacts outlive their expiry: GitLab keeps those of a ref's pipelines until a later pipeline of the same
 * ref succeeds, unless the project switched that off.
 */
function areKept(store: Store, { projectId, pipelineId }: Job): boolean {
  if (store.projects.get(projectId)?.attributes.keep_latest_artifact === false) return false;
  const own = store.pipelines.get(pipelineId);
  const supersedes = (other: Pipeline): boolean =>
    other.id > pipelineId && other.ref === own?.ref && other.tag === own.tag && other.status === "success";
  return !store.pipelinesOf(projectId).some(supersedes);
}
