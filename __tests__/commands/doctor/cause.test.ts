import { CAUSE_IDS, CAUSES, LINKS } from "../../../commands/doctor/cause";
import { fixOf, inCase } from "../../../commands/doctor/fix";
import { namesOf } from "../../../commands/doctor/names";
import { withoutTokens } from "../../../gitlab/problem";

const names = namesOf(
  { target: "xlink/gitops", branch: "release/1.0", source: { kind: "project", path: "xlink/shop" } },
  "main",
  "KEY",
);

describe.each(CAUSE_IDS)("%s", (cause) => {
  test("has an id to link to, a link of the walk, and words for people", () => {
    expect(cause).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(LINKS).toContain(CAUSES[cause].link);
    expect(CAUSES[cause].title).not.toMatch(/\.$/);
    expect(inCase(CAUSES[cause].why, names)).toMatch(/\.\)?$/);
  });

  test.each([
    ["with the names of the case", names],
    ["where a log tells none", namesOf({})],
  ])("has three fixes and somebody to ask, %s", (_, given) => {
    const texts = [...Object.values(fixOf(cause, given)), inCase(CAUSES[cause].why, given)];
    for (const text of texts) {
      expect(text).not.toBe("");
      // Else no output of ours would show it whole.
      expect(withoutTokens(text)).toBe(text);
      expect(text).not.toMatch(/undefined|\{(target|branch|source|ref|key|pusher)(Id)?\}|=>/);
    }
  });
});

test("a push with the variable is told as one command", () => {
  expect(fixOf("job-token-remote", names).ui).toContain(
    '"password=$KEY"; }; f\' push "$CI_SERVER_URL/xlink/gitops.git" HEAD:refs/heads/release/1.0',
  );
});

test("paths and branches in addresses are encoded", () => {
  expect(fixOf("rule-force-push", names).api).toBe(
    'PATCH /projects/xlink%2Fgitops/protected_branches/release%2F1.0 {"allow_force_push": true}',
  );
});
