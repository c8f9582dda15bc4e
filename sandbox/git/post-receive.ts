import type { MergeRequest } from "../model/merge-requests/merge-request";
import type { Project } from "../model/projects/project";
import { noteNewCommits } from "../model/projects/projects";
import type { Store } from "../model/store";
import type { GitUser } from "./git-authentication";
import type { HookCall, RefChange } from "./hook-channel";
import { branchOf, isDeletion } from "./pre-receive";
import { applyMergeRequestOptions } from "./push-merge-requests";
import { parsePushOptions } from "./push-options";
import { startPushPipelines } from "./push-pipelines";

/** Width of what GitLab prints: a terminal of 80 columns less `remote: `. */
const WIDTH = 72;
const PADDING = 2;

/**
 * Does what follows a push that was taken: the default branch and its protection, pipelines, merge requests.
 *
 * @returns what the client is shown: texts of one or more lines
 */
export async function finishPush(store: Store, actor: GitUser, project: Project, call: HookCall): Promise<string[]> {
  const options = parsePushOptions(call.pushOptions);
  const branches = call.changes.filter((change) => !isDeletion(change)).flatMap((change) => branchOf(change) ?? []);
  for (const branch of defaultFirst(project, branches)) await noteNewCommits(store, project, branch);
  // A job's push starts no pipeline, so that jobs cannot start one another for ever.
  if (actor.kind === "token") {
    await startPushPipelines(store, actor.user, project, { changes: call.changes, skip: options.skipCi });
  }
  const errors = options.mergeRequest
    ? await applyMergeRequestOptions(store, actor.user, project, branches, options.mergeRequest)
    : [];
  const messages = mergeRequestLinks(store, project, call.changes);
  if (errors.length > 0) messages.unshift(optionsWarning(options.given, errors));
  return messages;
}

/** Of the branches a first push brings, the one that becomes the default branch comes first. */
function defaultFirst(project: Project, branches: readonly string[]): readonly string[] {
  if (project.defaultBranch !== null) return branches;
  const chosen = [project.initialBranch, "main", "master"].find((name) => branches.includes(name));
  return chosen === undefined ? branches : [chosen, ...branches.filter((branch) => branch !== chosen)];
}

function mergeRequestLinks(store: Store, project: Project, changes: readonly RefChange[]): string[] {
  const { printing_merge_request_link_enabled: printing, merge_requests_access_level: access } = project.attributes;
  if (printing === false || access === "disabled") return [];
  const url = `${store.url}/${store.projectFullPath(project)}/-/merge_requests`;
  return changes.flatMap((change) => {
    const branch = isDeletion(change) ? undefined : branchOf(change);
    if (branch === undefined || branch === project.defaultBranch) return [];
    const open = openMergeRequest(store, project, branch);
    return open
      ? `View merge request for ${branch}:\n  ${url}/${open.iid}`
      : `To create a merge request for ${branch}, visit:\n  ${url}/new?merge_request%5Bsource_branch%5D=${encodeURIComponent(branch)}`;
  });
}

function openMergeRequest(store: Store, project: Project, branch: string): MergeRequest | undefined {
  return store
    .mergeRequestsOf(project.id)
    .find((mergeRequest) => mergeRequest.state === "opened" && mergeRequest.sourceBranch === branch);
}

function optionsWarning(given: readonly string[], errors: readonly string[]): string {
  const options = given.map((option) => `'${option}'`).join(" ");
  return alert(`WARNINGS: Error encountered with push options ${options}: ${errors.join(" ")}`);
}

/** A text between two rules, wrapped and centred. */
function alert(text: string): string {
  const rule = "=".repeat(WIDTH);
  return [rule, "", ...wrap(text).map(centred), "", rule].join("\n");
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > WIDTH - 2 * PADDING) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function centred(line: string): string {
  return " ".repeat(Math.max(0, Math.floor((WIDTH - line.length) / 2))) + line;
}
