import { samePath } from "../gitlab/project-path";

/**
 * The name of what a resource is in GitLab, whatever Terraform calls it: two resources of one identity would be one thing. Of a token it is the
 * construct path in its description, `stack/pusher/Token`.
 */
export type Identity = string;

export const ruleIdentity = (project: string, branch: string): Identity => `rule ${samePath(project)}:${branch}`;

export const tagRuleIdentity = (project: string, tag: string): Identity => `tag rule ${samePath(project)}:${tag}`;

export const variableIdentity = (kind: "project" | "group", home: string, key: string, scope: string): Identity =>
  `${kind} variable ${samePath(home)}:${key}:${scope}`;

export const tokenIdentity = (mark: string): Identity => `token ${mark}`;

/** The identity of a resource in a state, or undefined for one that this project does not make. */
export function identityOf(
  type: string,
  attributes: Readonly<Record<string, unknown>>,
  mark?: string,
): Identity | undefined {
  const { project, group, branch, tag, key, environment_scope: scope } = attributes;
  const isText = (...values: unknown[]) => values.every((value) => typeof value === "string");
  if (type === "gitlab_project_access_token") return mark === undefined ? undefined : tokenIdentity(mark);
  if (type === "gitlab_branch_protection" && isText(project, branch)) return ruleIdentity(`${project}`, `${branch}`);
  if (type === "gitlab_tag_protection" && isText(project, tag)) return tagRuleIdentity(`${project}`, `${tag}`);
  if (type === "gitlab_project_variable" && isText(project, key, scope))
    return variableIdentity("project", `${project}`, `${key}`, `${scope}`);
  if (type === "gitlab_group_variable" && isText(group, key, scope))
    return variableIdentity("group", `${group}`, `${key}`, `${scope}`);
  return undefined;
}
