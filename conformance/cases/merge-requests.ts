import { setTimeout as sleep } from "node:timers/promises";
import type { Case } from "../case";
import { type Answer, field } from "../server";
import { type Project, type Stage, succeeded } from "../stage";

const at = (project: Project, ...rest: (string | number)[]) => project.at("merge_requests", ...rest);

/** A merge request of one commit, once GitLab knows whether it can be merged. */
async function opened(stage: Stage): Promise<{ project: Project; iid: number; head: string }> {
  const project = await stage.project();
  const head = await project.commit("change");
  const made = succeeded("a merge request", await open(stage, project));
  const iid = Number(field(made, "iid"));
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const { body } = await stage.server.get(at(project, iid));
    if (!/^(checking|unchecked|preparing)$/.test(String(field(body, "detailed_merge_status")))) break;
    await sleep(1000);
  }
  return { project, iid, head };
}

const MOST_LOOKS = 30;

const open = (stage: Stage, project: Project): Promise<Answer> =>
  stage.server.post(at(project), { title: "A change", source_branch: "change", target_branch: project.branch });

export const MERGE_REQUESTS: readonly Case[] = [
  {
    name: "is open once it is made, with a number of its own",
    relies: "`rotate --merge-request` opens one.",
    steps: async (stage) => {
      const project = await stage.project();
      await project.commit("change");
      return open(stage, project);
    },
    expected: { status: 201, body: { iid: 1, state: "opened", title: "A change", source_branch: "change" } },
  },
  {
    name: "of a branch that has one is refused",
    relies: "`rotate --merge-request` finds the one that is open.",
    steps: async (stage) => open(stage, (await opened(stage)).project),
    expected: {
      status: 409,
      body: { message: ["Another open merge request already exists for this source branch: !1"] },
    },
  },
  {
    name: "tells the files that it changes",
    relies: "`review` tells what was changed beside the inventory.",
    steps: async (stage) => {
      const { project, iid } = await opened(stage);
      const { status, body } = await stage.server.get(at(project, iid, "diffs"));
      return [status, Array.isArray(body) && body.map((each) => [field(each, "new_file"), field(each, "new_path")])];
    },
    expected: [200, [[true, /^file-/]]],
  },
  {
    name: "is merged at the commit that was looked at, and at no other",
    relies: "What was reviewed is what is applied.",
    steps: async (stage) => {
      const { project, iid, head } = await opened(stage);
      const other = await stage.server.put(at(project, iid, "merge"), { sha: "0".repeat(40) });
      return [other.status, await stage.server.put(at(project, iid, "merge"), { sha: head })];
    },
    expected: [409, { status: 200, body: { state: "merged" } }],
  },
  {
    name: "is not merged by whom the target's rules do not let",
    relies: "`merge: maintainer` keeps a bot of the Developer role from merging.",
    steps: async (stage) => {
      const { project, iid } = await opened(stage);
      const { api } = await project.bot("developer", ["api"]);
      return (await api.put(at(project, iid, "merge"), {})).status;
    },
    expected: 401,
  },
  {
    name: "takes a note, and keeps its text letter for letter",
    relies: "`review --note` writes its report as one.",
    steps: async (stage) => {
      const { project, iid } = await opened(stage);
      return stage.server.post(at(project, iid, "notes"), { body: "| a | b |\n| --- | --- |\n<!-- mark -->" });
    },
    expected: { status: 201, body: { body: "| a | b |\n| --- | --- |\n<!-- mark -->", system: false } },
  },
  {
    name: "has a note changed in place",
    relies: "`review --note` has one note, however often it runs.",
    steps: async (stage) => {
      const { project, iid } = await opened(stage);
      const made = succeeded("a note", await stage.server.post(at(project, iid, "notes"), { body: "before" }));
      const id = Number(field(made, "id"));
      const { status, body } = await stage.server.put(at(project, iid, "notes", id), { body: "after" });
      return { status, text: field(body, "body"), isSame: field(body, "id") === id };
    },
    expected: { status: 200, text: "after", isSame: true },
  },
  {
    name: "takes no empty note",
    relies: "A report always says something.",
    steps: async (stage) => {
      const { project, iid } = await opened(stage);
      return (await stage.server.post(at(project, iid, "notes"), { body: " " })).status;
    },
    expected: 400,
  },
  {
    name: "keeps a note from Developers who did not write it",
    relies: "The token for notes changes those of its own user only.",
    steps: async (stage) => {
      const { project, iid } = await opened(stage);
      const made = succeeded("a note", await stage.server.post(at(project, iid, "notes"), { body: "before" }));
      const { api } = await project.bot("developer", ["api"]);
      return (await api.put(at(project, iid, "notes", Number(field(made, "id"))), { body: "after" })).status;
    },
    expected: 403,
  },
];
