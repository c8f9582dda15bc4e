import { BranchProtection19, type BranchProtection19Config } from "../../constructs/branch-protection-19";
import { RESOURCE_TYPES } from "../../sandbox/provider/resource-types";
import { resource, testStack } from "../support/synth";

const RULE = "gitlab_branch_protection";
const { schema } = RESOURCE_TYPES[19].get(RULE)!;

/** All that can be configured. */
const ALL: Required<BranchProtection19Config> = {
  project: "xlink/gitops",
  branch: "main",
  pushAccessLevel: "developer",
  mergeAccessLevel: "maintainer",
  allowedToPush: [{ accessLevel: "no one" }, { userId: 1 }, { groupId: 2 }, { deployKeyId: 3 }],
  allowedToMerge: [{ accessLevel: "developer" }, { userId: 1 }, { groupId: 2 }],
  allowedToUnprotect: [{ accessLevel: "maintainer" }, { userId: 1 }, { groupId: 2 }],
  allowForcePush: true,
  codeOwnerApprovalRequired: true,
};

test("GIVEN a rule with all that provider 19 takes THEN it is rendered by the names of the provider's schema", () => {
  const stack = testStack();
  new BranchProtection19(stack, "Rule", ALL);
  const { "//": _, ...rendered } = resource(stack, RULE);
  const arguments_ = Object.entries(schema.attributes).filter(([, { optional, required }]) => optional || required);
  expect(Object.keys(rendered).sort()).toEqual(arguments_.map(([name]) => name).sort());
  for (const list of ["allowed_to_push", "allowed_to_merge", "allowed_to_unprotect"]) {
    const names = (rendered[list] as object[]).flatMap((entry) => Object.keys(entry));
    const { attributes = {} } = schema.attributes[list]!;
    expect(names.sort()).toEqual(
      Object.entries(attributes)
        .flatMap(([name, { optional }]) => (optional ? [name] : []))
        .sort(),
    );
  }
});
