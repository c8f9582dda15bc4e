import { CAUSE_IDS, CAUSES, LINKS } from "../../../commands/doctor/cause";
import { fixOf, namesOf } from "../../../commands/doctor/diagnosis";

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
    expect(CAUSES[cause].why).toMatch(/\.\)?$/);
  });

  test("has three fixes, with the names of the case in them", () => {
    for (const text of Object.values(fixOf(cause, names))) {
      expect(text).not.toBe("");
      expect(text).not.toMatch(/\{(target|branch|source|ref|key|pusher)(Id)?\}/);
    }
  });
});

test("paths and branches in addresses are encoded", () => {
  expect(fixOf("rule-force-push", names).api).toBe(
    'PATCH /projects/xlink%2Fgitops/protected_branches/release%2F1.0 {"allow_force_push": true}',
  );
});
