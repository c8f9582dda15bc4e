import { DEVELOPER } from "../../gitlab/role";
import type { Estate, ProjectPicture, TokenPicture, VariablePicture } from "../estate";
import { whoText } from "../who";
import { few } from "./few";
import type { FindingRule, Found } from "./finding";
import { tokenText, variableText } from "./tokens";

export const variableUnprotected: FindingRule = {
  id: "variable-unprotected",
  severity: "danger",
  title: "a variable gives a token to jobs of every branch",
  allowed: "protected: every Developer can push a branch whose job prints or uses the token",
  fix: 'switch "Protect variable" on; branches that push with it need a rule',
  find: (estate) => ofVariables(estate, ({ protected: closed }) => (closed ? "" : "not protected")),
};

export const variableUnmasked: FindingRule = {
  id: "variable-unmasked",
  severity: "danger",
  title: "a variable shows a token in job logs",
  allowed: "masked",
  fix: "switch masking on; rotate the token if a log may have shown it",
  find: (estate) => ofVariables(estate, ({ masked }) => (masked ? "" : "not masked")),
};

export const variableDead: FindingRule = {
  id: "variable-dead",
  severity: "warning",
  title: "a variable carries a dead token",
  allowed: "a living token, or no variable",
  fix: "give it a living one, or delete it where no job reads it",
  find: ({ variables }) =>
    variables.flatMap((variable) =>
      variable.carries.kind === "dead"
        ? [found(variable, variable.carries.status === "unknown" ? "GitLab does not know it" : variable.carries.status)]
        : [],
    ),
};

/** Protected variables go to jobs on protected branches: whoever may push to one of them can read the token. */
export const variableReadable: FindingRule = {
  id: "variable-readable",
  severity: "warning",
  title: "Developers can read a token that may push where they may not",
  allowed:
    "a protected variable of a project in which only those push to protected branches who may push what the token may",
  fix: "close the protected branches of the variable's project to Developers, or give the variable an environment that Developers cannot deploy to",
  find: (estate) =>
    estate.variables.flatMap((variable) => {
      if (!variable.protected || variable.carries.kind !== "token") return [];
      const { token: id } = variable.carries;
      const readable = readersOf(variable, estate.projects);
      const token = estate.tokens.find((each) => each.id === id);
      if (readable === undefined || !token) return [];
      const gained = estate.projects.flatMap((project) => gains(project, id, variable));
      if (gained.length === 0) return [];
      return [found(variable, `${readable}; ${tokenText(token)} pushes to ${few(gained)}`)];
    }),
};

/** The first project whose protected branch takes pushes of Developers. */
function readersOf({ home }: VariablePicture, projects: readonly ProjectPicture[]): string | undefined {
  for (const { path, branches } of projects.filter((project) => isIn(project, home))) {
    const branch = branches?.find(({ protected: closed, guard, push }) => closed && !guard && letsDevelopers(push));
    if (branch) return `${whoText(branch.push)} push to ${branch.name} of ${path}`;
  }
  return undefined;
}

const isIn = ({ path }: ProjectPicture, home: VariablePicture["home"]): boolean =>
  home.kind === "project" ? path === home.path : path.startsWith(`${home.path}/`);

/** The branches that a token's holder may push to and Developers may not: in the variable's own project what is closed to them, elsewhere all. */
function gains(project: ProjectPicture, token: TokenPicture["id"], { home }: VariablePicture): string[] {
  const isOwn = home.kind === "project" && project.path === home.path;
  return (project.branches ?? [])
    .filter(
      ({ protected: closed, tokens, push }) => closed && tokens.includes(token) && !(isOwn && letsDevelopers(push)),
    )
    .map(({ name }) => `${name} of ${project.path}`);
}

const letsDevelopers = (push: NonNullable<ProjectPicture["branches"]>[number]["push"]): boolean =>
  push.some((who) => who.kind === "role" && who.level <= DEVELOPER);

/** Those that carry a living token, or seem to. */
const ofVariables = ({ variables }: Estate, words: (variable: VariablePicture) => string): Found[] =>
  variables.flatMap((variable) => {
    const got = variable.carries.kind === "dead" ? "" : words(variable);
    return got === "" ? [] : [found(variable, got)];
  });

const found = (variable: VariablePicture, got: string): Found => ({
  place: variable.home.path,
  subject: variableText(variable),
  got,
});
