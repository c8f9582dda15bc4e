import { ruleInLevels } from "../../state/rule-in-levels";

const role = (access_level: string) => ({ access_level, user_id: null, group_id: null });
const bot = { access_level: null, user_id: 7 };

describe("a rule in levels", () => {
  test.each<[string, object, object]>([
    [
      "of provider 18",
      { push_access_level: null, unprotect_access_level: null, allowed_to_push: [bot] },
      { push_access_level: null, unprotect_access_level: null, allowed_to_push: [bot] },
    ],
    [
      "of provider 19 on Community Edition",
      { push_access_level: "developer", merge_access_level: "no one", allowed_to_push: null },
      { push_access_level: "developer", merge_access_level: "no one", allowed_to_push: null },
    ],
    [
      "with a level beside somebody",
      { push_access_level: null, allowed_to_push: [bot, role("maintainer")] },
      { push_access_level: "maintainer", allowed_to_push: [bot] },
    ],
    ["for somebody alone", { allowed_to_push: [bot] }, { push_access_level: "no one", allowed_to_push: [bot] }],
    [
      "for a bot that is not known yet",
      { allowed_to_push: [{}] },
      { push_access_level: "no one", allowed_to_push: [{}] },
    ],
    ["for nobody at all", { allowed_to_push: [] }, { push_access_level: "no one", allowed_to_push: [] }],
    ["of which nobody says who may take it away", { allowed_to_unprotect: [] }, { allowed_to_unprotect: [] }],
    [
      "with two levels, of which the other stays in sight",
      { allowed_to_merge: [role("admin"), role("developer")] },
      { merge_access_level: "developer", allowed_to_merge: [role("admin")] },
    ],
    ["with a list that is not known yet", { push_access_level: null }, { push_access_level: null }],
  ])("GIVEN one %s", (_, attributes, expected) => {
    expect(ruleInLevels(attributes as Record<string, unknown>)).toEqual(expected);
  });
});
