import { GitLabError } from "../../model/gitlab-error";
import { AccessLevel } from "../../model/members/access-level";
import type { TerraformState } from "../../model/terraform/state";
import { findOrCreateState, findState, lockState, unlockState, writeState } from "../../model/terraform/states";
import type { Call } from "../call";
import { required, text } from "../parameters";
import { rawBody } from "../request-body";
import { del, get, post, RawAnswer } from "../route";

const STATE = "/projects/:id/terraform/state/:name";

/** Developers read, Maintainers lock and write. */
function stateFor(call: Call, level: number): TerraformState {
  const state = findState(call.store, call.project(level), call.path("name"));
  if (!state) throw GitLabError.notFound("Terraform State");
  return state;
}

function read(call: Call): RawAnswer | undefined {
  const current = stateFor(call, AccessLevel.Developer).versions.at(-1);
  return current && new RawAnswer(current.body, "application/json");
}

function write(call: Call): unknown {
  const project = call.project(AccessLevel.Maintainer);
  const { ID } = call.read({ ID: text() });
  const body = rawBody(call.request);
  if (body.length === 0) return undefined;
  writeState(call.store, findOrCreateState(call.store, project, call.path("name")), call.user, body, ID);
  call.status(200);
  return new RawAnswer("", "application/json");
}

function remove(call: Call): unknown {
  const state = stateFor(call, AccessLevel.Maintainer);
  call.store.terraformStates.delete(`${state.projectId}/${state.name}`);
  return new RawAnswer("", "application/json");
}

function lock(call: Call): unknown {
  const project = call.project(AccessLevel.Maintainer);
  const input = call.read({
    ID: required(text()),
    Operation: required(text()),
    Info: text(),
    Who: text(),
    Version: text(),
    Created: text(),
    Path: text(),
  });
  const state = findOrCreateState(call.store, project, call.path("name"));
  const locked = lockState(state, {
    ID: input.ID,
    // GitLab names the user it authenticated and the instant it saw, not what the client wrote.
    Who: call.user.username,
    Created: call.store.clock.timestamp(),
  });
  call.status(locked ? 200 : 409);
  // Of a lock that is held GitLab keeps no more than this: the rest is what was asked for just now.
  const { Operation, Info = "", Version = "", Path = "" } = input;
  return new RawAnswer(JSON.stringify({ Operation, Info, Version, Path, ...state.lock }), "application/json");
}

function unlock(call: Call): unknown {
  const state = stateFor(call, AccessLevel.Maintainer);
  const { ID } = call.read({ ID: text() });
  unlockState(state, ID || undefined);
  return new RawAnswer("", "application/json");
}

function findVersion(call: Call, level: number): TerraformState["versions"][number] {
  const serial = call.id("serial");
  const version = stateFor(call, level).versions.findLast((candidate) => candidate.serial === serial);
  if (!version) throw GitLabError.notFound("Terraform State Version");
  return version;
}

function readVersion(call: Call): RawAnswer {
  return new RawAnswer(findVersion(call, AccessLevel.Developer).body, "application/json");
}

function removeVersion(call: Call): undefined {
  const version = findVersion(call, AccessLevel.Maintainer);
  const state = stateFor(call, AccessLevel.Maintainer);
  state.versions = state.versions.filter((candidate) => candidate !== version);
  return undefined;
}

const JOB = { jobToken: true };

export const terraformStateRoutes = [
  get(STATE, read, JOB),
  post(STATE, write, JOB),
  del(STATE, remove, JOB),
  post(`${STATE}/lock`, lock, JOB),
  del(`${STATE}/lock`, unlock, JOB),
  get(`${STATE}/versions/:serial`, readVersion, JOB),
  del(`${STATE}/versions/:serial`, removeVersion, JOB),
];
