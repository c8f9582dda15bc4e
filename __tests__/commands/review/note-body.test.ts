import { noteBody, partOf } from "../../../commands/review/note-body";

const COMMIT = "c0ffee".padEnd(40, "0");
const SUMMARY = "## What this deploy does\n\n### Dangers (1)\n\n- a danger\n\n### `ops/gitops`\n\n- opened: rule\n";

describe("the body of a note", () => {
  test("is the summary, below a hidden marker, above what it is of", () => {
    expect(noteBody({ summary: SUMMARY, commit: COMMIT, jobUrl: "https://gitlab.example.com/-/jobs/7" })).toBe(
      `<!-- gitlab-ci-pusher review -->\n${SUMMARY}\nPlanned by [this job](https://gitlab.example.com/-/jobs/7) for ${COMMIT}.\n`,
    );
  });

  test("names its part where there are several", () => {
    const body = noteBody({ summary: SUMMARY, commit: COMMIT, part: "2/3" });
    expect(body).toMatch(/^<!-- gitlab-ci-pusher review 2\/3 -->\n/);
    expect(body).toContain(`Planned by a job for ${COMMIT}, part 2/3 of the stacks.`);
    expect(noteBody({ summary: SUMMARY, commit: COMMIT, part: "1/1" })).not.toContain("1/1");
  });

  test.each([300, 301, 310, 330])(
    "GIVEN room for %i characters only, is cut between lines, the dangers kept",
    (most) => {
      const summary = `${SUMMARY}${"- changed: something\n".repeat(1_000)}`;
      const body = noteBody({ summary, commit: COMMIT }, most);
      expect(body.length).toBeLessThanOrEqual(most);
      expect(body.length).toBeGreaterThan(most - 30);
      expect(body).toContain("- a danger\n");
      expect(body).toContain("**That is not all:** the rest is in `summary.md` of the job's artifacts.");
      expect(body).toMatch(new RegExp(`\\nPlanned by a job for ${COMMIT}\\.\\n$`));
      for (const line of body.split("\n"))
        expect(line).toMatch(/^(<!--.*-->|#+ .*|- (a danger|opened: rule|changed: something)|\*\*.*|Planned .*|)$/);
    },
  );

  test("GIVEN a million characters, is as long as GitLab takes", () => {
    const body = noteBody({ summary: "- changed: something\n".repeat(100_000), commit: COMMIT });
    expect(body.length).toBeLessThanOrEqual(1_000_000);
    expect(body.length).toBeGreaterThan(999_900);
  });
});

test.each([
  [noteBody({ summary: SUMMARY, commit: COMMIT }), "1/1"],
  [noteBody({ summary: SUMMARY, commit: COMMIT, part: "10/12" }), "10/12"],
  [`see <!-- gitlab-ci-pusher review -->`, undefined],
  ["<!-- gitlab-ci-pusher review x -->", undefined],
  ["", undefined],
])("the part of %j", (body, part) => {
  expect(partOf(body)).toBe(part);
});
