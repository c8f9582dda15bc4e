import { basename } from "node:path/posix";
import { GitLabError } from "../../model/gitlab-error";
import { repositoryOf } from "../../model/projects/projects";
import type { Call } from "../call";
import { flag, required, text, texts } from "../parameters";
import { get, RawAnswer } from "../route";
import { codeProject } from "./branches";
import { presentCommit, presentDiff } from "./commit-view";

async function tree(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const query = call.read({ ref: text(), path: text(), recursive: flag() });
  const revision = query.ref ?? project.defaultBranch;
  const repository = repositoryOf(call.store, project);
  const entries =
    revision === null ? undefined : await repository.tree(revision, query.path ?? "", query.recursive ?? false);
  if (!entries) throw GitLabError.notFound(query.path ? "invalid revision or path" : "Tree");
  return call.page(entries, ({ id, path, type, mode }) => ({ id, name: basename(path), type, path, mode }));
}

async function rawBlob(call: Call): Promise<RawAnswer> {
  const project = codeProject(call);
  const id = call.path("sha");
  if (!/^[0-9a-f]{4,40}$/.test(id)) throw GitLabError.notFound("Blob");
  const content = await repositoryOf(call.store, project).blob(id);
  if (!content) throw GitLabError.notFound("Blob");
  return new RawAnswer(content, "text/plain");
}

async function compare(call: Call): Promise<unknown> {
  const { store } = call;
  const project = codeProject(call);
  const query = call.read({ from: required(text()), to: required(text()), straight: flag() });
  const repository = repositoryOf(store, project);
  const [from, to] = [await repository.resolve(query.from), await repository.resolve(query.to)];
  if (!from || !to) throw GitLabError.notFound("Ref");
  const base = query.straight ? from : ((await repository.mergeBase(from, to)) ?? from);
  const commits = (await repository.log(`${base}..${to}`)).map((commit) => presentCommit(store, project, commit));
  return {
    commit: commits[0] ?? null,
    commits: commits.reverse(),
    diffs: (await repository.diff(base, to)).map(presentDiff),
    compare_timeout: false,
    compare_same_ref: from === to,
    web_url: `${store.url}/${store.projectFullPath(project)}/-/compare/${from}...${to}`,
  };
}

async function mergeBase(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const { refs } = call.read({ refs: required(texts()) });
  const repository = repositoryOf(call.store, project);
  const [a, b] = refs;
  if (!a || !b) throw GitLabError.badRequest("Provide at least 2 refs");
  const base = await repository.mergeBase(a, b);
  const commit = base && (await repository.commit(base));
  if (!commit) throw GitLabError.notFound("Merge Base");
  return presentCommit(call.store, project, commit);
}

const READ = { anonymous: true, scopes: ["read_repository"] };

export const repositoryTreeRoutes = [
  get("/projects/:id/repository/tree", tree, READ),
  get("/projects/:id/repository/blobs/:sha/raw", rawBlob, READ),
  get("/projects/:id/repository/compare", compare, READ),
  get("/projects/:id/repository/merge_base", mergeBase, READ),
];
