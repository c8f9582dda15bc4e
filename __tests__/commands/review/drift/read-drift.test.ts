import { readDrift } from "../../../../commands/review/drift/read-drift";
import { planOf } from "../../../../commands/stacks/plan";
import type { SynthesizedStack } from "../../../../commands/stacks/synthesis";
import type { InventoryFile } from "../../../../inventory/load";
import { FakeGitLab, FakeStatus } from "../../../support/fake-gitlab";
import { planJson, ruleChange } from "../../../support/plan-json";

const NOW = new Date("2030-01-10T12:00:00Z");
const MAIN = { gitlab_branch_protection: { a: { project: "xlink/gitops", branch: "main" } } };
const stack = (resource: object) => ({ configuration: JSON.stringify([{ resource }, {}]) }) as SynthesizedStack;
const ignoring = (...ignore: object[]) =>
  ({ content: { pushers: {}, ignore }, locate: () => "pushers/a.yaml:2:5" }) as unknown as InventoryFile;

const GITOPS = {
  "/user": { id: 1 },
  "/projects/xlink%2Fgitops": {
    id: 1,
    path_with_namespace: "xlink/gitops",
    default_branch: "main",
    namespace: { kind: "group", full_path: "xlink" },
  },
  "/projects/xlink%2Fgitops/protected_branches": [],
  "/projects/xlink%2Fgitops/protected_tags": [],
  "/projects/xlink%2Fgitops/access_tokens": [],
  "/projects/xlink%2Fgitops/deploy_keys": [],
  "/groups/xlink/access_tokens": [],
};

describe("what GitLab is asked for drift", () => {
  let gitlab: FakeGitLab;
  afterEach(() => gitlab.stop());

  async function drift(answers: object, ignore: object[] = [], isFirst = true) {
    gitlab = await FakeGitLab.start({ ...GITOPS, ...answers });
    const source = {
      stacks: [stack(MAIN), stack({ gitlab_branch_protection: { b: { project: "xlink/other", branch: "main" } } })],
      plans: [planOf("ops", planJson({ changes: [ruleChange(["no-op"])] }))],
      inventory: [ignoring(...ignore)],
      isFirst,
    };
    return readDrift(source, { GITLAB_BASE_URL: gitlab.url, GITLAB_TOKEN: "glpat-x" }, NOW);
  }

  test("GIVEN a target THEN it takes five calls, one for its group, and nobody's variable is looked at", async () => {
    expect(await drift({})).toEqual({ undeclared: [], notes: [] });
    expect(gitlab.calls.sort()).toEqual(
      Object.keys(GITOPS)
        .map((path) => `GET ${path}`)
        .sort(),
    );
  });

  test("GIVEN refusals THEN they are holes, and nothing that may be there is said to be removable", async () => {
    const refused = new FakeStatus(403, { message: "403 Forbidden" });
    const { undeclared, notes } = await drift(
      { "/projects/xlink%2Fgitops/deploy_keys": refused, "/groups/xlink/access_tokens": refused },
      [
        { project: "xlink/gitops", deploy_key: 3, reason: "x" },
        { group: "xlink", token: "renovate", reason: "x" },
      ],
    );
    expect(undeclared).toEqual([]);
    expect(notes).toEqual([
      "GitLab did not show access tokens of group xlink (403 Forbidden), deploy keys of xlink/gitops (403 Forbidden): whether there is something that nobody declared is not known there.",
    ]);
  });

  test("GIVEN a target that GitLab does not show THEN that is a hole", async () => {
    const { notes } = await drift({ "/projects/xlink%2Fgitops": new FakeStatus(404, { message: "404 Not Found" }) });
    expect(notes).toEqual([expect.stringMatching(/^GitLab did not show project xlink\/gitops \(404/)]);
  });

  test("GIVEN a GitLab that takes the token for dead, or no token, THEN that is told", async () => {
    const { undeclared, notes } = await drift({ "/user": new FakeStatus(401, { message: "401 Unauthorized" }) });
    expect([undeclared, notes]).toEqual([
      [],
      [expect.stringContaining("GitLab was not asked for what nobody declared")],
    ]);
    const source = { stacks: [], plans: [], inventory: [], isFirst: true };
    expect((await readDrift(source, {}, NOW)).notes).toEqual([expect.stringContaining("there is no GITLAB_TOKEN")]);
  });

  test("GIVEN an entry for the target of another shard THEN that one tells, for no target the first", async () => {
    const other = { project: "xlink/other", branch: "x", reason: "x" };
    expect((await drift({}, [other])).notes).toEqual([]);
    await gitlab.stop();
    const none = { project: "xlink/none", branch: "x", reason: "x" };
    expect((await drift({}, [none])).notes).toEqual([
      expect.stringContaining("`xlink/none` is no target of this inventory"),
    ]);
    await gitlab.stop();
    expect((await drift({}, [none], false)).notes).toEqual([]);
  });

  test("GIVEN a target that was moved THEN what stacks declare under either path is declared, and entries name it by the old one", async () => {
    const moved = { ...GITOPS["/projects/xlink%2Fgitops"], path_with_namespace: "infra/gitops" };
    const key = { id: 3, title: "ci", can_push: true, created_at: "2030-01-01T00:00:00Z", expires_at: null };
    const rule = (name: string) => ({
      id: 1,
      name,
      push_access_levels: [{ access_level: 30 }],
      merge_access_levels: [{ access_level: 30 }],
      allow_force_push: false,
    });
    gitlab = await FakeGitLab.start({
      ...GITOPS,
      "/projects/xlink%2Fgitops": moved,
      "/projects/infra%2Fgitops": moved,
      "/projects/infra%2Fgitops/protected_branches": [rule("main"), rule("dev")],
      "/projects/infra%2Fgitops/protected_tags": [],
      "/projects/infra%2Fgitops/access_tokens": [],
      "/projects/infra%2Fgitops/deploy_keys": [key],
    });
    const after = { project: "infra/gitops", branch: "dev" };
    const source = {
      stacks: [stack(MAIN), stack({ gitlab_branch_protection: { b: after } })],
      plans: [
        planOf("ops", planJson({ changes: [ruleChange(["no-op"])] })),
        planOf("new", planJson({ changes: [ruleChange(["no-op"], { before: after, after })] })),
      ],
      inventory: [
        ignoring(
          { project: "XLINK/gitops", deploy_key: "ci", reason: "x" },
          { project: "xlink/gitops", tag: "v*", reason: "x" },
        ),
      ],
      isFirst: true,
    };
    const { undeclared, notes } = await readDrift(
      source,
      { GITLAB_BASE_URL: gitlab.url, GITLAB_TOKEN: "glpat-x" },
      NOW,
    );
    expect(undeclared).toEqual([]);
    expect(notes).toEqual([
      expect.stringContaining("1 thing that nobody declared may stay"),
      expect.stringContaining("`infra/gitops` has no such tag rule any more"),
    ]);
  });
});
