import type { Commit, FileDiff, Signature } from "../../git/repository";
import type { Project } from "../../model/projects/project";
import type { Store } from "../../model/store";
import type { User } from "../../model/users/user";

export function presentCommit(store: Store, project: Project, commit: Commit): Record<string, unknown> {
  return {
    id: commit.id,
    short_id: commit.id.slice(0, 8),
    created_at: commit.committer.date.toISOString(),
    parent_ids: commit.parentIds,
    title: commit.message.split("\n")[0],
    message: commit.message,
    author_name: commit.author.name,
    author_email: commit.author.email,
    authored_date: commit.author.date.toISOString(),
    committer_name: commit.committer.name,
    committer_email: commit.committer.email,
    committed_date: commit.committer.date.toISOString(),
    trailers: {},
    extended_trailers: {},
    web_url: `${store.url}/${store.projectFullPath(project)}/-/commit/${commit.id}`,
  };
}

export function presentDiff(diff: FileDiff): Record<string, unknown> {
  return {
    diff: diff.diff,
    new_path: diff.newPath,
    old_path: diff.oldPath,
    a_mode: diff.oldMode,
    b_mode: diff.newMode,
    new_file: diff.newFile,
    renamed_file: diff.renamedFile,
    deleted_file: diff.deletedFile,
    generated_file: false,
  };
}

/** The author of a commit made through the API, unless the call names an author. */
export function signatureOf(store: Store, user: User): Signature {
  return { name: user.name, email: user.email, date: store.clock.now() };
}
