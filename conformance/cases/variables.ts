import type { Case } from "../case";
import { field } from "../server";
import { type Project, type Stage, succeeded } from "../stage";

const VARIABLE = {
  key: "PUSH_TOKEN",
  value: "long-enough-to-be-masked",
  description: "whose it is",
  environment_scope: "*",
  masked: true,
  protected: true,
  raw: true,
  variable_type: "env_var",
};

const create = (stage: Stage, project: Project, settings: object = {}) =>
  stage.server.post(project.at("variables"), { ...VARIABLE, ...settings });

async function created(stage: Stage, settings: object = {}): Promise<Project> {
  const project = await stage.project();
  succeeded("a variable", await create(stage, project, settings));
  return project;
}

const HIDDEN = { masked: undefined, masked_and_hidden: true };

export const VARIABLES: readonly Case[] = [
  {
    name: "has every flag that was asked for",
    relies: "What carries a token is protected, masked and raw.",
    steps: async (stage) => create(stage, await stage.project()),
    expected: { status: 201, body: { ...VARIABLE, hidden: false } },
  },
  {
    name: "is open where no flag is asked for",
    relies: "Every flag is written out.",
    steps: async (stage) => stage.server.post((await stage.project()).at("variables"), { key: "KEY", value: "v" }),
    expected: {
      status: 201,
      body: { protected: false, masked: false, hidden: false, raw: false, environment_scope: "*" },
    },
  },
  {
    name: "that is expanded and masked takes no characters beside GitLab's",
    relies: "`check` refuses such a value, and variables of tokens are raw.",
    steps: async (stage) => create(stage, await stage.project(), { raw: false, value: "with%percent-sign" }),
    expected: { status: 400, body: { message: { value: ["is invalid"] } } },
  },
  {
    name: "that is raw and masked takes them",
    relies: "A token of any form can be masked.",
    steps: async (stage) => create(stage, await stage.project(), { value: "with%percent-sign" }),
    expected: { status: 201, body: { value: "with%percent-sign", masked: true } },
  },
  {
    name: "of seven characters cannot be masked",
    relies: "Shorter values are left alone when logs are searched.",
    steps: async (stage) => create(stage, await stage.project(), { value: "seven77" }),
    expected: { status: 400, body: { message: { value: ["is invalid"] } } },
  },
  {
    name: "that is hidden is masked, and its value is never shown",
    relies: "`discover` says that a value could not be seen.",
    steps: async (stage) => create(stage, await stage.project(), HIDDEN),
    expected: { status: 201, body: { hidden: true, masked: true, value: null } },
  },
  {
    name: "that is hidden cannot be unmasked",
    relies: "The provider's update must send `masked`.",
    steps: async (stage) => {
      const project = await created(stage, HIDDEN);
      return stage.server.put(project.at("variables", VARIABLE.key), { value: VARIABLE.value, masked: false });
    },
    expected: {
      status: 400,
      body: { message: { base: ["The visibility setting cannot be changed for masked and hidden variables."] } },
    },
  },
  {
    name: "cannot become hidden later",
    relies: "`hidden` is written out, and replaces the variable.",
    steps: async (stage) => {
      const project = await created(stage);
      return stage.server.put(project.at("variables", VARIABLE.key), { ...HIDDEN, value: VARIABLE.value });
    },
    expected: {
      status: 400,
      body: { message: { base: ["Only new variables can be set as masked and hidden."] } },
    },
  },
  {
    name: "of a key that is taken is refused",
    relies: "What a broken deploy left is adopted, not made again.",
    steps: async (stage) => create(stage, await created(stage)),
    expected: { status: 400, body: { message: { key: ["(PUSH_TOKEN) has already been taken"] } } },
  },
  {
    name: "of a key with a hyphen is refused",
    relies: "`check` refuses such keys.",
    steps: async (stage) => create(stage, await stage.project(), { key: "PUSH-TOKEN" }),
    expected: { status: 400, body: { message: { key: ["can contain only letters, digits and '_'."] } } },
  },
  {
    name: "may stand beside one of the same key for another environment",
    relies: "A variable is known by key and environment.",
    steps: async (stage) => create(stage, await created(stage), { environment_scope: "production" }),
    expected: { status: 201, body: { environment_scope: "production" } },
  },
  {
    name: "is found by its environment where several have the key",
    relies: "A variable is known by key and environment.",
    steps: async (stage) => {
      const project = await created(stage);
      succeeded("a variable", await create(stage, project, { environment_scope: "production" }));
      const at = project.at("variables", VARIABLE.key);
      return [await stage.server.get(at), await stage.server.get(at, { "filter[environment_scope]": "production" })];
    },
    expected: [
      { status: 409, body: { message: /There are multiple variables with provided parameters/ } },
      { status: 200, body: { environment_scope: "production" } },
    ],
  },
  {
    name: "keeps the flags that a change leaves out",
    relies: "A rotation changes the value alone.",
    steps: async (stage) => {
      const project = await created(stage);
      return stage.server.put(project.at("variables", VARIABLE.key), { value: "another-long-value" });
    },
    expected: { status: 200, body: { ...VARIABLE, value: "another-long-value" } },
  },
  {
    name: "that was removed is told by its name",
    relies: "The provider makes it again, and does not fail.",
    steps: async (stage) => {
      const project = await created(stage);
      const at = project.at("variables", VARIABLE.key);
      const { status } = await stage.server.delete(at);
      return [status, await stage.server.get(at)];
    },
    expected: [204, { status: 404, body: { message: "404 Variable Not Found" } }],
  },
  {
    name: "is not shown to Developers",
    relies: "Who may read it in a job is who may push to a protected branch.",
    steps: async (stage) => {
      const project = await created(stage);
      return (await project.bot("developer", ["api"])).api.get(project.at("variables"));
    },
    expected: { status: 403, body: { message: "403 Forbidden" } },
  },
  {
    name: "of a group has the same flags",
    relies: "A group's variable carries a token to all its projects.",
    steps: (stage) => stage.server.post(["groups", stage.subgroup.id, "variables"], { ...VARIABLE, key: "GROUP_KEY" }),
    expected: { status: 201, body: { ...VARIABLE, key: "GROUP_KEY", hidden: false } },
  },
  {
    name: "of a group that is not there is told by its name",
    relies: "The provider makes it again, and does not fail.",
    steps: (stage) => stage.server.get(["groups", stage.subgroup.id, "variables", "NOT_THERE"]),
    expected: { status: 404, body: { message: "404 GroupVariable Not Found" } },
  },
  {
    name: "of a group is for one environment",
    relies: "`edition: premium` allows a group's environment.",
    needs: ["premium"],
    steps: scopedOfGroup,
    expected: { status: 201, scope: "production" },
  },
  {
    name: "of a group is for all environments, whatever is asked for",
    relies: "`edition: free` refuses a group's environment, as GitLab drops it in silence.",
    needs: ["free"],
    steps: scopedOfGroup,
    expected: { status: 201, scope: "*" },
  },
];

async function scopedOfGroup(stage: Stage): Promise<unknown> {
  const { status, body } = await stage.server.post(["groups", stage.subgroup.id, "variables"], {
    ...VARIABLE,
    key: "SCOPED_KEY",
    environment_scope: "production",
  });
  return { status, scope: field(body, "environment_scope") };
}
