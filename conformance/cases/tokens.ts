import type { Case } from "../case";
import { inDays } from "../days";
import { type Answer, field } from "../server";
import { LEVEL, type Project, type Stage, succeeded } from "../stage";

const SETTINGS = {
  name: "bot",
  description: "stack, pusher and slot",
  scopes: ["write_repository"],
  access_level: LEVEL.developer,
};

const create = (stage: Stage, project: Project, settings: object = {}): Promise<Answer> =>
  stage.server.post(project.at("access_tokens"), { ...SETTINGS, expires_at: inDays(2), ...settings });

async function created(stage: Stage, settings?: object): Promise<{ project: Project; token: unknown; id: number }> {
  const project = await stage.project();
  const token = succeeded("a project access token", await create(stage, project, settings));
  return { project, token, id: Number(field(token, "id")) };
}

const rotate = (stage: Stage, project: Project, id: number, settings: object = { expires_at: inDays(3) }) =>
  stage.server.post(project.at("access_tokens", id, "rotate"), settings);

export const TOKENS: readonly Case[] = [
  {
    name: "is made with the description, scopes, role and date that were asked for",
    relies: "The token in GitLab is the one that was reviewed, and its description tells whose it is.",
    steps: async (stage) => create(stage, await stage.project()),
    expected: {
      status: 201,
      body: { ...SETTINGS, expires_at: inDays(2), active: true, revoked: false, token: /^.{20,}$/ },
    },
  },
  {
    name: "is a Maintainer's where no role is asked for",
    relies: "The role is always written out, as this default is too strong.",
    steps: async (stage) => create(stage, await stage.project(), { access_level: undefined }),
    expected: { status: 201, body: { access_level: LEVEL.maintainer } },
  },
  {
    name: "that lives beyond the limit is refused",
    relies: "`check` refuses such dates before GitLab does.",
    steps: async (stage) => create(stage, await stage.project(), { expires_at: inDays(800) }),
    expected: { status: 400, body: { message: /^400 Bad request - Expires at must be before \d{4}-\d\d-\d\d$/ } },
  },
  {
    name: "with a past date is made all the same, and dead",
    relies: "Past dates fail the synth, as nobody else says anything.",
    steps: async (stage) => create(stage, await stage.project(), { expires_at: inDays(-1) }),
    expected: { status: 201, body: { expires_at: inDays(-1), active: false, revoked: false } },
  },
  {
    name: "with a scope that does not exist is refused",
    relies: "Scopes in an inventory are not checked further than by GitLab.",
    steps: async (stage) => create(stage, await stage.project(), { scopes: ["push_everywhere"] }),
    expected: { status: 400, body: { error: "scopes does not have a valid value" } },
  },
  {
    name: "with write_repository only cannot use the API",
    relies: "What a job holds can push, and do nothing else.",
    steps: async (stage) => {
      const project = await stage.project();
      return (await project.bot("maintainer")).api.get(project.at());
    },
    expected: { status: 403, body: { error: "insufficient_scope" } },
  },
  {
    name: "keeps its user, name, description and scopes when rotated, and gets a new id and value",
    relies: "A rotation costs no rule its user, and is told from a replacement.",
    steps: async (stage) => {
      const { project, token, id } = await created(stage);
      const { status, body } = await rotate(stage, project, id);
      const kept = field(body, "user_id") === field(token, "user_id");
      const isNew = field(body, "id") !== id && field(body, "token") !== field(token, "token");
      return { status, body, kept, isNew };
    },
    expected: {
      status: 200,
      body: { ...SETTINGS, expires_at: inDays(3), active: true, revoked: false },
      kept: true,
      isNew: true,
    },
  },
  {
    name: "that was rotated out is revoked, and can still be read",
    relies: "`status` and the doctor tell a rotation from a token that is gone.",
    steps: async (stage) => {
      const { project, id } = await created(stage);
      await rotate(stage, project, id);
      return stage.server.get(project.at("access_tokens", id));
    },
    expected: { status: 200, body: { active: false, revoked: true } },
  },
  {
    name: "lives one week more when rotated without a date",
    relies: "A date is always sent.",
    steps: async (stage) => {
      const { project, id } = await created(stage);
      return rotate(stage, project, id, {});
    },
    expected: { status: 200, body: { expires_at: inDays(7) } },
  },
  {
    name: "that is revoked cannot be rotated",
    relies: "A token revoked by hand is replaced, and the plan says so.",
    steps: async (stage) => {
      const { project, id } = await created(stage);
      await stage.server.delete(project.at("access_tokens", id));
      return rotate(stage, project, id);
    },
    expected: { status: 400, body: { message: /Token already revoked/ } },
  },
  {
    name: "that is past its date can be rotated",
    relies: "A lapsed slot is rotated like any other.",
    steps: async (stage) => {
      const { project, id } = await created(stage, { expires_at: inDays(-1) });
      return rotate(stage, project, id);
    },
    expected: { status: 200, body: { active: true, expires_at: inDays(3) } },
  },
  {
    name: "is refused by the API with its reason once it is revoked",
    relies: "The doctor tells revoked from mistyped.",
    steps: async (stage) => {
      const project = await stage.project();
      const bot = await project.bot("developer", ["read_api"]);
      const { status } = await stage.server.delete(project.at("access_tokens", bot.id));
      return { revocation: status, afterwards: await bot.api.get(project.at()) };
    },
    expected: {
      revocation: 204,
      afterwards: { status: 401, body: { error: "invalid_token", error_description: /^Token was revoked/ } },
    },
  },
  {
    name: "that nobody knows is refused without a reason",
    relies: "The doctor tells revoked from mistyped.",
    steps: async (stage) => stage.server.as(`glpat-${"0".repeat(20)}`).get(["user"]),
    expected: { status: 401, body: { message: "401 Unauthorized" } },
  },
  {
    name: "of a list is there whether it lives or not, and `state` tells them apart",
    relies: "`status` finds what is left over.",
    steps: async (stage) => {
      const { project, id } = await created(stage);
      succeeded("a project access token", await create(stage, project));
      await stage.server.delete(project.at("access_tokens", id));
      const count = async (query: Record<string, string>) => {
        const { body } = await stage.server.get(project.at("access_tokens"), query);
        return Array.isArray(body) ? body.length : body;
      };
      return [await count({}), await count({ state: "active" }), await count({ state: "inactive" })];
    },
    expected: [2, 1, 1],
  },
  {
    name: "that does not exist is told by its name",
    relies: "A token that is gone is told from a project that is.",
    steps: async (stage) => stage.server.get((await stage.project()).at("access_tokens", 1)),
    expected: { status: 404, body: { message: "404 project Access Token Not Found" } },
  },
  {
    name: "has a user of its own, a member of the project with its role",
    relies: "A rule names the bot, and GitLab takes it as a member.",
    steps: async (stage) => {
      const project = await stage.project();
      const bot = await project.bot("developer");
      return stage.server.get(project.at("members", bot.userId));
    },
    expected: {
      status: 200,
      body: { username: /^project_\d+_bot_[0-9a-f]+$/, access_level: LEVEL.developer, expires_at: null },
    },
  },
  {
    name: "has a user whose role nobody changes by the members API",
    relies: "The role is the token's: another one is another token.",
    steps: async (stage) => {
      const project = await stage.project();
      const { userId } = await project.bot("developer");
      return stage.server.put(project.at("members", userId), { access_level: LEVEL.maintainer });
    },
    expected: { status: 403, body: { message: "403 Forbidden" } },
  },
  {
    name: "has a user whom nobody removes by the members API",
    relies: "A bot goes with its token.",
    steps: async (stage) => {
      const project = await stage.project();
      const { userId } = await project.bot("developer");
      return stage.server.delete(project.at("members", userId));
    },
    expected: { status: 403, body: { message: "403 Forbidden" } },
  },
  {
    name: "cannot be made with a project access token",
    relies: "The operator's token is a person's.",
    steps: async (stage) => {
      const project = await stage.project();
      const { api } = await project.bot("maintainer", ["api"]);
      return api.post(project.at("access_tokens"), { ...SETTINGS, expires_at: inDays(2) });
    },
    expected: { status: 400, body: { message: /User does not have permission to create project access token/ } },
  },
  {
    name: "is not shown to Developers",
    relies: "`discover` says what it could not see.",
    steps: async (stage) => {
      const project = await stage.project();
      return (await project.bot("developer", ["api"])).api.get(project.at("access_tokens"));
    },
    expected: { status: 401, body: { message: "401 Unauthorized" } },
  },
];
