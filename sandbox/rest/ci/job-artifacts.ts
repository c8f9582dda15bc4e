import { extname } from "node:path/posix";
import type { Job } from "../../model/ci/job";
import {
  ACCESSIBILITIES,
  type Accessibility,
  ARTIFACT_FORMATS,
  type ArtifactType,
  type JobArtifact,
} from "../../model/ci/job-artifact";
import { archiveEntry, archiveOf, storeArtifact } from "../../model/ci/job-artifacts";
import { latestJobs } from "../../model/ci/jobs";
import { GitLabError } from "../../model/gitlab-error";
import { canReadJobs, projectLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import { digestOf } from "../../model/tokens/value";
import type { Call } from "../call";
import { filledText, oneOf, required, text, withDefault } from "../parameters";
import { uploadedFile } from "../request-body";
import { get, post, RawAnswer } from "../route";
import { findJob, jobProject } from "./pipelines";

/** The role a download needs. */
const LEVELS: Record<Accessibility, number> = {
  public: AccessLevel.NoAccess,
  private: AccessLevel.Developer,
  maintainer: AccessLevel.Maintainer,
  none: Number.POSITIVE_INFINITY,
};

const TYPES = Object.keys(ARTIFACT_FORMATS) as ArtifactType[];

/** A runner hands in a file of the job it runs. Errors: 403 unless the token is that job's, and the job runs. */
function upload(call: Call): RawAnswer {
  const job = runnersJob(call);
  const input = call.read({
    artifact_type: withDefault(oneOf(TYPES), "archive"),
    artifact_format: withDefault(oneOf(["raw", "zip", "gzip"]), "zip"),
    expire_in: text(),
    accessibility: oneOf(ACCESSIBILITIES),
  });
  const file = uploadedFile(call.request, "file");
  if (!file) throw new GitLabError(400, { error: "file is missing" });
  storeArtifact(call.store, job, {
    type: input.artifact_type,
    format: input.artifact_format,
    filename: file.name,
    body: file.content,
    expireIn: input.expire_in,
    accessibility: input.accessibility,
  });
  return new RawAnswer('"201"', "application/json");
}

/** The job of `:id`, if the call carries its token: a job that is not there is 403 too, so that runners stop. */
function runnersJob(call: Call): Job {
  const { token } = call.read({ token: text() });
  const job = call.store.jobs.get(call.id("id"));
  if (job?.tokenDigest !== digestOf(token ?? call.request.header("JOB-TOKEN") ?? "")) throw GitLabError.forbidden();
  if (job.status !== "running") {
    call.response.setHeader("Job-Status", job.status);
    throw GitLabError.forbidden("Job is not running");
  }
  call.response.locals.user = call.store.users.get(job.userId)?.username;
  return job;
}

/** Hands a runner what earlier jobs left (`needs`, `dependencies`): by a later job's token. */
function downloadForRunner(call: Call): RawAnswer {
  const job = call.store.jobs.get(call.id("id"));
  if (!job || !canReadJobs(call.store, call.user, call.store.projects.get(job.projectId)!))
    throw GitLabError.forbidden();
  return wholeArchive(archiveOf(call.store, job));
}

function downloadOfJob(call: Call): RawAnswer {
  artifactProject(call);
  return wholeArchive(archiveOf(call.store, readable(call, findJob(call))));
}

function fileOfJob(call: Call): RawAnswer {
  artifactProject(call);
  const archive = archiveOf(call.store, readable(call, findJob(call)));
  if (!archive) throw GitLabError.notFound();
  return oneFile(call, archive);
}

function downloadOfRef(call: Call): RawAnswer {
  return wholeArchive(archiveOf(call.store, latestSuccessful(call)));
}

function fileOfRef(call: Call): RawAnswer {
  return oneFile(call, archiveOf(call.store, latestSuccessful(call))!);
}

/**
 * The project, if the caller may see its jobs. GitLab Enterprise Edition takes a job's token here only with a Premium
 * licence, be it for the job's own project. Errors: 403, 404.
 */
function artifactProject(call: Call): Project {
  const project = jobProject(call);
  if (call.identity?.credential.kind === "job" && !call.store.premium) throw GitLabError.notFound("Project");
  return project;
}

/** Of the newest successful pipeline of a ref, the job of that name that left an archive. Errors: 403, 404. */
function latestSuccessful(call: Call): Job {
  const { store } = call;
  const project = artifactProject(call);
  const { job: name } = call.read({ job: required(filledText()) });
  const ref = call.path("ref_name");
  const pipeline = store.pipelinesOf(project.id).findLast((one) => one.ref === ref && one.status === "success");
  const jobs = pipeline ? latestJobs(store.jobsOfPipeline(pipeline.id)) : [];
  const job = jobs.find((candidate) => candidate.name === name && archiveOf(store, candidate));
  if (!job) throw GitLabError.recordNotFound();
  return readable(call, job);
}

/** Errors: 403 below the role that the artifacts ask for. */
function readable(call: Call, job: Job): Job {
  const { store, currentUser } = call;
  const archive = store.artifactsOf(job.id).find(({ type }) => type === "archive");
  const level = projectLevel(store, currentUser, store.projects.get(job.projectId)!);
  if (level < LEVELS[archive?.accessibility ?? "public"]) throw GitLabError.forbidden();
  return job;
}

function wholeArchive(archive: JobArtifact | undefined): RawAnswer {
  if (!archive) throw GitLabError.notFound();
  const { filename, body } = archive;
  return new RawAnswer(body, "application/octet-stream", {
    "Content-Disposition": attachment(filename),
    "Content-Transfer-Encoding": "binary",
  });
}

function oneFile(call: Call, archive: JobArtifact): RawAnswer {
  const path = call.path("artifact_path");
  if (/(^|\/)\.{1,2}(\/|$)/.test(path)) throw GitLabError.message(400, "400 Bad request");
  const content = archiveEntry(archive, path);
  if (!content) {
    // Workhorse says so, not Rails.
    call.status(404);
    return new RawAnswer("404 page not found\n", "text/plain; charset=utf-8");
  }
  const contentType = call.response.type(extname(path) || "bin").get("Content-Type") ?? "application/octet-stream";
  return new RawAnswer(content, contentType, { "Content-Disposition": attachment(path.split("/").at(-1)!) });
}

function attachment(filename: string): string {
  const plain = filename.replace(/[^\x20-\x7e]|["\\]/g, "?");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(filename)}`;
}

const JOBS = "/projects/:id/jobs";
const READ = { anonymous: true, jobToken: true };

export const jobArtifactRoutes = [
  post("/jobs/:id/artifacts", upload, { runner: true }),
  get("/jobs/:id/artifacts", downloadForRunner, { jobToken: true }),
  get(`${JOBS}/artifacts/*ref_name/download`, downloadOfRef, READ),
  get(`${JOBS}/artifacts/*ref_name/raw/*artifact_path`, fileOfRef, READ),
  get(`${JOBS}/:job_id/artifacts`, downloadOfJob, READ),
  get(`${JOBS}/:job_id/artifacts/*artifact_path`, fileOfJob, READ),
];
