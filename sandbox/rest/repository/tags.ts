import { isBranchName } from "../../git/ref-name";
import type { Ref } from "../../git/repository";
import { GitLabError } from "../../model/gitlab-error";
import { projectLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { Project } from "../../model/projects/project";
import { repositoryOf } from "../../model/projects/projects";
import { canCreateTag, tagRules } from "../../model/protected-refs/protected-refs";
import type { Call } from "../call";
import { required, text } from "../parameters";
import { del, get, post } from "../route";
import { codeProject, pushProject } from "./branches";
import { presentCommit } from "./commit-view";

async function present(call: Call, project: Project, { name, commitId }: Ref): Promise<Record<string, unknown>> {
  const { store } = call;
  const commit = (await repositoryOf(store, project).commit(commitId))!;
  return {
    name,
    message: "",
    target: commitId,
    commit: presentCommit(store, project, commit),
    release: null,
    protected: tagRules(store, project, name).length > 0,
    created_at: null,
  };
}

async function list(call: Call): Promise<unknown> {
  const project = codeProject(call);
  const { search } = call.read({ search: text() });
  const tags = (await repositoryOf(call.store, project).tags()).filter(({ name }) => !search || name.includes(search));
  return Promise.all(call.page(tags.reverse(), (tag) => present(call, project, tag)));
}

async function find(call: Call, project: Project): Promise<Ref> {
  const name = call.path("tag");
  const commitId = await repositoryOf(call.store, project).resolve(`refs/tags/${name}`);
  if (!commitId) throw GitLabError.notFound("Tag");
  return { name, commitId };
}

async function show(call: Call): Promise<unknown> {
  const project = codeProject(call);
  return present(call, project, await find(call, project));
}

async function create(call: Call): Promise<unknown> {
  const { store, user } = call;
  const project = pushProject(call);
  const { tag_name: name, ref } = call.read({ tag_name: required(text()), ref: required(text()) });
  const repository = repositoryOf(store, project);
  if (!isBranchName(name)) throw GitLabError.message(400, "Tag name invalid");
  if (await repository.resolve(`refs/tags/${name}`)) throw GitLabError.message(400, `Tag ${name} already exists`);
  const commitId = await repository.resolve(ref);
  if (!commitId) throw GitLabError.message(400, `Target ${ref} is invalid`);
  if (!canCreateTag(store, user, project, name)) {
    throw GitLabError.message(400, "You are not allowed to create this tag as it is protected.");
  }
  await repository.setRef(`refs/tags/${name}`, commitId);
  return present(call, project, { name, commitId });
}

async function remove(call: Call): Promise<void> {
  const { store, user } = call;
  const project = pushProject(call);
  const { name } = await find(call, project);
  const guarded = tagRules(store, project, name).length > 0;
  if (guarded && projectLevel(store, user, project) < AccessLevel.Maintainer) throw GitLabError.forbidden();
  await repositoryOf(store, project).deleteRef(`refs/tags/${name}`);
}

const READ = { anonymous: true, scopes: ["read_repository"] };

export const tagRoutes = [
  get("/projects/:id/repository/tags", list, READ),
  get("/projects/:id/repository/tags/:tag", show, READ),
  post("/projects/:id/repository/tags", create),
  del("/projects/:id/repository/tags/:tag", remove),
];
