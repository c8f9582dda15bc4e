import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { type ProposedInventory, proposeInventory, writeInventory } from "../../../commands/discover/write";
import type { Estate, ProjectPicture, PushPicture } from "../../../estate/estate";
import type { ToldGitLab } from "../../../estate/reader";
import { MAX_EXPIRIES_A_DAY } from "../../../gitlab/expiry-date";
import { loadInventory } from "../../../inventory/load";
import { estate, rule, token, variable } from "../../support/estate";

let folder: string;
beforeEach(() => {
  folder = path.join(mkdtempSync(path.join(tmpdir(), "gitlab-ci-pusher-write-")), "pushers");
});
afterEach(() => rmSync(path.dirname(folder), { recursive: true, force: true }));

/** Writes the inventory of an estate. */
function write(given: Estate, told: ToldGitLab = {}): ProposedInventory {
  const proposed = proposeInventory(given, folder, told, {});
  writeInventory(folder, proposed);
  return proposed;
}

/** What is written of an estate, as text and as the inventory that it is. */
function written(given: Estate, told: ToldGitLab = {}) {
  const { files } = write(given, told);
  return { text: files.map(({ name }) => readFileSync(name, "utf8")).join("\n"), files: load() };
}

/** The inventory in the folder, its rules by their names. */
const load = () =>
  loadInventory(folder).map(({ content, ...file }) => ({
    ...file,
    content: {
      ...content,
      pushers: Object.fromEntries(
        Object.entries(content.pushers).map(([id, { token, branches, tags, ...kept }]) => [
          id,
          {
            ...kept,
            token: { ...token, expires: token.expires.map(String) },
            branches: Object.fromEntries(branches),
            tags: Object.fromEntries(tags),
          },
        ]),
      ),
    },
  }));

type Loaded = ReturnType<typeof load>;

/** The pushers of all files. */
const pushers = (files: Loaded) => files.flatMap(({ content }) => Object.values(content.pushers));

const push: PushPicture = {
  job: "deploy",
  project: "xlink/app",
  branch: "main",
  tags: false,
  with: "variable",
  key: "GITOPS_TOKEN",
  pipelines: ["push"],
};
const project = (name: string, more: Partial<ProjectPicture> = {}): ProjectPicture => ({
  ...estate({ rules: [rule("main", 40)], tokens: [] }).projects[0]!,
  path: name,
  ...more,
});

