import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ApiError } from "../gitlab/api-error";
import { ExpectedError } from "../gitlab/expected-error";
import { type Answer, field, type Server } from "./server";

/** The group that a run makes for itself. */
export interface Subgroup {
  readonly id: number;
  readonly fullPath: string;
}

/**
 * The day and minute of its making stand in the name, by which the next run tells what an earlier one left from one that still goes on. GitLab
 * adds the end when it marks a group for deletion.
 */
const NAME = /^conformance-(\d{4})(\d\d)(\d\d)t(\d\d)(\d\d)-[0-9a-f]{8}(-deletion_scheduled-\d+|-deleted-\d+)?$/;
const DESCRIPTION = "Made by the conformance run of gitlab-ci-pusher, which removes it.";

/** No run takes so long, in milliseconds. */
const OLD = 3 * 3_600_000;

/** @throws ExpectedError when the group takes none */
export async function makeSubgroup(server: Server, parent: Subgroup, now: Date): Promise<Subgroup> {
  const minute = now.toISOString().slice(0, 16).replace(/[-:]/g, "").toLowerCase();
  const name = `conformance-${minute}-${randomBytes(4).toString("hex")}`;
  const wanted = { name, path: name, parent_id: parent.id, visibility: "private", description: DESCRIPTION };
  const answer = await server.post(["groups"], wanted).catch(async (error: unknown) => {
    // It may have been made all the same.
    const found = error instanceof ApiError ? await server.get(["groups", `${parent.fullPath}/${name}`]) : undefined;
    if (found?.status !== 200) throw error;
    return { ...found, status: 201 };
  });
  const id = field(answer.body, "id");
  if (answer.status === 201 && typeof id === "number") return { id, fullPath: String(field(answer.body, "full_path")) };
  throw new ExpectedError({
    got: `${answer.status} ${JSON.stringify(answer.body)} for a subgroup of ${parent.fullPath}`,
    allowed: "a group whose Owner the token's user is, and a token of scope api",
    fix: "make a group for this, and a personal access token of its Owner",
  });
}

/** Those of runs' making in a group, this one's and others', as GitLab shows them. */
async function ours(server: Server, parent: Subgroup): Promise<unknown[]> {
  const { body } = await server.get(["groups", parent.id, "subgroups"], { search: "conformance-", per_page: 100 });
  return Array.isArray(body) ? (body as unknown[]).filter(isOurs) : [];
}

/** Those of runs' making in a group. */
export const ownSubgroups = async (server: Server, parent: Subgroup): Promise<Subgroup[]> =>
  (await ours(server, parent)).map(subgroupOf);

/** Those that earlier runs left in a group: by name, description and age. */
export const leftSubgroups = async (server: Server, parent: Subgroup, now: Date): Promise<Subgroup[]> =>
  (await ours(server, parent)).filter((group) => isLeft(group, now)).map(subgroupOf);

/** Tells whether a group is of a run's making, old or not. */
export const isOurs = (group: unknown): boolean =>
  NAME.test(String(field(group, "name"))) && field(group, "description") === DESCRIPTION;

function isLeft(group: unknown, now: Date): boolean {
  const [, year, month, day, hour, minute] = NAME.exec(String(field(group, "name"))) ?? [];
  if (year === undefined) return false;
  const isGoing = field(group, "marked_for_deletion_on");
  return !isGoing && now.getTime() - Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00Z`) > OLD;
}

const subgroupOf = (group: unknown): Subgroup => ({
  id: Number(field(group, "id")),
  fullPath: String(field(group, "full_path")),
});

/** Milliseconds before a call that got no answer is made again, in turn. */
const PAUSES = [500, 2_000, 8_000];

/**
 * Removes a subgroup with all that is in it. Its tokens are revoked first: many GitLabs keep what is deleted for some days, and the tokens in it alive.
 * @returns what is left of it, for people; undefined: nothing
 */
export async function removeSubgroup(server: Server, subgroup: Subgroup): Promise<string | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await removed(server, subgroup);
    } catch (error) {
      // What is gone already is no mistake the second time.
      if (!(error instanceof ApiError)) throw error;
      const pause = error.status === 401 ? undefined : PAUSES[attempt];
      if (pause === undefined) return `${subgroup.fullPath} is left: ${error.message}`;
      await sleep(pause);
    }
  }
}

async function removed(server: Server, subgroup: Subgroup): Promise<string | undefined> {
  for (const project of await listed(server, ["groups", subgroup.id, "projects"])) {
    await revokeTokens(server, Number(field(project, "id")));
  }
  const deleted = await server.delete(["groups", subgroup.id]);
  if (!isDone(deleted)) return `${subgroup.fullPath} is left: ${deleted.status} ${JSON.stringify(deleted.body)}`;
  // What is only marked may have got another path by that.
  const marked = await server.get(["groups", subgroup.id]);
  if (marked.status === 404 || !field(marked.body, "marked_for_deletion_on")) return undefined;
  const fullPath = String(field(marked.body, "full_path"));
  const again = await server.delete(["groups", subgroup.id], undefined, {
    permanently_remove: true,
    full_path: fullPath,
  });
  return isDone(again) ? undefined : `${fullPath} goes when this GitLab's time for deleted groups is over`;
}

async function revokeTokens(server: Server, project: number): Promise<void> {
  for (const token of await listed(server, ["projects", project, "access_tokens"], { state: "active" })) {
    await server.delete(["projects", project, "access_tokens", Number(field(token, "id"))]);
  }
}

/** All elements of a list, page by page; those that can be seen. */
async function listed(server: Server, path: (string | number)[], query: Record<string, string> = {}) {
  const all: unknown[] = [];
  for (let page = 1; ; page += 1) {
    const { body } = await server.get(path, { ...query, per_page: 100, page });
    if (!Array.isArray(body) || body.length === 0) return all;
    all.push(...(body as unknown[]));
    if (body.length < 100) return all;
  }
}

const isDone = ({ status }: Answer): boolean => (status >= 200 && status < 300) || status === 404;
