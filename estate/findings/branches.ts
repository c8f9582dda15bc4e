import { openings, openingText } from "../../gitlab/protected-branch";
import type { Estate, ProjectPicture } from "../estate";
import { whoText } from "../who";
import type { FindingRule, Found } from "./finding";

/** A rule beside another one that closes what it opens. */
export const wildcardOpens: FindingRule = {
  id: "wildcard-opens",
  severity: "danger",
  title: "a rule opens what another one closes",
  allowed:
    "no rule more open than another one of the same branches: GitLab takes the most permissive of all that match",
  fix: "close the rule that opens, or narrow it",
  find: ({ projects }) =>
    projects.flatMap(({ path, rules }) =>
      openings(rules ?? []).map((opening) => ({
        place: path,
        subject: `rule ${JSON.stringify(opening.opener.name)}`,
        got: openingText(opening),
      })),
    ),
};

export const defaultBranchOpen: FindingRule = {
  id: "default-branch-open",
  severity: "danger",
  title: "the default branch is not protected",
  allowed:
    "a rule for it: without one every Developer may push to it and rewrite it, and its jobs get no protected variable",
  fix: "protect it (Settings > Repository > Protected branches), or declare it in an inventory",
  find: (estate) =>
    onDefaultBranch(
      estate,
      (branch) => !branch.protected,
      (branch) => `no rule matches; push: ${whoText(branch.push)}`,
    ),
};

export const defaultBranchRewritable: FindingRule = {
  id: "default-branch-rewritable",
  severity: "danger",
  title: "the history of the default branch may be rewritten",
  allowed: "no rule of it that allows a force push",
  fix: 'switch "Allowed to force push" off in every rule that matches it',
  find: (estate) =>
    onDefaultBranch(
      estate,
      (branch) => branch.protected && branch.forcePush,
      (branch) => `force push: ${whoText(branch.push)}`,
    ),
};

type Branch = NonNullable<ProjectPicture["branches"]>[number];

const onDefaultBranch = (
  { projects }: Estate,
  isWrong: (branch: Branch) => boolean,
  words: (branch: Branch) => string,
): Found[] =>
  projects.flatMap(({ path, branches, defaultBranch }) =>
    (branches ?? [])
      .filter((branch) => branch.name === defaultBranch && branch.kind !== "others" && isWrong(branch))
      .map((branch) => ({ place: path, subject: `branch ${branch.name}`, got: words(branch) })),
  );