test("GIVEN one token in a variable WHEN it is written THEN the pusher does the same, and every change is a comment", () => {
  const { text, files } = written(
    estate({
      rules: [rule("main", 30), rule("release/*", 40), rule("dev*", 30, { allow_force_push: true })],
      tokens: [token({ level: 40, scopes: ["api"] })],
      variables: [variable({ protected: false, masked: false, environment: "prod/*" })],
      project: { pushes: [push] },
    }),
  );
  expect(pushers(files)).toMatchObject([
    {
      target: "xlink/app",
      token: { role: "developer", expires: ["2100-07-09", "2100-04-10"] },
      variable: {
        key: "GITOPS_TOKEN",
        in: [{ project: "xlink/app" }],
        environment: "prod/*",
        protected: true,
        adopt: true,
      },
      branches: {
        main: { push: "developer", merge: "maintainer", allowForcePush: false, adopt: false },
        "dev*": { push: "developer", allowForcePush: true, adopt: true },
      },
    },
  ]);
  expect(
    text
      .split("\n")
      .filter((line) => /^ *#/.test(line))
      .slice(5),
  ).toEqual([
    "  # Pushed with $GITOPS_TOKEN: job deploy of xlink/app.",
    "      # token deploy (7), Maintainer, api, until 2100-06-01 → two tokens, developer, write_repository; what jobs do with it beside Git, they can do no longer",
    '      # it may push to release/* no longer: "role: maintainer" or a rule keeps that',
    "      # GITOPS_TOKEN (prod/*) of project xlink/app: value: token deploy (7) → the new token; protected: no → yes; masked: no → yes",
    "    # rule release/* (push: Maintainers and up; merge: Maintainers and up) stays as it is: a developer's bot is not let in",
    "# To be revoked once nothing uses it any more; until then it can push as before. `npx gitlab-ci-pusher discover` tells when it was last used:",
    "# - token deploy (7) of xlink/app: api",
  ]);
});

test.each<[string, ToldGitLab, "ce" | "ee"]>([
  ["Community Edition", { enterprise: false }, "ce"],
  ["Enterprise Edition", { enterprise: true }, "ee"],
  ["a GitLab that does not tell", {}, "ee"],
])("GIVEN %s THEN the inventory is for that package", (_, told, expected) => {
  const { files } = written(
    estate({ rules: [rule("main", 30)], tokens: [token({})], variables: [variable({})] }),
    told,
  );
  expect(files.map(({ content }) => content.package)).toEqual([expected]);
});

describe("GIVEN what an inventory cannot say exactly WHEN it is written THEN it is left as it is, with why", () => {
  const premium = { code_owner_approval_required: false };
  test.each<[string, Estate, RegExp]>([
    [
      "a rule of two levels",
      estate({
        rules: [rule("main", 30), rule("x", 0, { push_access_levels: [{ access_level: 40 }, { access_level: 60 }] })],
      }),
      /rule x \(push: Maintainers and up, instance admins.*it lets in two levels/,
    ],
    [
      "a deploy key where nothing tells of Premium",
      estate({
        rules: [
          rule("main", 30, premium),
          rule("x", 0, { push_access_levels: [{ access_level: 40, deploy_key_id: 9 }] }),
        ],
      }),
      /^edition: free$[\s\S]*rule x \(push: deploy key 9.*Premium only/m,
    ],
    [
      "a group's rule",
      estate({ rules: [rule("main", 30), rule("x", 30, { inherited: true, ...premium })] }),
      /rule x .*it is the group's/,
    ],
    [
      "a rule that two levels may unprotect",
      estate({ rules: [rule("main", 30, { unprotect_access_levels: [{ access_level: 40 }, { access_level: 60 }] })] }),
      /rule main .*others may unprotect it.*instance admins/,
    ],
    [
      "a Maintainers' branch where nothing tells of Premium, and whose jobs push elsewhere",
      estate({
        rules: [rule("main", 30, premium), rule("x", 40, premium)],
        tokens: [token({ level: 40 })],
        project: { pushes: [push] },
      }),
      /^edition: free$[\s\S]*may push to x no longer[\s\S]*rule x .*a developer's bot is not let in/m,
    ],
    [
      "a wildcard that opens",
      estate({ rules: [rule("main", 40), rule("m*", 30)] }),
      /rule m\* .*it opens what a narrower rule closes/,
    ],
    [
      "a name that is no branch's",
      estate({ rules: [rule("main", 30), rule("a b", 30)] }),
      /rule "a b" .*no inventory takes its name/,
    ],
    [
      "a token inside an address",
      estate({ variables: [variable(), variable({ key: "URL", alone: false })] }),
      /- URL of project xlink\/app: the token is inside an address/,
    ],
    [
      "a key that is GitLab's",
      estate({ variables: [variable(), variable({ key: "CI_TOKEN" })] }),
      /- CI_TOKEN of project xlink\/app: got "CI_TOKEN", which is set by GitLab/,
    ],
    [
      "a hidden value, and no job",
      estate({ variables: [variable(), variable({ key: "B", carries: { kind: "by name" } })] }),
      /- B of project xlink\/app: no job was seen that pushes with it/,
    ],
    [
      "a key for two targets",
      estate({
        variables: [variable(), variable({ key: "B", carries: { kind: "by name" } })],
        project: {
          pushes: [
            { ...push, key: "B" },
            { ...push, key: "B", project: "xlink/lib" },
          ],
        },
      }),
      /- B of project xlink\/app: jobs push to xlink\/app, xlink\/lib with it/,
    ],
    [
      "a token in no variable",
      estate({ tokens: [token(), token({ id: 8, name: "mirror", lastUsedAt: null })] }),
      /- token mirror \(8\) of xlink\/app: no variable was seen to carry it; last used: never/,
    ],
  ])("%s", (_, given, expected) => {
    const { text, files } = written(given);
    expect(text).toMatch(expected);
    expect(pushers(files)).toHaveLength(1);
  });
});

/** Somebody in a list, as GitLab tells it. */
const user = (user_id: number, access_level_description?: string) => ({
  access_level: 40,
  user_id,
  access_level_description,
});
const names = (...ids: number[]) => [rule("main", 0, { push_access_levels: ids.map((id) => user(id)) })];

describe("GIVEN a branch that lets names in only WHEN what its jobs push with may be among them THEN the new bot is let in beside them", () => {
  const ofDana = token({ kind: "personal", home: undefined, userId: 9, level: undefined });
  const hidden = variable({ hidden: true, carries: { kind: "by name" } });
  test.each<[string, Estate, (number | string)[]]>([
    ["the bot, and no job was seen", estate({ rules: names(70) }), [70]],
    ["the bot, and a job pushes", estate({ rules: names(70), project: { pushes: [push] } }), [70]],
    [
      "a person, whose token a variable carries",
      estate({ rules: names(9), tokens: [ofDana], project: { pushes: [{ ...push, branch: undefined }] } }),
      [9],
    ],
    [
      "somebody, and a job pushes with what nobody may see",
      estate({ rules: names(5), variables: [hidden], project: { pushes: [push] } }),
      [5],
    ],
  ])("%s", (_, given, users) => {
    const { text, files } = written(given);
    expect(files[0]!.content.edition).toBe("premium");
    expect(pushers(files)).toMatchObject([
      {
        token: { role: "developer" },
        branches: { main: { push: "no one", allowedToPush: ["bot", ...users.map((each) => ({ user: each }))] } },
      },
    ]);
    expect(text).toMatch(/# main: push: user \d+ → the same, and by name the bot$/m);
    expect(text).toContain("# main: a deploy makes it anew, behind its guard, to set its levels");
    expect(text.includes("# main: user 70 is the bot of token deploy (7): take it out here")).toBe(users[0] === 70);
  });
});

describe("GIVEN a branch whose jobs' new bot would be refused WHEN it is written THEN no pusher takes their place", () => {
  const key = rule("main", 0, { push_access_levels: [{ access_level: 40, deploy_key_id: 3 }] });
  test.each<[string, Estate]>([
    ["it names others, and the jobs are refused today", estate({ rules: names(5), project: { pushes: [push] } })],
    ["it lists a key, on Free", estate({ rules: [key], project: { pushes: [push] } })],
    ["it is the group's", estate({ rules: [{ ...names(70)[0]!, inherited: true }], project: { pushes: [push] } })],
  ])("%s", (_, given) => {
    const { files, left } = write(given);
    expect([files, left]).toEqual([
      [],
      [{ what: "GITOPS_TOKEN of project xlink/app", why: expect.stringMatching(/^main of xlink\/app lets names in/) }],
    ]);
  });
});

describe("GIVEN rules of Premium WHEN they are written THEN nobody is lost, and each change is a comment", () => {
  test("levels with people, groups, keys, bots, and who may take the rule away", () => {
    const { text, files } = written(
      estate({
        tokens: [token({ level: 40 })],
        rules: [
          rule("main", 30, { unprotect_access_levels: [] }),
          rule("x", 0, {
            push_access_levels: [
              { access_level: 40 },
              user(9, "Ann\n      evil: { push: developer }"),
              { access_level: 40, group_id: 4, access_level_description: "release" },
              { access_level: 40, deploy_key_id: 3, access_level_description: "mirror" },
            ],
            merge_access_levels: [{ access_level: 0 }, { access_level: 40, group_id: 4 }],
            unprotect_access_levels: [{ access_level: 40, user_id: 9 }],
          }),
          rule("z", 0, { unprotect_access_levels: [{ access_level: 30 }] }),
        ],
        project: { pushes: [push] },
      }),
    );
    expect(pushers(files)[0]!.token.role).toBe("developer");
    expect(pushers(files)[0]!.branches).toMatchObject({
      main: { push: "developer", unprotect: "maintainer" },
      x: {
        push: "maintainer",
        allowedToPush: ["bot", { user: 9 }, { group: 4 }, { deployKey: 3 }],
        merge: "no one",
        allowedToMerge: [{ group: 4 }],
        unprotect: "admin",
        allowedToUnprotect: [{ user: 9 }],
      },
      z: { push: "no one", unprotect: "developer" },
    });
    const notes = text.split("\n").filter((line) => /^ {6}# [a-z]+: /.test(line));
    const people =
      "Maintainers and up, user Ann       evil: { push: developer } (9), group release (4), deploy key mirror (3)";
    expect(notes.map((line) => line.trim().replace(/\\n|\s+/g, " "))).toEqual([
      "# main: unprotect: none is set → maintainer",
      `# x: push: ${people} → the same, and by name the bot`.replace(/\s+/g, " "),
      "# x: merge: group 4",
      "# x: unprotect: user 9 → instance admins, user 9; only they can deploy it",
      "# z: unprotect: Developers and up",
    ]);
    expect(text).not.toMatch(/no longer|stays as it is/);
  });

  test("a bot whose token no variable carries is told before somebody revokes that", () => {
    const { text } = written(
      estate({ rules: names(70, 80), tokens: [token(), token({ id: 8, name: "cron", userId: 80 })] }),
    );
    expect(text).toContain(
      "# main: user 80 is the bot of token cron (8): take it out here, deploy, then revoke the token",
    );
  });

  test("whether a group's member pushes with the token is said to be unknown", () => {
    const group = [{ access_level: 0 }, { access_level: 40, group_id: 4 }];
    const { text, files } = written(
      estate({ rules: [rule("main", 30), rule("x", 0, { push_access_levels: group })], project: { pushes: [push] } }),
    );
    expect(pushers(files)[0]!.branches.x).toMatchObject({ push: "no one", allowedToPush: [{ group: 4 }] });
    expect(text).toContain("# x: whether the token that is replaced may push there is not known; the bot may not");
  });

  test("a rule that two bots need by name is the last pusher's, with the others", () => {
    const { files } = written(
      estate({
        rules: [...names(70, 80), rule("x", 30)],
        tokens: [token(), token({ id: 8, userId: 80 })],
        variables: [variable(), variable({ key: "B", carries: { kind: "token", token: 8 } })],
      }),
    );
    expect(Object.keys(files[0]!.content.pushers)).toEqual(["app", "app-2"]);
    expect(pushers(files)[1]!.variable.key).toBe("B");
    expect(pushers(files)[1]!.branches.main).toMatchObject({
      allowedToPush: ["bot", { user: 70 }, { user: 80 }],
      with: ["app"],
    });
    expect(Object.keys(pushers(files)[0]!.branches)).toEqual(["x"]);
  });
});

describe("GIVEN protected tags WHEN jobs push tags THEN their rules are written, with the bot let in", () => {
  const tagged = { ...push, branch: undefined, tags: true };
  const role = (level: number) => ({ kind: "role" as const, level });
  const ann = { kind: "user" as const, id: 9, name: "Ann" };

  test.each([
    ["by its role", 30, [{ name: "v*", create: [role(30)] }], "developer", { "v*": { create: "developer" } }],
    [
      "by the role that it has",
      40,
      [{ name: "v*", create: [role(40)] }],
      "maintainer",
      { "v*": { create: "maintainer" } },
    ],
    [
      "by name, beside people and the old one",
      30,
      [{ name: "v*", create: [ann, { kind: "user" as const, id: 70, name: "old" }] }],
      "developer",
      { "v*": { create: "no one", allowedToCreate: ["bot", { user: 9 }, { user: 70 }] } },
    ],
    [
      "and guards are none",
      30,
      [
        { name: "v*", create: [role(30)] },
        { name: "v**", create: [] },
      ],
      "developer",
      { "v*": {} },
    ],
  ])("%s", (_, level, tags, asked, expected) => {
    const { files } = written(
      estate({ rules: [rule("main", 30)], tokens: [token({ level })], project: { pushes: [tagged], tags } }),
    );
    expect(pushers(files)[0]!.token.role).toBe(asked);
    expect(pushers(files)[0]!.tags).toMatchObject(expected);
    expect(Object.keys(pushers(files)[0]!.tags)).toEqual(["v*"]);
  });

  test("what opens another rule, lists keys or shuts the bot out stays, and without such jobs none is written", () => {
    const tags = [
      { name: "*", create: [role(30)] },
      { name: "v*", create: [role(40)] },
      { name: "k", create: [{ kind: "deploy key" as const, id: 3, name: "mirror" }] },
    ];
    const { text, files } = written(estate({ project: { pushes: [tagged], tags } }));
    expect(pushers(files)[0]!.tags).toEqual({});
    expect(text).toMatch(
      /rule "tag \*" .*it opens[\s\S]*rule "tag k" .*deploy keys[\s\S]*rule "tag v\*" .*a developer's bot/,
    );
    rmSync(folder, { recursive: true });
    expect(written(estate({ project: { pushes: [push], tags } })).text).not.toContain("tag");
  });
});

describe("GIVEN other set-ups WHEN they are written THEN the inventory says them", () => {
  test("a group's variable, a hidden one told by its job, and a person's token", () => {
    const { files } = written(
      estate({
        tokens: [token({ kind: "personal", home: undefined, username: "ann", level: undefined })],
        variables: [
          variable({ home: { kind: "group", path: "xlink" } }),
          variable({ key: "B", hidden: true, carries: { kind: "by name" } }),
        ],
        rules: [rule("main", 40)],
        project: { pushes: [push, { ...push, key: "B" }] },
      }),
    );
    expect(pushers(files)).toMatchObject([
      {
        target: "xlink/app",
        token: { role: "maintainer" },
        variable: { in: [{ group: "xlink" }], hidden: false },
        branches: { main: {} },
      },
      { target: "xlink/app", variable: { key: "B", hidden: true }, branches: {} },
    ]);
  });

  test("premium, where GitLab tells of code owners", () => {
    const { files } = written(estate({ rules: [rule("main", 30, { code_owner_approval_required: true })] }));
    expect(files[0]!.content).toMatchObject({
      edition: "premium",
      pushers: { app: { branches: { main: { codeOwnerApproval: true } } } },
    });
  });

  test("jobs of an unprotected default branch still get the variable", () => {
    const { files } = written(estate({ rules: [rule("x", 30)], variables: [variable({ protected: false })] }));
    expect(pushers(files)[0]!.variable.protected).toBe(false);
  });

  test("a bot that no rule lets in pushes elsewhere", () => {
    expect(pushers(written(estate({ rules: [rule("main", 0)] })).files)[0]!.unprotectedBranches).toBe(true);
  });
});

test("GIVEN many targets WHEN they are written THEN files have up to twenty, names are kept apart, and few tokens die on a day", () => {
  const names = Array.from({ length: 45 }, (_, index) => `xlink/Shop.${index % 2 ? "x" : "y"}${index}`);
  const { files } = written(
    estate({
      tokens: names.map((home, id) => token({ id, home })),
      variables: names.map((at, id) =>
        variable({ home: { kind: "project", path: at }, carries: { kind: "token", token: id } }),
      ),
      projects: names.map((name) => project(name)),
    }),
  );
  expect(files.map(({ stack, content }) => [stack, Object.keys(content.pushers).length])).toEqual([
    ["xlink-2", 20],
    ["xlink-3", 5],
    ["xlink", 20],
  ]);
  const days = pushers(files).flatMap(({ token: { expires } }) => expires);
  const most = Math.max(...days.map((day) => days.filter((other) => other === day).length));
  expect(most).toBeLessThanOrEqual(MAX_EXPIRIES_A_DAY);
});

test("GIVEN pushers that share settings WHEN they are written THEN a file of three or more says them once, and each has them", () => {
  const homes = ["xlink/a", "xlink/b", "xlink/c"];
  const shared = (some: string[]) => {
    rmSync(folder, { recursive: true, force: true });
    return written(
      estate({
        tokens: some.map((home, id) => token({ id, home })),
        variables: some.map((_, id) =>
          variable({ home: { kind: "group", path: "xlink" }, key: `KEY_${id}`, carries: { kind: "token", token: id } }),
        ),
        projects: some.map((name, at) => {
          const rules = [rule("main", 30), rule(at === 0 ? "own" : "other", 30)];
          return { ...estate({ rules }).projects[0]!, path: name };
        }),
      }),
    );
  };
  const { text, files } = shared(homes);
  expect(text.split("\n").filter((line) => /^ *(defaults|role|in|main|own|other|key)\b/.test(line))).toEqual([
    "defaults: # what every pusher below has",
    "    role: developer",
    "    in: [{ group: xlink }]",
    "    main: { push: developer, merge: maintainer }",
    "      key: KEY_0",
    "      own: { push: developer, merge: maintainer, import: true }",
    "      key: KEY_1",
    "      other: { push: developer, merge: maintainer, import: true }",
    "      key: KEY_2",
    "      other: { push: developer, merge: maintainer, import: true }",
  ]);
  for (const each of pushers(files))
    expect(each).toMatchObject({
      token: { role: "developer" },
      variable: { in: [{ group: "xlink" }], adopt: true },
      branches: { main: { push: "developer" } },
    });
  expect(shared(homes.slice(1)).text).not.toContain("defaults");
});

test("GIVEN names meant to deceive WHEN they are written THEN no name makes a line of its own, and no token is in it", () => {
  const hostile = "x\n    target: evil/evil\u2028# \u001b[2K glpat-SecretSecretSecret";
  const { text, files } = written(
    estate({
      tokens: [token({ name: hostile })],
      variables: [variable(), variable({ key: hostile }), variable({ key: "OTHER", environment: hostile })],
      rules: [rule("main", 30), rule(hostile, 30)],
      project: { pushes: [{ ...push, job: hostile }] },
    }),
  );
  expect(pushers(files).map(({ target }) => target)).toEqual(["xlink/app"]);
  expect(text).not.toMatch(/^ *target: evil|Secret|(?!\n)[\p{Cc}\p{Cf}\u2028]/mu);
});

describe("GIVEN a folder with an inventory WHEN it is written THEN", () => {
  const there =
    "pushers:\n  a: {target: xlink/app, token: {expires: 2100-06-01}, variable: {key: GITOPS_TOKEN}, branches: {main: {push: developer}}}\n";
  beforeEach(() => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, "xlink.yaml"), there);
  });

  test("what it declares is not proposed again, and no file is overwritten", () => {
    expect(write(estate()).files).toEqual([]);
    const more = estate({ variables: [variable(), variable({ key: "B" })] });
    expect(write(more).files.map(({ name }) => path.basename(name))).toEqual(["xlink-2.yaml"]);
    expect(pushers(load())).toMatchObject([
      { variable: { key: "B" }, branches: {} },
      { variable: { key: "GITOPS_TOKEN" }, branches: { main: {} } },
    ]);
    expect(readFileSync(path.join(folder, "xlink.yaml"), "utf8")).toBe(there);
  });

  test("what is no inventory is refused, and nothing is written", () => {
    writeFileSync(path.join(folder, "x.yaml"), "nonsense: true\n");
    expect(() => write(estate())).toThrow(/x\.yaml:1:1/);
    expect(readdirSync(folder)).toEqual(["x.yaml", "xlink.yaml"]);
  });
});
