import { CiConfiguration } from "../../model/ci/configuration";
import { canDownloadCode } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import { repositoryOf } from "../../model/projects/projects";
import type { Call } from "../call";
import { flag, required, text } from "../parameters";
import { codeProject } from "../repository/branches";
import { get, post } from "../route";

async function lintRepository(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const query = call.read({
    content_ref: text(),
    sha: text(),
    include_jobs: flag(),
    dry_run: flag(),
    dry_run_ref: text(),
  });
  const ref = query.content_ref ?? query.sha ?? project.defaultBranch ?? "HEAD";
  const path = project.attributes.ci_config_path;
  const file = await repositoryOf(call.store, project).file(
    ref,
    typeof path === "string" && path ? path : ".gitlab-ci.yml",
  );
  if (!file) {
    const errors = ["Please provide content of .gitlab-ci.yml"];
    return {
      valid: false,
      errors,
      warnings: [],
      merged_yaml: null,
      includes: [],
      ...(query.include_jobs ? { jobs: [] } : {}),
    };
  }
  return lint(call, project, file.content.toString(), ref, query.include_jobs);
}

async function lintContent(call: Call): Promise<unknown> {
  const project = call.project(AccessLevel.Developer);
  const input = call.read({ content: required(text()), ref: text(), include_jobs: flag(), dry_run: flag() });
  call.status(200);
  return lint(call, project, input.content, input.ref ?? project.defaultBranch ?? "HEAD", input.include_jobs);
}

async function lint(call: Call, project: Project, content: string, ref: string, jobs?: boolean): Promise<unknown> {
  const configuration = await CiConfiguration.load(content, {
    project: call.store.projectFullPath(project),
    ref,
    read: (path, revision, file) => readFile(call, path, revision, file),
  });
  return {
    valid: configuration.errors.length === 0,
    errors: configuration.errors,
    warnings: configuration.warnings,
    merged_yaml: configuration.mergedYaml,
    includes: configuration.includes.map((include) => ({
      type: include.type,
      location: include.location,
      blob: `${call.store.url}/${include.project}/-/blob/${include.ref}/${include.location}`,
      raw: `${call.store.url}/${include.project}/-/raw/${include.ref}/${include.location}`,
      extra: include.type === "file" ? { project: include.project, ref: include.ref } : {},
      context_project: call.store.projectFullPath(project),
      context_sha: null,
    })),
    ...(jobs ? { jobs: configuration.jobs } : {}),
  };
}

/** A file of a project the caller may read; undefined when there is no such thing for them. */
async function readFile(call: Call, path: string, ref: string | null, file: string): Promise<string | undefined> {
  const project = call.store.projectByPath(path);
  if (!project || !canDownloadCode(call.store, call.currentUser, project)) return undefined;
  const found = await repositoryOf(call.store, project).file(ref ?? project.defaultBranch ?? "HEAD", file);
  return found?.content.toString();
}

export const ciLintRoutes = [
  get("/projects/:id/ci/lint", lintRepository, { anonymous: true }),
  post("/projects/:id/ci/lint", lintContent),
];
