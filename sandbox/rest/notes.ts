import { projectLevel } from "../model/access";
import { AccessLevel } from "../model/access-level";
import { GitLabError } from "../model/gitlab-error";
import type { Note } from "../model/merge-request";
import type { Store } from "../model/store";
import type { Call } from "./call";
import { findMergeRequest } from "./merge-requests";
import { filledText, oneOf, required } from "./parameters";
import { del, get, post, put } from "./route";
import { presentUserId } from "./users";

function present(store: Store, note: Note): Record<string, unknown> {
  const mergeRequest = store.mergeRequests.get(note.mergeRequestId)!;
  return {
    id: note.id,
    type: null,
    body: note.body,
    author: presentUserId(store, note.authorId),
    created_at: note.createdAt,
    updated_at: note.updatedAt,
    system: false,
    noteable_id: mergeRequest.id,
    noteable_type: "MergeRequest",
    project_id: mergeRequest.projectId,
    resolvable: false,
    confidential: false,
    internal: false,
    imported: false,
    noteable_iid: mergeRequest.iid,
    commands_changes: {},
  };
}

function list(call: Call): unknown {
  const { sort } = call.read({ sort: oneOf(["asc", "desc"]), order_by: oneOf(["created_at", "updated_at"]) });
  const notes = call.store.notesOf(findMergeRequest(call).id);
  if (sort !== "asc") notes.reverse();
  return call.page(notes, (note) => present(call.store, note));
}

function find(call: Call): Note {
  const note = call.store.notes.get(call.id("note_id"));
  if (!note || note.mergeRequestId !== findMergeRequest(call).id) throw GitLabError.recordNotFound();
  return note;
}

function create(call: Call): unknown {
  const { store, user } = call;
  const mergeRequest = findMergeRequest(call);
  const { body } = call.read({ body: required(filledText()) });
  const now = store.clock.timestamp();
  const note = { id: store.notes.nextId(), mergeRequestId: mergeRequest.id, authorId: user.id, body };
  return present(store, store.notes.insert({ ...note, createdAt: now, updatedAt: now }));
}

/** A note is changed by its author; Maintainers may change and remove any. */
function own(call: Call): Note {
  const note = find(call);
  const level = projectLevel(call.store, call.user, call.project());
  if (note.authorId !== call.user.id && level < AccessLevel.Maintainer) throw GitLabError.forbidden();
  return note;
}

function update(call: Call): unknown {
  const note = own(call);
  note.body = call.read({ body: required(filledText()) }).body;
  note.updatedAt = call.store.clock.timestamp();
  return present(call.store, note);
}

const BASE = "/projects/:id/merge_requests/:iid/notes";

export const noteRoutes = [
  get(BASE, list, { anonymous: true }),
  post(BASE, create),
  get(`${BASE}/:note_id`, (call) => present(call.store, find(call)), { anonymous: true }),
  put(`${BASE}/:note_id`, update),
  del(`${BASE}/:note_id`, (call) => call.store.notes.delete(own(call))),
];
