import type { Case } from "../case";
import { field } from "../server";
import { LEVEL, type Stage, succeeded } from "../stage";

/** Plays steps while a rule of the top-level group stands, whose pattern matches no branch but this run's. */
async function withGroupRule(
  stage: Stage,
  settings: object,
  steps: (pattern: string) => Promise<unknown>,
): Promise<unknown> {
  const [top = "", ...below] = stage.subgroup.fullPath.split("/");
  const pattern = `${below.at(-1)}/*`;
  const server = stage.server.unstoppable();
  const at = ["groups", top, "protected_branches"];
  succeeded("a rule of the group", await stage.server.post(at, { name: pattern, ...settings }));
  try {
    return await steps(pattern);
  } finally {
    await server.delete([...at, pattern]);
  }
}

const NEEDS = ["premium", "rules of the group"] as const;

export const GROUP_RULES: readonly Case[] = [
  {
    name: "are not for a subgroup",
    relies: "Only top-level groups are looked at for rules.",
    steps: async ({ server, subgroup }) =>
      (await server.post(["groups", subgroup.id, "protected_branches"], { name: "main" })).status,
    expected: 404,
  },
  {
    name: "are among the rules of a project, as inherited ones",
    relies: "`discover`, `review` and the doctor see them in the project.",
    needs: NEEDS,
    steps: (stage) =>
      withGroupRule(stage, {}, async (pattern) => {
        const { body } = await stage.server.get((await stage.project()).at("protected_branches"));
        const rules = Array.isArray(body) ? (body as unknown[]) : [];
        return field(
          rules.find((rule) => field(rule, "name") === pattern),
          "inherited",
        );
      }),
    expected: true,
  },
  {
    name: "are not found in a project by their name",
    relies: "The list of rules is asked for, not a name.",
    needs: NEEDS,
    steps: (stage) =>
      withGroupRule(stage, {}, async (pattern) => {
        const project = await stage.project();
        return (await stage.server.get(project.at("protected_branches", pattern))).status;
      }),
    expected: 404,
  },
  {
    name: "open a branch that a rule of the project closes",
    relies: "The most permissive of all matching rules decides, the group's among them.",
    needs: NEEDS,
    steps: (stage) =>
      withGroupRule(stage, { push_access_level: LEVEL.developer }, async (pattern) => {
        const project = await stage.project();
        await project.rule(pattern.replace("*", "closed"), { push_access_level: 0, merge_access_level: 0 });
        const { value } = await project.bot("developer");
        return stage.push(project, `HEAD:refs/heads/${pattern.replace("*", "closed")}`, value);
      }),
    expected: { pushed: true },
  },
  {
    name: "close a branch that no rule of the project names",
    relies: "A refused push may be the work of a rule that no project shows.",
    needs: NEEDS,
    steps: (stage) =>
      withGroupRule(stage, { push_access_level: 0, merge_access_level: 0 }, async (pattern) => {
        const project = await stage.project();
        const { value } = await project.bot("developer");
        return stage.push(project, `HEAD:refs/heads/${pattern.replace("*", "closed")}`, value);
      }),
    expected: {
      pushed: false,
      refused: "hook",
      says: ["GitLab: You are not allowed to create protected branches on this project."],
    },
  },
];
