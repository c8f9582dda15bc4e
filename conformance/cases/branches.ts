import type { Case } from "../case";
import { field } from "../server";
import { LEVEL, type Project, type Stage, succeeded } from "../stage";

const rule = (stage: Stage, project: Project, settings: object) =>
  stage.server.post(project.at("protected_branches"), settings);

const ROLES = (push: number, merge: number) => ({
  push_access_levels: [{ access_level: push }],
  merge_access_levels: [{ access_level: merge }],
});

export const BRANCHES: readonly Case[] = [
  {
    name: "gets a rule with the first commit, for Maintainers",
    relies: "The default branch has a rule before anything is declared, which is adopted.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.server.get(project.at("protected_branches", project.branch));
    },
    expected: { status: 200, body: { ...ROLES(LEVEL.maintainer, LEVEL.maintainer), allow_force_push: false } },
  },
  {
    name: "that is to be the default one has a name before the first commit",
    relies: "`discover` and the doctor know which branch a project means.",
    steps: async (stage) => {
      const { body } = await stage.server.get((await stage.project({ empty: true })).at());
      return { empty_repo: field(body, "empty_repo"), default_branch: field(body, "default_branch") };
    },
    expected: { empty_repo: true, default_branch: /./ },
  },
  {
    name: "is for Maintainers where a rule names no level",
    relies: "Levels are always written out.",
    steps: async (stage) => rule(stage, await stage.project(), { name: "release" }),
    expected: {
      status: 201,
      body: { name: "release", ...ROLES(LEVEL.maintainer, LEVEL.maintainer), allow_force_push: false },
    },
  },
  {
    name: "has the levels that its rule names",
    relies: "A rule is what was reviewed.",
    steps: async (stage) =>
      rule(stage, await stage.project(), { name: "release", push_access_level: 0, merge_access_level: 30 }),
    expected: { status: 201, body: ROLES(LEVEL["no one"], LEVEL.developer) },
  },
  {
    name: "has a deploy key's place among who may push, and none among who may merge",
    relies: "Entries of roles are told from those of users, groups and keys.",
    steps: async (stage) => {
      const { body } = await rule(stage, await stage.project(), { name: "release" });
      const has = (list: string): unknown => {
        const entries = field(body, list);
        return Array.isArray(entries) && Object.hasOwn(Object(entries[0]), "deploy_key_id");
      };
      return { push: has("push_access_levels"), merge: has("merge_access_levels") };
    },
    expected: { push: true, merge: false },
  },
  {
    name: "that has a rule gets no second one of that name",
    relies: "What a broken deploy left is adopted, not made again.",
    steps: async (stage) => {
      const project = await stage.project();
      await project.rule("release/*");
      return rule(stage, project, { name: "release/*" });
    },
    expected: { status: 409, body: { message: "Protected branch 'release/*' already exists" } },
  },
  {
    name: "takes no level that does not exist",
    relies: "Levels are GitLab's numbers.",
    steps: async (stage) => rule(stage, await stage.project(), { name: "release", push_access_level: 35 }),
    expected: { status: 400, body: { error: "push_access_level does not have a valid value" } },
  },
  {
    name: "is read by the exact name of its rule",
    relies: "A wildcard is one rule, under the name it was written with.",
    steps: async (stage) => {
      const project = await stage.project();
      await project.rule("release/*");
      const read = (name: string) => stage.server.get(project.at("protected_branches", name));
      return [await read("release/*"), (await read("release/1.0")).status];
    },
    expected: [{ status: 200, body: { name: "release/*" } }, 404],
  },
  {
    name: "lets force pushes in by a change in place",
    relies: "Drift of this switch is mended without an open moment.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.server.patch(project.at("protected_branches", project.branch), { allow_force_push: true });
    },
    expected: { status: 200, body: { allow_force_push: true, ...ROLES(LEVEL.maintainer, LEVEL.maintainer) } },
  },
  {
    name: "keeps its levels whatever a change in place asks for",
    relies: "A change of level replaces the rule, so a guard stands beside it.",
    steps: async (stage) => {
      const project = await stage.project();
      const at = project.at("protected_branches", project.branch);
      const settings = { push_access_level: 30, merge_access_level: 30, allow_force_push: false };
      return (await stage.server.patch(at, settings)).body;
    },
    expected: ROLES(LEVEL.maintainer, LEVEL.maintainer),
  },
  {
    name: "whose rule was removed has none",
    relies: "The provider makes it again, and does not fail.",
    steps: async (stage) => {
      const project = await stage.project();
      const at = project.at("protected_branches", project.branch);
      return [(await stage.server.delete(at)).status, (await stage.server.get(at)).status];
    },
    expected: [204, 404],
  },
  {
    name: "has no rule that a Developer made",
    relies: "The operator is a Maintainer.",
    steps: async (stage) => {
      const project = await stage.project();
      const { api } = await project.bot("developer", ["api"]);
      return api.post(project.at("protected_branches"), { name: "release" });
    },
    expected: { status: 403, body: { message: "403 Forbidden" } },
  },
  {
    name: "may be one user's alone",
    relies: "`push: bot` says that user and no role.",
    needs: ["premium"],
    steps: async (stage) => {
      const project = await stage.project();
      const { userId } = await project.bot("developer");
      const settings = { name: "release", push_access_level: 0, allowed_to_push: [{ user_id: userId }] };
      const { status, body } = await rule(stage, project, settings);
      const entries = field(body, "push_access_levels");
      const who = (entry: unknown) => (field(entry, "user_id") === userId ? "the bot" : field(entry, "access_level"));
      return { status, push: Array.isArray(entries) && entries.map(who) };
    },
    expected: { status: 201, push: [LEVEL["no one"], "the bot"] },
  },
  {
    name: "is no user's who is no member",
    relies: "A rule waits for the tokens of the bots it names.",
    needs: ["premium"],
    steps: async (stage) => {
      const [project, other] = [await stage.project(), await stage.project()];
      const { userId } = await other.bot("developer");
      return rule(stage, project, { name: "release", allowed_to_push: [{ user_id: userId }] });
    },
    expected: { status: 422, body: { message: ["Push access levels user is not a member of the project"] } },
  },
  {
    name: "loses a user by the entry's id and `_destroy`",
    relies: "Who is taken out of an inventory is taken out in place.",
    needs: ["premium"],
    steps: async (stage) => {
      const project = await stage.project();
      const { userId } = await project.bot("developer");
      const settings = { name: "release", push_access_level: 0, allowed_to_push: [{ user_id: userId }] };
      const made = succeeded("a rule", await rule(stage, project, settings));
      const entries = field(made, "push_access_levels");
      const id = field(
        (Array.isArray(entries) ? (entries as unknown[]) : []).find((entry) => field(entry, "user_id") === userId),
        "id",
      );
      return stage.server.patch(project.at("protected_branches", "release"), {
        allowed_to_push: [{ id, _destroy: true }],
      });
    },
    expected: { status: 200, body: { push_access_levels: [{ access_level: 0 }] } },
  },
  {
    name: "is a role's on Community Edition, whichever user is asked for",
    relies: "`edition: free` refuses users, as GitLab drops them in silence.",
    needs: ["free", "ce"],
    steps: async (stage) =>
      rule(stage, await stage.project(), { name: "release", allowed_to_push: [{ user_id: stage.operator }] }),
    expected: { status: 201, body: { push_access_levels: [{ access_level: LEVEL.maintainer }] } },
  },
  {
    name: "is refused with a user in it, on Enterprise Edition without a licence",
    relies: "`edition: free` refuses users, as GitLab refuses the rule.",
    needs: ["free", "ee"],
    steps: async (stage) =>
      rule(stage, await stage.project(), { name: "release", allowed_to_push: [{ user_id: stage.operator }] }),
    expected: { status: 422 },
  },
];
