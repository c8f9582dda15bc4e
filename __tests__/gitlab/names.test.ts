import { groupPathProblem, projectPathProblem } from "../../gitlab/project-path";
import { variableKeyProblem } from "../../gitlab/variable-key";

/** Why a name is refused, by function, so that a failing test names it. */
const CHECKS = { projectPathProblem, groupPathProblem, variableKeyProblem };

test.each<[keyof typeof CHECKS, string, RegExp | undefined]>([
  ["projectPathProblem", "xlink/xlink-k8s-gitops", undefined],
  ["projectPathProblem", "a/b/c/d.e_f", undefined],
  ["projectPathProblem", "shop", /allowed: the full path of a project/],
  ["projectPathProblem", "4711", /got the id 4711.*going from id to path later would replace the token/],
  [
    "projectPathProblem",
    "https://gitlab.example.com/xlink/shop.git",
    /fix: write "xlink\/shop", without host and \.git/,
  ],
  ["projectPathProblem", "xlink/shop.git", /full path of a project/],
  ["projectPathProblem", "xlink//shop", /full path of a project/],
  ["projectPathProblem", "xlink/", /full path of a project/],
  ["groupPathProblem", "xlink", undefined],
  ["groupPathProblem", "xlink/apps", undefined],
  ["groupPathProblem", "12", /got the id 12/],
  ["groupPathProblem", "", /full path of a group/],
  ["variableKeyProblem", "GITLAB_PUSHER_TOKEN", undefined],
  ["variableKeyProblem", "x".repeat(255), undefined],
  ["variableKeyProblem", "x".repeat(256), /1 to 255 letters/],
  ["variableKeyProblem", "PUSH-TOKEN", /fix: write "PUSH_TOKEN"/],
  ["variableKeyProblem", "", /fix: write "GITLAB_PUSHER_TOKEN"/],
  ["variableKeyProblem", "CI_JOB_TOKEN", /a key that GitLab does not set itself/],
])("%s of %j", (check, text, expected) => {
  const found = CHECKS[check](text);
  if (expected) expect(found).toMatch(expected);
  else expect(found).toBeUndefined();
});
