import type { Case } from "../case";
import { field } from "../server";
import type { Stage } from "../stage";

/** Ids of a list of the allowlist's, without those of this run's projects. */
async function idsOf(stage: Stage, path: (string | number)[]): Promise<unknown> {
  const { body } = await stage.server.get(path);
  return Array.isArray(body) ? body.map((each) => field(each, "id")) : body;
}

const ALLOWLIST = ["job_token_scope", "allowlist"];
const SWITCH = "ci_push_repository_for_job_token_allowed";

export const JOB_TOKENS: readonly Case[] = [
  {
    name: "may not push until the project says so",
    relies: "A job's own token cannot push, which is what this project is for.",
    steps: async (stage) => stage.server.get((await stage.project()).at()),
    expected: { status: 200, body: { [SWITCH]: false } },
  },
  {
    name: "may push once the project says so",
    relies: "The README names this way for pushes to the own project (18.4).",
    steps: async (stage) => stage.server.put((await stage.project()).at(), { [SWITCH]: true }),
    expected: { status: 200, body: { [SWITCH]: true } },
  },
  {
    name: "of other projects are kept out of a new one",
    relies: "The doctor names the allowlist where a job's token is turned away.",
    steps: async (stage) => stage.server.get((await stage.project()).at("job_token_scope")),
    expected: { status: 200, body: { inbound_enabled: true } },
  },
  {
    name: "of all projects are let in by a switch",
    relies: "The doctor names the switch where it is off.",
    steps: async (stage) => {
      const at = (await stage.project()).at("job_token_scope");
      const { status } = await stage.server.patch(at, { enabled: false });
      return [status, (await stage.server.get(at)).body];
    },
    expected: [204, { inbound_enabled: false }],
  },
  {
    name: "of the project itself are let in from the start",
    relies: "The allowlist has the project itself.",
    steps: async (stage) => {
      const project = await stage.project();
      const ids = await idsOf(stage, project.at(...ALLOWLIST));
      return Array.isArray(ids) && ids.map((id) => (id === project.id ? "itself" : id));
    },
    expected: ["itself"],
  },
  {
    name: "of another project are let in by an entry, once",
    relies: "The doctor's fix for a job's token that is turned away.",
    steps: async (stage) => {
      const [project, other] = [await stage.project(), await stage.project()];
      const add = () => stage.server.post(project.at(...ALLOWLIST), { target_project_id: other.id });
      return [(await add()).status, (await add()).status];
    },
    expected: [201, 400],
  },
  {
    name: "of a group's projects are let in by one entry",
    relies: "The doctor's fix for a job's token that is turned away.",
    steps: async (stage) => {
      const project = await stage.project();
      const at = project.at("job_token_scope", "groups_allowlist");
      const { status } = await stage.server.post(at, { target_group_id: stage.subgroup.id });
      const ids = await idsOf(stage, at);
      return [status, Array.isArray(ids) && ids.includes(stage.subgroup.id)];
    },
    expected: [201, true],
  },
];
