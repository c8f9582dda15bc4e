import type { Commit, FileChange } from "../../git/repository";
import { GitLabError } from "../../model/gitlab-error";
import type { Project } from "../../model/projects/project";
import { repositoryOf } from "../../model/projects/projects";
import type { Call } from "../call";
import { filledText, flag, oneOf, records, required, text } from "../parameters";
import { get, post } from "../route";
import { codeProject, pushProject } from "./branches";
import { presentCommit, presentDiff } from "./commit-view";
import { commitChanges } from "./files";

async function list(call: Call): Promise<unknown> {
  const { store } = call;
  const project = codeProject(call);
  const { ref_name, path } = call.read({ ref_name: text(), path: text() });
  const repository = repositoryOf(store, project);
  const revision = ref_name ?? project.defaultBranch;
  const tip = revision === null ? undefined : await repository.resolve(revision);
  if (!tip) {
    if (project.defaultBranch === null) return call.page([], (nothing) => nothing);
    throw GitLabError.notFound("Commit");
  }
  return call.page(await repository.log(tip, { path }), (commit) => presentCommit(store, project, commit));
}

async function find(call: Call, project: Project): Promise<Commit> {
  const commit = await repositoryOf(call.store, project).commit(call.path("sha"));
  if (!commit) throw GitLabError.notFound("Commit");
  return commit;
}

async function show(call: Call): Promise<unknown> {
  const project = codeProject(call);
  return presentWithStats(call, project, await find(call, project));
}

async function presentWithStats(call: Call, project: Project, commit: Commit): Promise<Record<string, unknown>> {
  const diffs = await repositoryOf(call.store, project).diff(commit.parentIds[0], commit.id);
  const count = (sign: string): number =>
    diffs.reduce((sum, { diff }) => sum + diff.split("\n").filter((line) => line.startsWith(sign)).length, 0);
  const [additions, deletions] = [count("+"), count("-")];
  return {
    ...presentCommit(call.store, project, commit),
    stats: { additions, deletions, total: additions + deletions },
    status: null,
    project_id: project.id,
    last_pipeline: null,
  };
}

async function diff(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const commit = await find(call, project);
  const diffs = await repositoryOf(call.store, project).diff(commit.parentIds[0], commit.id);
  return call.page(diffs, presentDiff);
}

async function refs(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const commit = await find(call, project);
  const repository = repositoryOf(call.store, project);
  const containing: { type: string; name: string }[] = [];
  for (const { name, commitId } of await repository.branches()) {
    if (await repository.isAncestor(commit.id, commitId)) containing.push({ type: "branch", name });
  }
  for (const { name, commitId } of await repository.tags()) {
    if (await repository.isAncestor(commit.id, commitId)) containing.push({ type: "tag", name });
  }
  return call.page(containing, (ref) => ref);
}

const ACTION = {
  action: required(oneOf(["create", "delete", "move", "update", "chmod"])),
  file_path: required(filledText()),
  previous_path: text(),
  content: text(),
  encoding: oneOf(["text", "base64"]),
  execute_filemode: flag(),
};

async function create(call: Call): Promise<unknown> {
  const project = pushProject(call);
  const input = call.read({
    branch: required(filledText()),
    commit_message: required(filledText()),
    actions: required(records(ACTION)),
    start_branch: text(),
    start_sha: text(),
    author_email: text(),
    author_name: text(),
  });
  const changes = await Promise.all(input.actions.map((action) => changeOf(call, project, input.branch, action)));
  const from = { ...input, start_branch: input.start_branch ?? input.start_sha };
  const commitId = await commitChanges(call, project, from, changes, (reason) => GitLabError.forbidden(reason));
  const commit = (await repositoryOf(call.store, project).commit(commitId))!;
  return presentWithStats(call, project, commit);
}

interface WantedAction {
  readonly action: "create" | "delete" | "move" | "update" | "chmod";
  readonly file_path: string;
  readonly previous_path?: string;
  readonly content?: string;
  readonly encoding?: "text" | "base64";
  readonly execute_filemode?: boolean;
}

async function changeOf(call: Call, project: Project, branch: string, wanted: WantedAction): Promise<FileChange> {
  const { action, file_path: path, previous_path: previousPath, execute_filemode: executable } = wanted;
  if (action === "delete") return { action, path };
  if (action === "chmod") {
    const file = await repositoryOf(call.store, project).file(branch, path);
    return { action: "update", path, content: file?.content, executable };
  }
  if (action === "move" && previousPath === undefined) {
    throw GitLabError.message(400, "You must provide a previous path when moving a file");
  }
  if (action === "create" && wanted.content === undefined) throw GitLabError.message(400, "You must provide content");
  const content =
    wanted.content === undefined
      ? undefined
      : Buffer.from(wanted.content, wanted.encoding === "base64" ? "base64" : "utf8");
  return { action, path, previousPath, content, executable };
}

const READ = { anonymous: true, scopes: ["read_repository"] };

export const commitRoutes = [
  get("/projects/:id/repository/commits", list, READ),
  post("/projects/:id/repository/commits", create),
  get("/projects/:id/repository/commits/:sha", show, READ),
  get("/projects/:id/repository/commits/:sha/diff", diff, READ),
  get("/projects/:id/repository/commits/:sha/refs", refs, READ),
];
