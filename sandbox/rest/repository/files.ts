import { createHash } from "node:crypto";
import { basename } from "node:path/posix";
import { startPushPipelines } from "../../git/push-pipelines";
import { isBranchName } from "../../git/ref-name";
import type { FileChange, Signature } from "../../git/repository";
import { NO_COMMIT } from "../../model/ci/jobs";
import { GitLabError } from "../../model/gitlab-error";
import type { Project } from "../../model/projects/project";
import { noteNewCommits, repositoryOf } from "../../model/projects/projects";
import type { Call } from "../call";
import { filledText, flag, oneOf, required, text, withDefault } from "../parameters";
import { del, get, post, put, RawAnswer } from "../route";
import { codeProject, mayCommitTo, pushProject } from "./branches";
import { signatureOf } from "./commit-view";

interface FoundFile {
  readonly content: Buffer;
  readonly facts: Record<string, unknown>;
}

async function find(call: Call, ref: string): Promise<FoundFile> {
  const project = codeProject(call);
  const path = call.path("file_path");
  const repository = repositoryOf(call.store, project);
  const commitId = await repository.resolve(ref);
  if (!commitId) throw GitLabError.notFound("Commit");
  const file = await repository.file(commitId, path);
  if (!file) throw GitLabError.notFound("File");
  const [last] = await repository.log(commitId, { limit: 1, path });
  const facts = {
    file_name: basename(path),
    file_path: path,
    size: file.content.length,
    encoding: "base64",
    content_sha256: createHash("sha256").update(file.content).digest("hex"),
    ref,
    blob_id: file.id,
    commit_id: commitId,
    last_commit_id: last?.id ?? commitId,
    execute_filemode: file.mode === "100755",
  };
  return { content: file.content, facts };
}

/** The facts as `X-Gitlab-File-Name: …`, which is all that HEAD answers. */
function fileHeaders(facts: Record<string, unknown>): Record<string, string> {
  const name = (key: string): string =>
    `X-Gitlab-${key
      .split("_")
      .map((word) => word[0]!.toUpperCase() + word.slice(1))
      .join("-")}`;
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [name(key), encodeURI(String(value))]));
}

async function show(call: Call): Promise<unknown> {
  const { ref } = call.read({ ref: required(filledText()) });
  const { content, facts } = await find(call, ref);
  for (const [name, value] of Object.entries(fileHeaders(facts))) call.response.setHeader(name, value);
  return { ...facts, content: content.toString("base64") };
}

async function raw(call: Call): Promise<RawAnswer> {
  const { ref } = call.read({ ref: text() });
  const { content, facts } = await find(call, ref ?? call.project().defaultBranch ?? "HEAD");
  return new RawAnswer(content, "text/plain", fileHeaders(facts));
}

const COMMIT = {
  branch: required(filledText()),
  commit_message: required(filledText()),
  start_branch: text(),
  author_email: text(),
  author_name: text(),
  last_commit_id: text(),
};

const CONTENT = {
  content: required(text()),
  encoding: withDefault(oneOf(["text", "base64"]), "text"),
  execute_filemode: flag(),
};

function authorOf(call: Call, input: { author_name?: string; author_email?: string }): Signature {
  const own = signatureOf(call.store, call.user);
  return { ...own, name: input.author_name ?? own.name, email: input.author_email ?? own.email };
}

interface CommitInput {
  readonly branch: string;
  readonly commit_message: string;
  readonly start_branch?: string;
  readonly author_email?: string;
  readonly author_name?: string;
}

/**
 * Commits changes on a branch, which may begin at another branch or commit, or be the first of an empty repository.
 * Errors: 400 with GitLab's sentence.
 */
export async function commitChanges(
  call: Call,
  project: Project,
  input: CommitInput,
  changes: readonly FileChange[],
  refusal: (text: string) => GitLabError = (text) => GitLabError.message(400, text),
): Promise<string> {
  const { branch } = input;
  if (!(await mayCommitTo(call, project, branch))) throw refusal("You are not allowed to push into this branch");
  const repository = repositoryOf(call.store, project);
  const exists = await repository.branch(branch);
  if (!exists && project.defaultBranch !== null && input.start_branch === undefined) {
    throw GitLabError.message(400, "You can only create or edit files when you are on a branch");
  }
  if (exists && input.start_branch !== undefined && input.start_branch !== branch) {
    throw GitLabError.message(
      400,
      `A branch called '${branch}' already exists. Switch to that branch in order to make changes`,
    );
  }
  if (!isBranchName(branch)) throw GitLabError.message(400, "Branch name is invalid");
  const base = exists?.commitId ?? (input.start_branch ? await repository.resolve(input.start_branch) : undefined);
  if (input.start_branch !== undefined && !base) {
    throw GitLabError.message(400, `Invalid reference name: ${input.start_branch}`);
  }
  for (const change of changes) await requireApplicable(call, project, base, change);
  const commitId = await repository.writeCommit({
    branch,
    startFrom: base,
    message: input.commit_message,
    changes,
    author: authorOf(call, input),
    committer: signatureOf(call.store, call.user),
  });
  await noteNewCommits(call.store, project, branch);
  const change = { ref: `refs/heads/${branch}`, oldSha: exists?.commitId ?? NO_COMMIT, newSha: commitId };
  await startPushPipelines(call.store, call.user, project, { changes: [change], skip: false });
  return commitId;
}

async function requireApplicable(
  call: Call,
  project: Project,
  base: string | undefined,
  { action, path, previousPath }: FileChange,
): Promise<void> {
  if (/(^|\/)\.\.?(\/|$)|^\/|\/$|^\.git(\/|$)/i.test(path)) {
    throw GitLabError.message(400, "Path cannot include directory traversal");
  }
  const needed = action === "move" ? previousPath! : path;
  const file = base === undefined ? undefined : await repositoryOf(call.store, project).file(base, needed);
  if (action === "create" && file) throw GitLabError.message(400, "A file with this name already exists");
  if (action !== "create" && !file) throw GitLabError.message(400, "A file with this name doesn't exist");
}

function write(action: "create" | "update"): (call: Call) => Promise<unknown> {
  return async (call) => {
    const project = pushProject(call);
    const input = call.read({ ...COMMIT, ...CONTENT });
    const path = call.path("file_path");
    if (action === "update") await requireUnchanged(call, project, input);
    const content = Buffer.from(input.content, input.encoding === "base64" ? "base64" : "utf8");
    await commitChanges(call, project, input, [{ action, path, content, executable: input.execute_filemode }]);
    return { file_path: path, branch: input.branch };
  };
}

async function requireUnchanged(
  call: Call,
  project: Project,
  { branch, last_commit_id }: { branch: string; last_commit_id?: string },
): Promise<void> {
  if (last_commit_id === undefined) return;
  const [last] = await repositoryOf(call.store, project).log(branch, { limit: 1, path: call.path("file_path") });
  if (last?.id === last_commit_id) return;
  throw GitLabError.message(400, "You are attempting to update a file that has changed since you started editing it.");
}

async function remove(call: Call): Promise<void> {
  const project = pushProject(call);
  const input = call.read(COMMIT);
  await commitChanges(call, project, input, [{ action: "delete", path: call.path("file_path") }]);
}

const READ = { anonymous: true, scopes: ["read_repository"] };
const FILE = "/projects/:id/repository/files/:file_path";

export const fileRoutes = [
  get(`${FILE}/raw`, raw, { ...READ, jobToken: true }),
  get(FILE, show, READ),
  post(FILE, write("create")),
  put(FILE, write("update")),
  del(FILE, remove),
];
