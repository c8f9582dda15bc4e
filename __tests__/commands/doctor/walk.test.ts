import { DEFAULT_BRANCH, walksOf } from "../../../commands/doctor/walk";
import { pushersOf } from "../../../inventory/pushers";
import { pushersFile } from "../../../inventory/schema";

/** The branches that are looked at for a pusher with these rules. */
const branches = (rules: object): string[] => {
  const pusher = { target: "a/b", token: { expires: ["2030-06-01", "2030-12-01"] }, branches: rules };
  const content = pushersFile.parse({ edition: "premium", pushers: { gitops: pusher } });
  const file = { path: "pushers/ops.yaml", stack: "ops", stateName: "ops", content, locate: () => "" };
  return pushersOf([file]).flatMap((each) => walksOf(each, {}).map(({ branch }) => branch));
};

describe("GIVEN a pusher of the inventory WHEN its ways are looked at THEN they lead to the branches that let its bot in", () => {
  test.each<[string, object, string[]]>([
    ["by its role", { main: { push: "developer" }, stable: { push: "maintainer" } }, ["main"]],
    ["alone", { main: { push: "bot" } }, ["main"]],
    ["by name, beside a level", { main: { push: "no one", allowed_to_push: ["bot"] } }, ["main"]],
    ["nowhere, but to what no rule matches", { main: { push: "no one" } }, [DEFAULT_BRANCH]],
  ])("%s", (_, rules, expected) => expect(branches(rules)).toEqual(expected));
});
