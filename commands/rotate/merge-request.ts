import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type FileEdit, replaceFiles } from "../../inventory/edit-files";
import { CommandError } from "../exit-code";
import type { GitRepository } from "../git-repository";
import { commit } from "./commit";
import type { CommitMessage } from "./commit-message";

const REMOTE = "origin";
const PREFIX = "refs/heads/rotate/";

/** The result of asking for a merge request. */
export interface MergeRequest {
  /**
   * `created`: GitLab printed its address. `pushed`: the branch is there, and GitLab printed no address. `refused`: the branch is
   * there, and GitLab said why it made no merge request. `waiting`: an earlier one is not merged yet, and nothing was pushed.
   */
  readonly status: "created" | "pushed" | "refused" | "waiting";
  /** Of the merge request; of the earlier one when it waits. */
  readonly branch: string;
  readonly target: string;
  readonly commit?: string;
  readonly url?: string;
  /** GitLab's words about it, line by line. */
  readonly messages: readonly string[];
}

/**
 * Commits edits on top of HEAD in a working tree of its own, pushes that as the branch `rotate/<day>`, and asks GitLab for a merge
 * request by push options, for which a token that may push suffices. The working tree the command is called from stays as it is.
 * @throws CommandError when HEAD has commits that the default branch has not, or when git fails
 */
export async function openMergeRequest(
  repository: GitRepository,
  edits: readonly FileEdit[],
  { message, day, signal }: { readonly message: CommitMessage; readonly day: string; readonly signal: AbortSignal },
): Promise<MergeRequest> {
  const { target, head, open } = await remoteBranches(repository, signal);
  if (open !== undefined) return { status: "waiting", branch: open, target, messages: [] };
  await checkHead(repository, target, head, signal);
  const id = await commitAside(repository, edits, message, signal);
  const branch = `${PREFIX.slice("refs/heads/".length)}${day}`;
  return { ...(await push(repository, { id, branch, target, message, signal })), branch, target, commit: id };
}

/** The default branch of the remote, and a rotation that was pushed there and is not merged. */
async function remoteBranches(
  repository: GitRepository,
  signal: AbortSignal,
): Promise<{ target: string; head: string; open?: string }> {
  const listed = await repository.must(["ls-remote", "--symref", REMOTE, "HEAD", `${PREFIX}*`], { signal });
  const lines = listed.split("\n").map((line) => line.split("\t"));
  const target = lines.find(([, ref]) => ref === "HEAD")?.[0]?.match(/^ref: refs\/heads\/(.+)$/)?.[1];
  const head = lines.find(([id, ref]) => ref === "HEAD" && !id?.startsWith("ref: "))?.[0];
  const open = lines.flatMap(([, ref]) => (ref?.startsWith(PREFIX) ? [ref.slice("refs/heads/".length)] : []))[0];
  if (target !== undefined && head !== undefined) return { target, head, open };
  throw new CommandError({
    got: `a repository without a default branch at ${REMOTE}`,
    allowed: "one to merge into",
    fix: "push the inventory first",
  });
}

/** A merge request must bring the rotation, and no other commit that was not meant to leave this machine. */
async function checkHead(repository: GitRepository, target: string, head: string, signal: AbortSignal): Promise<void> {
  if ((await repository.must(["rev-parse", "HEAD"])).trim() === head) return;
  await repository.must(["fetch", "--quiet", REMOTE, target], { signal });
  if ((await repository.run(["merge-base", "--is-ancestor", "HEAD", head])).code === 0) return;
  throw new CommandError({
    got: `a HEAD that is not in ${target} at ${REMOTE}`,
    allowed: "a commit of that branch, so that the merge request holds the rotation alone",
    fix: `git switch ${target}, and push or drop what is not there yet`,
  });
}

/** Commits edits in a checkout of HEAD that is thrown away. @returns the commit's id */
async function commitAside(
  repository: GitRepository,
  edits: readonly FileEdit[],
  message: CommitMessage,
  signal: AbortSignal,
): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "pusher-rotate-"));
  const root = path.join(folder, "tree");
  try {
    const aside = await repository.checkOut("HEAD", root, { signal });
    const files = edits.map(({ file }) => repository.relative(file));
    replaceFiles(edits.map((edit, i) => ({ ...edit, file: path.join(root, files[i]!) })));
    return await commit(aside, files, message, signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await repository.run(["worktree", "prune"]);
  }
}

interface Push {
  /** The commit's. */
  readonly id: string;
  readonly branch: string;
  readonly target: string;
  readonly message: CommitMessage;
  readonly signal: AbortSignal;
}

async function push(
  repository: GitRepository,
  { id, branch, target, message: { title, body }, signal }: Push,
): Promise<Pick<MergeRequest, "status" | "url" | "messages">> {
  const options = [
    "merge_request.create",
    `merge_request.target=${target}`,
    `merge_request.title=${title}`,
    // Git takes no line ends in push options; GitLab makes them of these two characters.
    `merge_request.description=${body.replaceAll("\n", "\\n")}`,
    "merge_request.remove_source_branch",
  ];
  const ref = `refs/heads/${branch}`;
  const { code, stderr } = await repository.run(
    // The branch must be new: of two schedules at once, one wins.
    [
      "push",
      `--force-with-lease=${ref}:`,
      ...options.map((option) => `--push-option=${option}`),
      REMOTE,
      `${id}:${ref}`,
    ],
    { signal },
  );
  signal.throwIfAborted();
  if (code !== 0)
    throw new CommandError(`${branch} was not pushed, nothing was changed:\n${stderr.trimEnd()}\n${ADVICE}`);
  // Without the blank lines that frame it.
  const messages = [...stderr.matchAll(/^remote: ?(.*\S.*)$/gm)].map(([, text]) => text!.trimEnd());
  const url = messages.join("\n").match(/https?:\/\/\S+\/-\/merge_requests\/\d+/)?.[0];
  const refused = /Error encountered with push options/.test(messages.join(" ").replace(/\s+/g, " "));
  return { status: refused ? "refused" : url ? "created" : "pushed", url, messages };
}

const ADVICE = `fix: the address of ${REMOTE} needs a token that may push ${PREFIX.slice("refs/heads/".length)}* (a job's own token may not, unless the project allows it), and a server that takes push options`;
