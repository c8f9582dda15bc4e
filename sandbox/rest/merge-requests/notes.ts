import { GitLabError } from "../../model/gitlab-error";
import { canReadMergeRequests, projectLevel } from "../../model/members/access";
import { AccessLevel } from "../../model/members/access-level";
import type { MergeRequest, Note } from "../../model/merge-requests/merge-request";
import type { Store } from "../../model/store";
import type { Call } from "../call";
import { filledText, oneOf, required, text } from "../parameters";
import { del, get, post, put } from "../route";
import { presentUserId } from "../users/users";
import { findMergeRequest } from "./merge-requests";

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

/** GitLab's column takes no more, in characters. */
const LONGEST = 1_000_000;

function list(call: Call): unknown {
  const { sort, order_by } = call.read({
    sort: oneOf(["asc", "desc"]),
    order_by: oneOf(["created_at", "updated_at"]),
  });
  const by = order_by === "updated_at" ? "updatedAt" : "createdAt";
  const notes = call.store.notesOf(noteable(call).id).sort((a, b) => a[by].localeCompare(b[by]) || a.id - b.id);
  if (sort !== "asc") notes.reverse();
  return call.page(notes, (note) => present(call.store, note));
}

/** The merge request, which does not exist for those who may not see it. Errors: 404. */
function noteable(call: Call): MergeRequest {
  if (!canReadMergeRequests(call.store, call.user, call.project())) throw GitLabError.recordNotFound();
  return findMergeRequest(call);
}

function find(call: Call): Note {
  const note = call.store.notes.get(call.id("note_id"));
  if (!note || note.mergeRequestId !== noteable(call).id) throw GitLabError.recordNotFound();
  return note;
}

/** Errors: 400 blank or too long. */
function requireSayable(body: string): string {
  if (body.trim() === "") throw GitLabError.badRequest('Note {:note=>["can\'t be blank"]}');
  if ([...body].length <= LONGEST) return body;
  throw GitLabError.badRequest(`Note {:note=>["is too long (maximum is ${LONGEST} characters)"]}`);
}

function create(call: Call): unknown {
  const { store, user } = call;
  const mergeRequest = noteable(call);
  const body = requireSayable(call.read({ body: required(text()) }).body);
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
  note.body = requireSayable(call.read({ body: filledText() }).body ?? note.body);
  note.updatedAt = call.store.clock.timestamp();
  return present(call.store, note);
}

const BASE = "/projects/:id/merge_requests/:iid/notes";

export const noteRoutes = [
  get(BASE, list),
  post(BASE, create),
  get(`${BASE}/:note_id`, (call) => present(call.store, find(call))),
  put(`${BASE}/:note_id`, update),
  del(`${BASE}/:note_id`, (call) => call.store.notes.delete(own(call))),
];
