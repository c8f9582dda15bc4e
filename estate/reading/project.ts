import type { ProtectedBranch } from "../../gitlab/protected-branch";
import type { CiVariable } from "../../gitlab/variable-exposure";
import type { DeployKeyPicture, JobTokenPicture, PushPicture, TagPicture } from "../estate";
import type { TokenRecord } from "../identities";
import { type DeployKey, defaultBranchOf, ifSeen, type NotSeen, type Project, type Reader } from "../reader";
import { tagPictures } from "./branches";
import { pushPictures, unreadable } from "./pushes";

/** GitLab's answers about one project; undefined is what it did not show. */
export interface ProjectReading {
  readonly project: Project;
  readonly rules: readonly ProtectedBranch[] | undefined;
  readonly tags: readonly TagPicture[] | undefined;
  readonly tokens: readonly TokenRecord[] | undefined;
  readonly deployKeys: readonly DeployKeyPicture[] | undefined;
  readonly variables: readonly CiVariable[] | undefined;
  readonly jobToken: JobTokenPicture;
  readonly pushes: readonly PushPicture[] | undefined;
  readonly notSeen: readonly NotSeen[];
}

/**
 * Reads a project that was listed: six calls, nine where job tokens may push, and one more for each further hundred of something. Two less
 * without what carries tokens, its variables and jobs.
 */
export async function readProject(
  reader: Reader,
  project: Project,
  groupKeys: ReadonlySet<string>,
  carriers: boolean,
): Promise<ProjectReading> {
  const path = project.path_with_namespace;
  const branch = defaultBranchOf(project);
  const [rules, tags, tokens, deployKeys, variables, jobToken, lint] = await Promise.all([
    reader.rules(path),
    reader.tagRules(path),
    reader.livingTokens("projects", path),
    reader.deployKeys(path),
    carriers ? reader.variables("projects", path) : undefined,
    readJobToken(reader, project),
    carriers && branch !== null ? reader.lint(path, branch) : undefined,
  ]);
  const secretKeys = new Set([...groupKeys, ...(ifSeen(variables) ?? []).map(({ key }) => key)]);
  const configuration = ifSeen(lint);
  const broken = configuration && unreadable(configuration);
  const surroundings = { baseUrl: reader.baseUrl, rules: ifSeen(rules), secretKeys };
  const isKnown = carriers && (lint === undefined || lint.seen) && broken === undefined;
  return {
    project,
    rules: ifSeen(rules),
    tags: tags.seen ? tagPictures(tags.value) : undefined,
    tokens: ifSeen(tokens),
    deployKeys: deployKeys.seen ? deployKeys.value.filter((key) => key.can_push).map(keyPicture) : undefined,
    variables: ifSeen(variables),
    jobToken,
    pushes: isKnown ? pushPictures(configuration?.merged_yaml ?? null, project, surroundings) : undefined,
    notSeen: [
      ...reader.refused,
      ...(broken === undefined ? [] : [{ what: `jobs of ${path}`, status: 200, reason: broken }]),
    ],
  };
}

/** Reads who may push with a job token; whom the lists name is asked only where job tokens may push at all. */
async function readJobToken(reader: Reader, project: Project): Promise<JobTokenPicture> {
  const path = project.path_with_namespace;
  const push = project.ci_push_repository_for_job_token_allowed;
  const crossProject = project.cross_project_push_for_job_token_allowed;
  if (!push) return { push, crossProject, limited: undefined, projects: undefined, groups: undefined };
  const [scope, projects, groups] = await Promise.all([
    reader.jobTokenScope(path),
    reader.jobTokenProjects(path),
    reader.jobTokenGroups(path),
  ]);
  return {
    push,
    crossProject,
    limited: ifSeen(scope)?.inbound_enabled,
    projects: ifSeen(projects)?.map((each) => each.path_with_namespace),
    groups: ifSeen(groups)?.map((each) => each.web_url),
  };
}

const keyPicture = (key: DeployKey): DeployKeyPicture => ({
  id: key.id,
  title: key.title,
  createdAt: key.created_at,
  expiresAt: key.expires_at ?? null,
  lastUsedAt: key.last_used_at,
});
