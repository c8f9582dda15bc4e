import { checkGitLab, packageProblem } from "../../../commands/stacks/gitlab-fit";
import { toldGitLab } from "../../../commands/stacks/told-gitlab";
import { Sandbox } from "../../../sandbox/sandbox";
import { FakeGitLab, FakeStatus } from "../../support/fake-gitlab";

const stack = (rule: object) =>
  ({
    name: "ops",
    configuration: JSON.stringify([{ resource: { gitlab_branch_protection: { main: rule } } }]),
  }) as never;

const LEVELS_19 = { push_access_level: "developer", merge_access_level: "maintainer" };
const LEVELS_18 = { ...LEVELS_19, unprotect_access_level: "maintainer" };
const LISTS = { allowed_to_push: [{ access_level: "developer" }] };

test.each<[string, object, boolean | undefined, string | undefined]>([
  ["levels of provider 19 for Enterprise Edition", LEVELS_19, true, "got package ce"],
  ["levels of provider 19 for Community Edition", LEVELS_19, false, undefined],
  ["levels of provider 18 for Enterprise Edition", LEVELS_18, true, undefined],
  ["levels of provider 18 for Community Edition", LEVELS_18, false, undefined],
  ["lists for Enterprise Edition", LISTS, true, undefined],
  ["lists for Community Edition", LISTS, false, "got rules for Enterprise Edition"],
  [
    "code owners for Community Edition",
    { ...LEVELS_18, code_owner_approval_required: true },
    false,
    "got rules for Enterprise",
  ],
  ["lists for a GitLab that does not tell", LISTS, undefined, undefined],
])("GIVEN %s", (_, rule, enterprise, got) => {
  const problem = packageProblem(stack(rule), { enterprise });
  expect(problem && `got ${problem.got}`).toEqual(got === undefined ? undefined : expect.stringContaining(got));
});

test("GIVEN a GitLab that is too old THEN it is said what it does not have", async () => {
  const sandbox = await Sandbox.start({ version: "17.4.2", provider: "registry" });
  try {
    await expect(checkGitLab([stack(LEVELS_18)], { ...sandbox.environment })).rejects.toThrow(
      "got GitLab 17.4.2, without descriptions of access tokens, deploy keys in rules of branches; allowed: 17.7 or later",
    );
  } finally {
    await sandbox.stop();
  }
});

test.each<[string, unknown, object]>([
  ["says nothing", null, {}],
  ["says a page", "<html>", {}],
  ["says a release of no known form", { version: "1.0\n# a line", enterprise: "no" }, {}],
  ["refuses", new FakeStatus(403), {}],
  ["is a fork's", { version: "18.11.3-jh", enterprise: true, kas: {} }, { version: "18.11.3-jh", enterprise: true }],
])(
  "GIVEN a GitLab that %s THEN what it told is taken alone, and nothing is refused for it",
  async (_, answer, told) => {
    const fake = await FakeGitLab.start({ "/version": answer });
    try {
      const environment = { GITLAB_BASE_URL: fake.url, GITLAB_TOKEN: "glpat-x" };
      await checkGitLab([stack(LEVELS_18)], environment);
      expect(await toldGitLab(environment)).toEqual(told);
    } finally {
      await fake.stop();
    }
  },
);
