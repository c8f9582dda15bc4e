import type { Case } from "../case";
import { LEVEL, succeeded } from "../stage";

/** A push that the server's checks of branches declined. */
const declined = (...says: (string | RegExp)[]) => ({ pushed: false, refused: "hook", says });

/** A push that was turned away before anything was sent. */
const turnedAway = (status: number, ...says: (string | RegExp)[]) => ({ pushed: false, refused: status, says });

const PUSHED = { pushed: true };
const ACCESS_DENIED = turnedAway(401, /^HTTP Basic: Access denied\. If a password was provided/);
const PROTECTED = declined("GitLab: You are not allowed to push code to protected branches on this project.");
const NO_ROLE = turnedAway(403, "You are not allowed to push code to this project.");

export const PUSHES: readonly Case[] = [
  {
    name: "of a Developer's bot reaches a branch without a rule",
    relies: "A token of role developer and scope write_repository is enough to push.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, "HEAD:refs/heads/topic", (await project.bot("developer")).value);
    },
    expected: PUSHED,
  },
  {
    name: "goes by the token, whatever the user name is",
    relies: "The job's script needs no user name.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, "HEAD:refs/heads/topic", (await project.bot("developer")).value, "gitlab-ci-token");
    },
    expected: PUSHED,
  },
  {
    name: "that asks for no pipeline is taken",
    relies: "A bot's push that would start the pipeline it came from says `-o ci.skip`.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, ["--push-option=ci.skip", "HEAD:refs/heads/topic"]);
    },
    expected: PUSHED,
  },
  {
    name: "of a Developer's bot does not reach a branch of Maintainers",
    relies: "The doctor knows the text.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, `HEAD:${project.branch}`, (await project.bot("developer")).value);
    },
    expected: PROTECTED,
  },
  {
    name: "of a Developer's bot reaches a branch of Developers",
    relies: "`push: developer` lets the bot in on Free.",
    steps: async (stage) => {
      const project = await stage.project();
      await project.ruleInstead({ push_access_level: LEVEL.developer });
      return stage.push(project, `HEAD:${project.branch}`, (await project.bot("developer")).value);
    },
    expected: PUSHED,
  },
  {
    name: "gets in by the most permissive of all rules that match",
    relies: "A synth with such a wildcard fails, and names both rules.",
    steps: async (stage) => {
      const project = await stage.project();
      await project.ruleInstead({ push_access_level: 0, merge_access_level: 0 });
      await project.rule(`${project.branch.slice(0, 1)}*`, { push_access_level: LEVEL.developer });
      return stage.push(project, `HEAD:${project.branch}`, (await project.bot("developer")).value);
    },
    expected: PUSHED,
  },
  {
    name: "is kept out by a closed wildcard while the branch's own rule is gone",
    relies: "A guard keeps a branch shut while its rule is replaced.",
    steps: async (stage) => {
      const project = await stage.project();
      const { branch } = project;
      const closed = { push_access_level: 0, merge_access_level: 0 };
      await project.rule(`${branch.slice(0, -1)}*${branch.slice(-1)}`, closed);
      await stage.server.delete(project.at("protected_branches", branch));
      return stage.push(project, `HEAD:${branch}`, (await project.bot("maintainer")).value);
    },
    expected: PROTECTED,
  },
  {
    name: "that rewrites a protected branch is refused for that, also to whom may push",
    relies: "The doctor tells a forced push from a missing right.",
    steps: async (stage) => {
      const project = await stage.project();
      const copy = await stage.copy();
      return copy.push(project.url, (await project.bot("maintainer")).value, [`+HEAD:${project.branch}`]);
    },
    expected: declined("GitLab: You are not allowed to force push code to a protected branch on this project."),
  },
  {
    name: "of a new branch that a rule closes is refused in other words",
    relies: "The doctor knows the text.",
    steps: async (stage) => {
      const project = await stage.project();
      await project.rule("release/*");
      return stage.push(project, "HEAD:refs/heads/release/1.0", (await project.bot("developer")).value);
    },
    expected: declined("GitLab: You are not allowed to create protected branches on this project."),
  },
  {
    name: "does not delete a protected branch, not even a Maintainer's",
    relies: "The doctor knows the text.",
    steps: async (stage) => {
      const project = await stage.project();
      await project.commit("release");
      await project.rule("release");
      return stage.push(project, ":refs/heads/release", (await project.bot("maintainer")).value);
    },
    expected: declined("GitLab: You can only delete protected branches using the web interface."),
  },
  {
    name: "does not delete the default branch",
    relies: "The doctor knows the text.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, `:refs/heads/${project.branch}`, (await project.bot("maintainer")).value);
    },
    expected: declined("GitLab: The default branch of a project cannot be deleted."),
  },
  {
    name: "makes no branch that is called like a commit",
    relies: "The doctor knows the text.",
    steps: async (stage) => stage.push(await stage.project(), `HEAD:refs/heads/${"a".repeat(40)}`),
    expected: declined("GitLab: You cannot create a branch with a 40-character hexadecimal branch name."),
  },
  {
    name: "of a Reporter's bot is turned away before anything is sent",
    relies: "The doctor tells a role that is too low from a rule.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, "HEAD:refs/heads/topic", (await project.bot("reporter")).value);
    },
    expected: NO_ROLE,
  },
  {
    name: "with a token that may only read is turned away for its scope",
    relies: "The doctor tells a scope from a role.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, "HEAD:refs/heads/topic", (await project.bot("developer", ["read_repository"])).value);
    },
    expected: turnedAway(403, "You are not allowed to upload code."),
  },
  {
    name: "with a token of scope api is taken",
    relies: "`discover` counts tokens of scope api among those that push.",
    steps: async (stage) => {
      const project = await stage.project();
      return stage.push(project, "HEAD:refs/heads/topic", (await project.bot("developer", ["api"])).value);
    },
    expected: PUSHED,
  },
  {
    name: "with a revoked token is turned away",
    relies: "The doctor names the token's end among the causes of a 401.",
    steps: async (stage) => {
      const project = await stage.project();
      const bot = await project.bot("developer");
      await stage.server.delete(project.at("access_tokens", bot.id));
      return stage.push(project, "HEAD:refs/heads/topic", bot.value);
    },
    expected: ACCESS_DENIED,
  },
  {
    name: "with an empty password is turned away in the same words",
    relies: "The doctor names the empty variable first.",
    steps: async (stage) => stage.push(await stage.project(), "HEAD:refs/heads/topic", ""),
    expected: ACCESS_DENIED,
  },
  {
    name: "with the token of another private project is turned away in the same words",
    relies: "The doctor names the wrong project among the causes of a 401.",
    steps: async (stage) => {
      const [project, other] = [await stage.project(), await stage.project()];
      return stage.push(project, "HEAD:refs/heads/topic", (await other.bot("maintainer")).value);
    },
    expected: ACCESS_DENIED,
  },
  {
    name: "to a project that is not there is turned away",
    relies: "The doctor tells a wrong path from a wrong token.",
    steps: async (stage) => {
      const project = await stage.project();
      const { value } = await project.bot("developer");
      const copy = await stage.copy();
      return copy.push(`${stage.server.baseUrl}/${stage.subgroup.fullPath}/not-there.git`, value, ["HEAD:main"]);
    },
    expected: turnedAway(
      404,
      "The project you were looking for could not be found or you don't have permission to view it.",
    ),
  },
  {
    name: "to an archived project is turned away",
    relies: "The doctor knows the text.",
    steps: async (stage) => {
      const project = await stage.project();
      const { value } = await project.bot("maintainer");
      succeeded("an archived project", await stage.server.post(project.at("archive")));
      return stage.push(project, "HEAD:refs/heads/topic", value);
    },
    expected: turnedAway(403, "You can't push code to an archived project."),
  },
  {
    name: "of a Developer's bot does not begin an empty project",
    relies: "The doctor tells a project without a branch from a rule.",
    steps: async (stage) => {
      const project = await stage.project({ empty: true });
      const copy = await stage.copy();
      return copy.push(project.url, (await project.bot("developer")).value, ["HEAD:refs/heads/main"]);
    },
    expected: declined(
      "GitLab:",
      /^A default branch \(e\.g\. \S+\) does not yet exist for \S+$/,
      "Ask a project Owner or Maintainer to create a default branch:",
      /\/-\/project_members$/,
    ),
  },
  {
    name: "with the value before a rotation is turned away at once",
    relies: "Two slots: a running job keeps the token that was not rotated.",
    steps: async (stage) => {
      const project = await stage.project();
      const bot = await project.bot("developer");
      await stage.server.post(project.at("access_tokens", bot.id, "rotate"));
      return stage.push(project, "HEAD:refs/heads/topic", bot.value);
    },
    expected: ACCESS_DENIED,
  },
  {
    name: "reaches a branch that is the bot's alone, with the value after a rotation too",
    relies: "`push: bot` lets that bot through, and a rotation costs no rule.",
    needs: ["premium"],
    steps: async (stage) => {
      const project = await stage.project();
      const bot = await project.bot("developer");
      await project.ruleInstead({ push_access_level: 0, allowed_to_push: [{ user_id: bot.userId }] });
      const before = await stage.push(project, `HEAD:${project.branch}`, bot.value);
      const at = project.at("access_tokens", bot.id, "rotate");
      const { token } = succeeded("a rotation", await stage.server.post(at)) as { token: string };
      return [before, await stage.push(project, `HEAD:${project.branch}`, token)];
    },
    expected: [PUSHED, PUSHED],
  },
  {
    name: "of the project's Owner does not reach a branch that is the bot's alone",
    relies: "`push: bot` lets nobody else through.",
    needs: ["premium"],
    steps: async (stage) => {
      const project = await stage.project();
      const bot = await project.bot("developer");
      await project.ruleInstead({ push_access_level: 0, allowed_to_push: [{ user_id: bot.userId }] });
      return stage.push(project, `HEAD:${project.branch}`);
    },
    expected: PROTECTED,
  },
];
