import type { Case } from "../case";
import { LEVEL, type Project, type Stage } from "../stage";

const rule = (stage: Stage, project: Project, settings: object) =>
  stage.server.post(project.at("protected_tags"), settings);

export const TAGS: readonly Case[] = [
  {
    name: "is for Maintainers where a rule names no level",
    relies: "Levels are always written out.",
    steps: async (stage) => rule(stage, await stage.project(), { name: "v*" }),
    expected: { status: 201, body: { name: "v*", create_access_levels: [{ access_level: LEVEL.maintainer }] } },
  },
  {
    name: "has the level that its rule names",
    relies: "A rule is what was reviewed.",
    steps: async (stage) => rule(stage, await stage.project(), { name: "v*", create_access_level: LEVEL.developer }),
    expected: { status: 201, body: { create_access_levels: [{ access_level: LEVEL.developer }] } },
  },
  {
    name: "that has a rule gets no second one of that name",
    relies: "What a broken deploy left is adopted, not made again.",
    steps: async (stage) => {
      const project = await stage.project();
      await rule(stage, project, { name: "v*" });
      return rule(stage, project, { name: "v*" });
    },
    expected: { status: 409, body: { message: "Protected tag 'v*' already exists" } },
  },
  {
    name: "whose rule was removed has none",
    relies: "The provider makes it again, and does not fail.",
    steps: async (stage) => {
      const project = await stage.project();
      await rule(stage, project, { name: "v*" });
      const at = project.at("protected_tags", "v*");
      return [(await stage.server.delete(at)).status, (await stage.server.get(at)).status];
    },
    expected: [204, 404],
  },
  {
    name: "is made by who its rule lets in",
    relies: "A bot tags releases.",
    steps: async (stage) => {
      const project = await stage.project();
      await rule(stage, project, { name: "v*", create_access_level: LEVEL.developer });
      const { value } = await project.bot("developer");
      return stage.push(project, "HEAD:refs/tags/v1", value);
    },
    expected: { pushed: true },
  },
  {
    name: "is not made by who its rule does not let in",
    relies: "The doctor knows the text.",
    steps: async (stage) => {
      const project = await stage.project();
      await rule(stage, project, { name: "v*" });
      const { value } = await project.bot("developer");
      return stage.push(project, "HEAD:refs/tags/v1", value);
    },
    expected: {
      pushed: false,
      refused: "hook",
      says: ["GitLab: You are not allowed to create this tag as it is protected."],
    },
  },
  {
    name: "that is protected is never moved",
    relies: "The doctor knows the text.",
    steps: async (stage) => {
      const project = await stage.project();
      await rule(stage, project, { name: "v*" });
      await stage.push(project, "HEAD:refs/tags/v1");
      return stage.push(project, "+HEAD:refs/tags/v1");
    },
    expected: { pushed: false, refused: "hook", says: ["GitLab: Protected tags cannot be updated."] },
  },
];
