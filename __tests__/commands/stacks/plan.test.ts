import { planOf } from "../../../commands/stacks/plan";

const RULE = { address: "gitlab_branch_protection.main", type: "gitlab_branch_protection", name: "main" };

test("GIVEN a rule of provider 19 on Enterprise Edition THEN it is read with its levels apart from the names", () => {
  const change = {
    actions: ["update"],
    before: {
      branch: "main",
      push_access_level: null,
      allowed_to_push: [{ access_level: "developer", user_id: null }],
    },
    after: { branch: "main", allowed_to_push: [{ access_level: "maintainer" }, {}] },
    after_unknown: { push_access_level: true, allowed_to_push: [{}, { user_id: true }], branch_protection_id: true },
  };
  const json = JSON.stringify({ format_version: "1.2", resource_changes: [{ ...RULE, change }] });
  const [read] = planOf("ops", json).changes;
  expect(read).toMatchObject({
    before: { push_access_level: "developer", allowed_to_push: [] },
    after: { push_access_level: "maintainer", allowed_to_push: [{}] },
  });
  expect([...read!.unknown]).toEqual(["branch_protection_id"]);
});
