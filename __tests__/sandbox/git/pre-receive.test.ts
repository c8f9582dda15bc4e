import type { RefChange } from "../../../sandbox/git/hook-channel";
import { pushRefusal } from "../../../sandbox/git/pre-receive";
import { createGroup } from "../../../sandbox/model/groups/groups";
import { AccessLevel } from "../../../sandbox/model/members/access-level";
import type { Project } from "../../../sandbox/model/projects/project";
import type { AccessEntry } from "../../../sandbox/model/protected-refs/protected-branch";
import { roleEntry } from "../../../sandbox/model/protected-refs/protected-refs";
import type { User } from "../../../sandbox/model/users/user";
import { createUser } from "../../../sandbox/model/users/users";
import { GitServer } from "../../support/git-server";

const { Admin, Developer, Maintainer, NoAccess, Reporter } = AccessLevel;
const PUSH = "You are not allowed to push code to protected branches on this project.";
const FORCE = "You are not allowed to force push code to a protected branch on this project.";

let server: GitServer;

beforeAll(async () => {
  server = await GitServer.start({ edition: "premium" });
});

afterAll(() => server.stop());

const OLD = "1".repeat(40);
const NEW = "2".repeat(40);

/** What comes of a user's push that moves one ref. */
function refusalOf(user: User, project: Project, ref: string, change: Partial<RefChange> = {}): string | undefined {
  const push = { store: server.store, user, project, emptyRepository: false };
  return pushRefusal(push, [{ oldSha: OLD, newSha: NEW, ref, forced: false, within: [], ...change }]);
}

/** A project whose `main` has no rule of its own. */
async function unruledProject(): Promise<Project> {
  const project = await server.project({ files: null });
  project.defaultBranch = "main";
  return project;
}

function entry(fields: Partial<AccessEntry>): AccessEntry {
  return { ...roleEntry(server.store, NoAccess), accessLevel: null, ...fields };
}

describe("GIVEN overlapping rules", () => {
  test.each<[string, [string, number][], number, string, boolean]>([
    ["an exact rule alone", [["main", Maintainer]], Developer, "main", false],
    ["an exact rule alone", [["main", Maintainer]], Maintainer, "main", true],
    [
      "a wildcard that opens what the exact rule closes",
      [
        ["main", NoAccess],
        ["m*", Developer],
      ],
      Developer,
      "main",
      true,
    ],
    [
      "an exact rule that opens what the wildcard closes",
      [
        ["main", Developer],
        ["*", NoAccess],
      ],
      Developer,
      "main",
      true,
    ],
    [
      "two rules that both close",
      [
        ["main", NoAccess],
        ["*", NoAccess],
      ],
      Maintainer,
      "main",
      false,
    ],
    ["a wildcard over a slash", [["release*", NoAccess]], Maintainer, "release/1/x", false],
    ["a wildcard in the middle", [["mai*n", NoAccess]], Maintainer, "main", false],
    ["a wildcard in other case", [["MAIN*", NoAccess]], Developer, "main", true],
    ["a rule that looks like a regular expression", [["m.in", NoAccess]], Developer, "main", true],
    ["no rule that matches", [["release/*", NoAccess]], Developer, "main", true],
  ])(
    "WHEN the project has %s %j and level %i pushes THEN the most permissive wins",
    async (_case, rules, level, branch, allowed) => {
      const project = await unruledProject();
      for (const [name, push] of rules) server.protect(project, name, { push });
      const refusal = refusalOf(server.member(project, level), project, `refs/heads/${branch}`);
      expect(refusal).toBe(allowed ? undefined : PUSH);
    },
  );

  test.each([
    [[false], FORCE],
    [[true], undefined],
    [[false, true], undefined],
  ])("WHEN allow_force_push is %j THEN any rule that allows it is enough", async (allows, expected) => {
    const project = await unruledProject();
    allows.forEach((allowForcePush, position) => {
      server.protect(project, `m${"*".repeat(position + 1)}`, { allowForcePush });
    });
    const user = server.member(project, Maintainer);
    expect(refusalOf(user, project, "refs/heads/main", { forced: true })).toBe(expected);
  });
});

