import { isNotFound, messageOf } from "../gitlab-api-error";
import { type GitLabClient, segment } from "../gitlab-client";
import { DiagnosticError } from "../protocol/diagnostic";
import type { ObjectValue } from "../protocol/value";
import { parseTwoPartId } from "../resource-id";
import type { ProtectedBranch } from "./protected-branch-entries";
import { API_ERROR, reporting } from "./reporting";

/** The project and the branch in the id of a `gitlab_branch_protection`. */
export function ruleId(state: ObjectValue): readonly [project: string, branch: string] {
  const id = String(state.id);
  const parts = parseTwoPartId(id);
  if (parts !== null) return parts;
  const detail = `The resource ID '${id}' has an invalid format. It should be '<project-id>:<branch>'.`;
  throw new DiagnosticError("Invalid resource ID format", detail);
}

/** Leaves the branch without any rule until the POST that follows, and for good when that one fails. */
export async function makeRoom(client: GitLabClient, project: string, branch: string): Promise<void> {
  let existing: ProtectedBranch;
  try {
    existing = await client.get<ProtectedBranch>(rulePath(project, branch));
  } catch {
    // The real provider takes any failure of this look-up for "no such rule" and lets the POST tell.
    return;
  }
  const { default_branch: defaultBranch } = await reporting("Unable to read project details", () =>
    client.get<{ default_branch: string | null }>(`projects/${segment(project)}`),
  );
  if (defaultBranch !== branch) {
    const detail = `protected branch "${branch}" on project "${project}" already exists: ${JSON.stringify(existing)}`;
    throw new DiagnosticError(API_ERROR, detail);
  }
  await reporting(
    `Failed to unprotect default branch "${branch}" in project "${project}" while trying to 'import' it`,
    () => client.delete(rulePath(project, branch)),
  );
}

/** Asks for the edition, not the licence: an unlicensed Enterprise Edition is one too. */
export async function isEnterprise(client: GitLabClient): Promise<boolean> {
  const { enterprise } = await reporting("Unable to get gitlab server metadata details", () =>
    client.get<{ enterprise?: boolean }>("metadata"),
  );
  return enterprise === true;
}

/** Takes the rule away. */
export async function deleteRule(client: GitLabClient, { project, branch }: ObjectValue): Promise<void> {
  try {
    await client.delete(rulePath(String(project), String(branch)));
  } catch (error) {
    throw new DiagnosticError("Failed to delete gitlab branch protection", messageOf(error));
  }
}

/** Null when there is none. */
export async function readRule(client: GitLabClient, project: string, branch: string): Promise<ProtectedBranch | null> {
  try {
    return await client.get<ProtectedBranch>(rulePath(project, branch));
  } catch (error) {
    if (isNotFound(error)) return null;
    throw new DiagnosticError(API_ERROR, `Unable to read protected branch details: ${messageOf(error)}`);
  }
}

export function rulesPath(project: string): string {
  return `projects/${segment(project)}/protected_branches`;
}

export function rulePath(project: string, branch: string): string {
  return `${rulesPath(project)}/${segment(branch)}`;
}
