import type { Case } from "../case";
import { field } from "../server";
import type { Project, Stage } from "../stage";

const at = (project: Project, ...rest: (string | number)[]) => project.at("terraform", "state", "stack", ...rest);

const STATE = { version: 4, serial: 1, lineage: "5a0a0d5c-0000-4000-8000-000000000000", resources: [] };

const lock = (ID: string) => ({
  ID,
  Operation: "OperationTypeApply",
  Info: "",
  Who: "somebody@somewhere",
  Version: "1.11.0",
  Created: "2026-01-01T00:00:00Z",
  Path: "",
});

async function locked(stage: Stage, project: Project): Promise<number> {
  return (await stage.server.post(at(project, "lock"), lock("first"))).status;
}

export const STATES: readonly Case[] = [
  {
    name: "that nobody wrote does not exist",
    relies: "A new stack is told from a state that is empty.",
    steps: async (stage) => (await stage.server.get(at(await stage.project()))).status,
    expected: 404,
  },
  {
    name: "comes back as it was written",
    relies: "`state push` and `restore` compare what they read with what they wrote.",
    steps: async (stage) => {
      const project = await stage.project();
      const { status } = await stage.server.post(at(project), STATE);
      return [status, await stage.server.get(at(project))];
    },
    expected: [200, { status: 200, body: STATE }],
  },
  {
    name: "without a serial is refused",
    relies: "What is no state is never kept as one.",
    steps: async (stage) => (await stage.server.post(at(await stage.project()), { version: 4 })).status,
    expected: 422,
  },
  {
    name: "keeps its earlier versions by serial",
    relies: "`state restore` brings an earlier one back.",
    steps: async (stage) => {
      const project = await stage.project();
      await stage.server.post(at(project), STATE);
      await stage.server.post(at(project), { ...STATE, serial: 2 });
      return stage.server.get(at(project, "versions", 1));
    },
    expected: { status: 200, body: { serial: 1 } },
  },
  {
    name: "is empty while it is only locked",
    relies: "A lock comes before the first write.",
    steps: async (stage) => {
      const project = await stage.project();
      return [await locked(stage, project), (await stage.server.get(at(project))).status];
    },
    expected: [200, 204],
  },
  {
    name: "that is locked tells whoever comes by whose lock it is",
    relies: "`state lock` shows who holds it.",
    steps: async (stage) => {
      const project = await stage.project();
      await locked(stage, project);
      const { status, body } = await stage.server.post(at(project, "lock"), lock("second"));
      return { status, id: field(body, "ID"), named: typeof field(body, "Who") === "string" };
    },
    expected: { status: 409, id: "first", named: true },
  },
  {
    name: "that is locked is written with the lock's id",
    relies: "A deploy writes what it locked.",
    steps: async (stage) => {
      const project = await stage.project();
      await locked(stage, project);
      return (await stage.server.post(at(project), STATE, { ID: "first" })).status;
    },
    expected: 200,
  },
  {
    name: "that is locked is not written with another id",
    relies: "Two deploys never write over each other.",
    steps: async (stage) => {
      const project = await stage.project();
      await locked(stage, project);
      const { status } = await stage.server.post(at(project), STATE, { ID: "second" });
      return { refused: status >= 400, afterwards: (await stage.server.get(at(project))).status };
    },
    expected: { refused: true, afterwards: 204 },
  },
  {
    name: "is not unlocked with another id",
    relies: "A deploy gives back its own lock only.",
    steps: async (stage) => {
      const project = await stage.project();
      await locked(stage, project);
      return (await stage.server.delete(at(project, "lock"), lock("second"))).status;
    },
    expected: 409,
  },
  {
    name: "is unlocked with the lock's id, and by force without one",
    relies: "`state lock --break` ends a lock that nobody holds any more.",
    steps: async (stage) => {
      const project = await stage.project();
      await locked(stage, project);
      const own = (await stage.server.delete(at(project, "lock"), lock("first"))).status;
      await locked(stage, project);
      return [own, (await stage.server.delete(at(project, "lock"))).status, await locked(stage, project)];
    },
    expected: [200, 200, 200],
  },
  {
    name: "is read by Developers, and locked by Maintainers",
    relies: "Plans of merge requests run with less than deploys.",
    steps: async (stage) => {
      const project = await stage.project();
      await stage.server.post(at(project), STATE);
      const { api } = await project.bot("developer", ["api"]);
      return [(await api.get(at(project))).status, (await api.post(at(project, "lock"), lock("first"))).status];
    },
    expected: [200, 403],
  },
];
