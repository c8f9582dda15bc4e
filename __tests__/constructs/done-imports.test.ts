import { CiPusher, type CiPusherProps } from "../../constructs";
import { stateWith, testStack } from "../support/synth";

const HOMES = [{ project: "xlink/shop" }, { project: "xlink/web" }];
const managed = (type: string, name: string, attributes: object) => ({
  mode: "managed",
  type,
  name,
  instances: [{ attributes }],
});
const variableIn = (project: string) =>
  managed("gitlab_project_variable", `own_${project.at(-1)}`, { project, key: "KEY", environment_scope: "*" });
const RULE = managed("gitlab_branch_protection", "own", { project: "xlink/gitops", branch: "release/*" });

/** What a synth says of imports that it could do without, where the state has that. */
function said(resources: readonly object[], adopt = true): unknown[] {
  const places = (path: readonly string[]) => `pushers/ops.yaml at ${path.join(" ")}`;
  const stack = testStack({ state: stateWith(resources), locate: places });
  const props: CiPusherProps = {
    target: "xlink/gitops",
    token: { expires: "2030-06-01" },
    variable: { key: "KEY", in: HOMES, adopt },
    branches: { "release/*": { push: "developer", guard: false, adopt } },
  };
  new CiPusher(stack, "gitops", props);
  stack.prepareStack();
  return stack.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .map(({ data }) => data)
    .filter((text) => /has done its work/.test(String(text)));
}

describe("an import that has done its work", () => {
  test.each<[string, readonly object[], boolean, string[]]>([
    ["nothing that is adopted is managed", [], true, []],
    ["nothing is adopted", [RULE, ...HOMES.map(({ project }) => variableIn(project))], false, []],
    ["a rule is managed", [RULE], true, ["gitops Rule release:*"]],
    ["one of two variables is managed", [variableIn("xlink/shop")], true, []],
    [
      "both variables are managed",
      HOMES.map(({ project }) => variableIn(project)),
      true,
      ["gitops Variable xlink:shop"],
    ],
  ])("GIVEN %s THEN what can be taken out is said", (_, resources, adopt, places) => {
    expect(said(resources, adopt)).toEqual(
      places.map(
        (place) => `import: true at pushers/ops.yaml at ${place} (adopt in TypeScript) has done its work: take it out`,
      ),
    );
  });
});