describe("GIVEN a list of who may push (Premium)", () => {
  test.each<[string, (project: Project, user: User) => AccessEntry, number, boolean]>([
    ["the user itself", (_project, user) => entry({ userId: user.id }), Developer, true],
    ["another user", () => entry({ userId: server.root.id }), Maintainer, false],
    ["the user, who is only a Reporter", (_project, user) => entry({ userId: user.id }), Reporter, false],
    ["a group of the user", (_project, user) => entry({ groupId: groupOf(user) }), Developer, true],
    ["a group of others", () => entry({ groupId: groupOf(server.root) }), Maintainer, false],
    [
      "a deploy key of the user",
      (project, user) => entry({ deployKeyId: deployKey(project, user, true) }),
      Developer,
      true,
    ],
    [
      "a read-only deploy key of the user",
      (project, user) => entry({ deployKeyId: deployKey(project, user, false) }),
      Developer,
      false,
    ],
    [
      "a deploy key of another",
      (project) => entry({ deployKeyId: deployKey(project, server.root, true) }),
      Maintainer,
      false,
    ],
    ["administrators", () => entry({ accessLevel: Admin }), Maintainer, false],
    ["nobody", () => entry({ accessLevel: NoAccess }), Maintainer, false],
  ])("WHEN it names %s THEN only that counts", async (_case, entryOf, level, allowed) => {
    const project = await unruledProject();
    const user = server.member(project, level);
    server.protect(project, "main", { push: [entryOf(project, user)] });
    const refusal = refusalOf(user, project, "refs/heads/main");
    expect(refusal === undefined).toBe(allowed);
  });

  test("WHEN it names a bot beside level 0 THEN the bot passes and Maintainers do not", async () => {
    const project = await unruledProject();
    const bot = server.store.users.get(server.bot(project).token.userId)!;
    server.protect(project, "main", { push: [entry({ accessLevel: NoAccess }), entry({ userId: bot.id })] });
    expect(refusalOf(bot, project, "refs/heads/main")).toBeUndefined();
    const maintainer = server.member(project, Maintainer);
    expect(refusalOf(maintainer, project, "refs/heads/main")).toBe(PUSH);
  });
});

describe("GIVEN a rule of the top-level group (Premium)", () => {
  test("WHEN it matches and the project has none THEN it counts; WHEN the project's opens THEN that wins", async () => {
    const project = await unruledProject();
    const rule = server.store.protectedBranches.insert({
      ...server.protect(project, "unused", { push: NoAccess }),
      id: server.store.protectedBranches.nextId(),
      source: "group",
      sourceId: project.namespaceId,
      name: "main",
    });
    const user = server.member(project, Maintainer);
    expect(refusalOf(user, project, "refs/heads/main")).toBe(PUSH);
    server.protect(project, "ma*");
    expect(refusalOf(user, project, "refs/heads/main")).toBeUndefined();
    server.store.protectedBranches.delete(rule);
  });
});

describe("GIVEN administrators", () => {
  test("WHEN one who is no member pushes THEN roles do not count, an entry for administrators does", async () => {
    const project = await unruledProject();
    const admin = createUser(server.store, { username: "outsider", admin: true });
    server.protect(project, "main");
    expect(refusalOf(admin, project, "refs/heads/main")).toBe(PUSH);
    server.protect(project, "mai*", { push: Admin });
    expect(refusalOf(admin, project, "refs/heads/main")).toBeUndefined();
  });
});

test("GIVEN a role that was lowered while the pack came WHEN the hook asks THEN the project's refusal is given", async () => {
  const project = await unruledProject();
  const user = server.member(project, Reporter);
  expect(refusalOf(user, project, "refs/heads/feature")).toBe("You are not allowed to push code to this project.");
});

function groupOf(user: User): number {
  return createGroup(server.store, user, { path: `team-${server.store.namespaces.nextId()}` }).id;
}

function deployKey(project: Project, user: User, canPush: boolean): number {
  return server.store.deployKeys.insert({
    id: server.store.deployKeys.nextId(),
    title: "key",
    key: "ssh-ed25519 AAAA",
    fingerprint: "aa:bb",
    canPushTo: new Map([[project.id, canPush]]),
    userId: user.id,
    createdAt: server.store.clock.timestamp(),
  }).id;
}
