import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { ExpiryDate } from "../../gitlab/expiry-date";
import { InventoryError, loadInventory } from "../../inventory";
import { outdir } from "../support/synth";

/** An inventory folder with these files. */
function inventory(files: Record<string, string>): string {
  const folder = outdir();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  return folder;
}

/** The problems of an inventory, with paths relative to its folder. */
function problems(files: Record<string, string>): string[] {
  const folder = inventory(files);
  try {
    loadInventory(folder);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InventoryError);
    return (error as InventoryError).problems.map((problem) =>
      problem.replaceAll(`${folder}/`, "").replaceAll(folder, "."),
    );
  }
}

const ONE_THING =
  "allowed: project with one of branch, tag, token, deploy_key, job_token; or group with token; fix: write an entry for each, `- { project: xlink/app, branch: hotfix/*, reason: … }`";
const PUSHER = "{target: a/b, token: {expires: 2030-06-01}}";

describe("an inventory", () => {
  test("is one stack a file, in the order of the names, with defaults filled in", () => {
    const folder = inventory({
      "b.yaml": "pushers: {}",
      "a.yaml": `edition: premium\npushers:\n  gitops: ${PUSHER}\n`,
      ".hidden": "x",
    });
    const [a, b] = loadInventory(folder);
    expect(b).toMatchObject({
      stack: "b",
      content: { edition: "free", token_lifetime_limit: 365, deletion_protection: true, pushers: {} },
    });
    expect(a!.stack).toBe("a");
    expect(a!.content).toEqual({
      edition: "premium",
      package: "ee",
      token_lifetime_limit: 365,
      deletion_protection: true,
      ignore: [],
      pushers: {
        gitops: {
          target: "a/b",
          token: {
            expires: [ExpiryDate.parse("2030-06-01")],
            role: "developer",
            name: "GITLAB_CI_PUSHER",
            allowInterruption: false,
          },
          variable: {
            key: "GITLAB_PUSHER_TOKEN",
            in: [{ project: "a/b" }],
            environment: "*",
            protected: true,
            hidden: false,
            adopt: false,
          },
          branches: new Map(),
          tags: new Map(),
          unprotectedBranches: false,
        },
      },
    });
  });

  test("knows where each value stands", () => {
    const folder = inventory({
      "a.yaml": `# note\npushers:\n  gitops:\n    target: a/b\n    token:\n      expires: [2030-06-01, 2030-12-01]\n`,
    });
    const [file] = loadInventory(folder);
    const at = (...steps: PropertyKey[]) => file!.locate(steps).replace(`${folder}/`, "");
    expect(at("pushers", "gitops")).toBe("a.yaml:3:3");
    expect(at("pushers", "gitops", "token", "expires", 1)).toBe("a.yaml:6:29");
    expect(at("pushers", "gitops", "branches", "main")).toBe("a.yaml:3:3");
    expect(at("pushers", "nobody")).toBe("a.yaml:2:1");
  });

  test.each<[string, string, string[]]>([
    [
      "an unknown key",
      `pushers: {x: {target: a/b, tokn: {}, token: {expires: 2030-06-01}}}`,
      [
        'a.yaml:1:28: pushers.x: got the unknown key "tokn"; allowed: target, token, variable, branches, tags, unprotected_branches, was; fix: write token',
      ],
    ],
    [
      "an unknown key at the top",
      `pusher: {}\npushers: {}`,
      [
        'a.yaml:1:1: got the unknown key "pusher"; allowed: edition, package, token_lifetime_limit, deletion_protection, was, defaults, ignore, pushers; fix: write pushers',
      ],
    ],
    [
      "a scope",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01, scopes: [api]}}}`,
      [expect.stringMatching(/got the unknown key "scopes".*the scope is always write_repository/)],
    ],
    [
      "an adopted token",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01, import: 12}}}`,
      [
        expect.stringMatching(
          /got the unknown key "import".*a token cannot be adopted, since GitLab tells its value only when it is made or rotated/,
        ),
      ],
    ],
    [
      "a missing key",
      `pushers: {x: {target: a/b}}`,
      ["a.yaml:1:11: pushers.x.token: got nothing; allowed: a mapping; fix: add it"],
    ],
    [
      "a wrong type",
      `pushers: {x: {target: 4711, token: {expires: 2030-06-01}}}`,
      [
        "a.yaml:1:15: pushers.x.target: got 4711; allowed: a text; fix: write the full path instead of an id, or put a name of digits in quotes",
      ],
    ],
    [
      "a wrong choice",
      `edition: premum\npushers: {}`,
      ['a.yaml:1:1: edition: got "premum"; allowed: free, premium; fix: write premium'],
    ],
    [
      "a choice by a word that every object of JavaScript knows",
      `edition: constructor\npushers: {x: {target: a/b, token: {expires: 2030-06-01, role: valueOf}}}`,
      [
        'a.yaml:1:1: edition: got "constructor"; allowed: free, premium; fix: choose one of them',
        expect.stringMatching(/token\.role: got "valueOf"; allowed: developer, .*; fix: choose one of them$/),
      ],
    ],
    [
      "a subscription by GitLab's name",
      `edition: Ultimate\npushers: {}`,
      ['a.yaml:1:1: edition: got "Ultimate"; allowed: free, premium; fix: write premium'],
    ],
    [
      "somebody without a kind",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, branches: {main: {push: bot, allowed_to_push: [bot, anna]}}}}`,
      [
        'a.yaml:1:110: pushers.x.branches.main.allowed_to_push[1]: got "anna"; allowed: bot, {user: …}, {group: …}, or {deploy_key: …} to push; fix: write {user: "anna"}',
      ],
    ],
    [
      "two kinds in one entry",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, branches: {main: {push: bot, allowed_to_push: [{user: anna, group: a}]}}}}`,
      [
        expect.stringMatching(
          /allowed_to_push\[0\]: got user and group in one entry; .*; fix: write an entry for each/,
        ),
      ],
    ],
    [
      "the provider's words for somebody",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, branches: {main: {push: bot, allowed_to_push: [{user_id: 5}]}}}}`,
      [
        expect.stringMatching(
          /unknown key "user_id"; allowed: user, group, deploy_key; fix: write user: with the number/,
        ),
      ],
    ],
    [
      "a tag with its ref, and another that is none",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, tags: {refs/tags/v1: {create: developer}, "v 2": {create: developer}}}}`,
      [
        'a.yaml:1:65: pushers.x.tags.refs/tags/v1: got "refs/tags/v1"; allowed: a tag name without refs/tags/; fix: write "v1"',
        expect.stringMatching(
          /tags\.v 2: got "v 2"; allowed: a Git tag name, .*, such as v1\.0 or "v\*"; fix: .*`git tag`/,
        ),
      ],
    ],
    [
      "a list of tags, and GitLab's word",
      `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, tags: [v*]}\n  y: {target: a/b, token: {expires: 2030-06-01}, tags: {v*: {create_access_level: developer, create: developer}}}`,
      [
        expect.stringMatching(/tags: got a list of 1; .*fix: write tags: \{v\*: \{create: developer\}\}/),
        expect.stringMatching(/unknown key "create_access_level"; .*fix: write create/),
      ],
    ],
    [
      "a bot that is to unprotect",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, branches: {main: {push: bot, allowed_to_unprotect: [bot]}}}}`,
      [expect.stringMatching(/allowed_to_unprotect\[0\]: got "bot"; allowed: a mapping/)],
    ],
    [
      "an impossible date",
      `pushers: {x: {target: a/b, token: {expires: 2030-02-30}}}`,
      [
        expect.stringMatching(
          /^a\.yaml:1:36: pushers\.x\.token\.expires: got "2030-02-30"; allowed: a day of the calendar/,
        ),
      ],
    ],
    [
      "an impossible date in a list",
      `pushers: {x: {target: a/b, token: {expires: [2030-06-01, tomorrow]}}}`,
      [expect.stringMatching(/^a\.yaml:1:58: pushers\.x\.token\.expires\[1\]: got "tomorrow"/)],
    ],
    [
      "too many dates",
      `pushers: {x: {target: a/b, token: {expires: [2030-06-01, 2030-07-01, 2030-08-01]}}}`,
      [
        "a.yaml:1:36: pushers.x.token.expires: got a list of 3; allowed: at most 2 entries; fix: take out what is too much",
      ],
    ],
    [
      "no date",
      `pushers: {x: {target: a/b, token: {expires: []}}}`,
      [expect.stringContaining("got a list of 0; allowed: at least 1 entries")],
    ],
    [
      "a number for dates",
      `pushers: {x: {target: a/b, token: {expires: 2030}}}`,
      [expect.stringContaining("got 2030; allowed: a text or a list")],
    ],
    [
      "a lifetime beyond GitLab's",
      `token_lifetime_limit: 500\npushers: {}`,
      ["a.yaml:1:1: token_lifetime_limit: got 500; allowed: at most 400; fix: take out what is too much"],
    ],
    [
      "an id that changes its address",
      `pushers: {Git.Ops: ${PUSHER}}`,
      [
        expect.stringMatching(
          /^a\.yaml:1:11: pushers\.Git\.Ops: got the id "Git\.Ops"; allowed: a lower-case letter.*part of the Terraform address; fix: write git-ops$/,
        ),
      ],
    ],
    [
      "a duplicate id",
      `pushers:\n  x: ${PUSHER}\n  x: ${PUSHER}\n`,
      [expect.stringMatching(/^a\.yaml:3:3: got YAML that cannot be read: Map keys must be unique/)],
    ],
    [
      "a branch that is none",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, branches: {refs/heads/main: {push: developer}}}}`,
      [
        expect.stringMatching(
          /^a\.yaml:1:69: pushers\.x\.branches\.refs\/heads\/main: got "refs\/heads\/main".*fix: write "main"/,
        ),
      ],
    ],
    [
      "a source that is neither",
      `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, variable: {in: [{grup: a}]}}}`,
      expect.arrayContaining([
        expect.stringMatching(/in\[0\]: got the unknown key "grup"; allowed: project, group; fix: write group/),
      ]),
    ],
    [
      "broken YAML",
      `pushers: {x: [}`,
      expect.arrayContaining([expect.stringMatching(/^a\.yaml:1:\d+: got YAML that cannot be read/)]),
    ],
    [
      "a tag",
      `pushers: !!js/function "x"`,
      [expect.stringMatching(/^a\.yaml:1:10: got YAML that cannot be read: Unresolved tag/)],
    ],
    [
      "an unknown alias",
      `pushers: *nothing`,
      [expect.stringMatching(/got YAML that cannot be read: unidentified alias/)],
    ],
    [
      "two documents",
      "pushers: {}\n---\npushers: {}\n",
      [
        "a.yaml:2:1: got YAML that cannot be read: Source contains multiple documents; allowed: plain YAML 1.2; fix: correct this line",
      ],
    ],
    [
      "an empty file",
      "",
      [
        "a.yaml:1:1: got an empty value; allowed: a mapping; fix: write `edition: free` and `pushers:` with your pushers, or `pushers: {}` for none",
      ],
    ],
    [
      "a list",
      "- a",
      [
        "a.yaml:1:1: got a list of 1; allowed: a mapping; fix: write `edition: free` and `pushers:` with your pushers, or `pushers: {}` for none",
      ],
    ],
  ])("refuses %s", (_, text, expected) => {
    expect(problems({ "a.yaml": text })).toEqual(expected);
  });

  test.each<[string, string]>([
    ["{ project: a/b, branch: main }", "a.yaml:2:5: ignore[0].reason: got nothing; allowed: a text; fix: add it"],
    [
      "{ project: a/b, branch: main, reason: ' ' }",
      "a.yaml:2:35: ignore[0].reason: got no reason; allowed: a few words; fix: write why it may stay",
    ],
    ["{ project: a/b, reason: why }", `a.yaml:2:5: ignore[0]: got project; ${ONE_THING}`],
    ["{ branch: main, reason: why }", `a.yaml:2:5: ignore[0]: got branch; ${ONE_THING}`],
    [
      "{ project: a/b, branch: main, tag: v1, reason: why }",
      `a.yaml:2:5: ignore[0]: got project and branch and tag; ${ONE_THING}`,
    ],
    [
      "{ project: a/b, group: a, token: 1, reason: why }",
      `a.yaml:2:5: ignore[0]: got project and group and token; ${ONE_THING}`,
    ],
    ["{ group: a, branch: main, reason: why }", `a.yaml:2:5: ignore[0]: got group and branch; ${ONE_THING}`],
    [
      "{ project: a/b, job_token: false, reason: why }",
      "a.yaml:2:21: ignore[0].job_token: got false; allowed: true; fix: choose one of them",
    ],
    [
      "{ project: a/b, deploy_key: 1.5, reason: why }",
      "a.yaml:2:21: ignore[0].deploy_key: got 1.5; allowed: a text or a whole number; fix: write one of these",
    ],
    [
      "{ project: a/b, branches: main, reason: why }",
      'a.yaml:2:21: ignore[0]: got the unknown key "branches"; allowed: project, group, branch, tag, token, deploy_key, job_token, reason; fix: write branch',
    ],
    ["main", 'a.yaml:2:5: ignore[0]: got "main"; allowed: a mapping; fix: write a mapping'],
  ])("refuses to ignore %s", (entry, problem) => {
    expect(problems({ "a.yaml": `ignore:\n  - ${entry}\npushers: {}\n` })).toEqual([problem]);
  });

  test("takes what may stay, by GitLab's names and numbers", () => {
    const entries = [
      "{ project: a/b, branch: 'hotfix/*', reason: why }",
      "{ project: a/b, token: 12, reason: why }",
      "{ group: a, token: '12', reason: why }",
      "{ project: a/b, job_token: true, reason: why }",
    ];
    const folder = inventory({ "a.yaml": `ignore:\n${entries.map((each) => `  - ${each}\n`).join("")}pushers: {}\n` });
    const [file] = loadInventory(folder);
    expect(file!.content.ignore.map(({ token }) => token)).toEqual([undefined, 12, "12", undefined]);
    expect(file!.locate(["ignore", 2])).toMatch(/a\.yaml:4:5$/);
  });

  test("reports every problem of every file, in the order of the lines", () => {
    expect(
      problems({
        "a.yaml": `edition: no\npushers:\n  BAD:\n    target: 1\n    token: {expires: never}\n`,
        "b.yaml": "pushers: {x: {}}",
        "c.yml": "",
        "D.yaml": "pushers: {}",
      }).map((problem) => problem.replace(/: got .*/, "")),
    ).toEqual([
      "D.yaml: the file's name is the stack's",
      "a.yaml:1:1: edition",
      "a.yaml:3:3: pushers.BAD",
      "a.yaml:4:5: pushers.BAD.target",
      "a.yaml:5:13: pushers.BAD.token.expires",
      "b.yaml:1:11: pushers.x.target",
      "b.yaml:1:11: pushers.x.token",
      "c.yml",
    ]);
  });

  test("names a file it cannot use, and the likely fix", () => {
    expect(problems({ "a.yml": "" })).toEqual([expect.stringContaining("fix: rename it to a.yaml")]);
    expect(problems({ "README.md": "" })).toEqual([
      expect.stringContaining('got "README.md"; allowed: *.yaml files and nothing else'),
    ]);
    expect(problems({})).toEqual([expect.stringContaining("got an empty folder; allowed: one *.yaml file a stack")]);
    expect(() => loadInventory("/does/not/exist")).toThrow(
      /got ENOENT; allowed: a folder of \*\.yaml files; fix: run the command in the ops repository's folder, or/,
    );
  });

  test("never repeats a token that was pasted into it", () => {
    const [problem] = problems({
      "a.yaml": `pushers: {x: {target: glpat-0123456789abcdefghij, token: {expires: 2030-06-01}}}`,
    });
    expect(problem).toContain('got "[a token]"');
    expect(problem).not.toContain("glpat");
  });

  test("never repeats a long value, which may be a token without GitLab's prefix", () => {
    expect(problems({ "a.yaml": `edition: ${"x".repeat(41)}\npushers: {}` })).toEqual([
      expect.stringContaining("edition: got a text of 41 characters"),
    ]);
  });

  test("cannot be a folder of folders, which hides no other problem", () => {
    const folder = inventory({ "b.yaml": "" });
    mkdirSync(path.join(folder, "a.yaml"));
    expect(() => loadInventory(folder)).toThrow(
      /^2 problems[\s\S]*a\.yaml: got EISDIR[\s\S]*b\.yaml:1:1: got an empty value/,
    );
  });
});
