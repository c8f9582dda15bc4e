import type { Project } from "../../../estate/reader";
import { pushPictures } from "../../../estate/reading/pushes";

const PROJECT: Project = {
  id: 1,
  path_with_namespace: "xlink/shop",
  default_branch: "main",
  visibility: "private",
  namespace: { kind: "group", full_path: "xlink" },
};

const read = (script: readonly string[], variables: object = {}, keys: readonly string[] = []) =>
  pushPictures(JSON.stringify({ deploy: { script, variables } }), PROJECT, {
    baseUrl: "https://gitlab.example.com",
    rules: [],
    secretKeys: new Set(keys),
  }).map(({ project, branch, with: by, key }) => [project, branch, by, key]);
const address = (host: string, key = "TOKEN") => `git push "https://x:$${key}@${host}/xlink/gitops.git" HEAD:main`;

describe("GIVEN the script of a job WHEN it is read THEN it is known where it pushes, and with what", () => {
  test.each<[string, unknown[], unknown[][]]>([
    ["with a variable", read([address("gitlab.example.com")]), [["xlink/gitops", "main", "variable", "TOKEN"]]],
    [
      "with one that another is mapped to",
      read([address("$CI_SERVER_HOST")], { TOKEN: "$BOT_TOKEN" }, ["BOT_TOKEN"]),
      [["xlink/gitops", "main", "variable", "BOT_TOKEN"]],
    ],
    [
      "with one that the job's own text fills",
      read([address("$CI_SERVER_HOST")], { TOKEN: "text" }),
      [["xlink/gitops", "main", "other", undefined]],
    ],
    ["to another host", read([address("github.com")]), []],
    ["with the job token", read(["git push origin HEAD:main"]), [["xlink/shop", "main", "job token", undefined]]],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });

  test("an empty repository, and no configuration", () => {
    const surroundings = { baseUrl: "https://gitlab.example.com", rules: undefined, secretKeys: new Set<string>() };
    expect(pushPictures(null, PROJECT, surroundings)).toEqual([]);
    expect(pushPictures("a: {script: git push}", { ...PROJECT, default_branch: null }, surroundings)).toEqual([]);
  });
});
