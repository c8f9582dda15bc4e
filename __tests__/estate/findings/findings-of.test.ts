import type { Estate, ProjectPicture, PushPicture } from "../../../estate/estate";
import { SEVERITIES } from "../../../estate/findings/finding";
import { FINDING_RULES, findingsOf } from "../../../estate/findings/findings-of";
import { estate, rule, token, variable } from "../../support/estate";

const found = (given: Estate) =>
  findingsOf(given).map(({ rule: { id }, place, subject, got }) => `${id} ${place}: ${subject}: ${got}`);

const bot = { access_level: 40, user_id: 70, access_level_description: "deploy" };
const key = { id: 3, title: "mirror", createdAt: "2099-05-01T00:00:00Z", expiresAt: null, lastUsedAt: undefined };
const push: PushPicture = {
  job: "deploy",
  project: "xlink/app",
  branch: "main",
  tags: false,
  with: "variable",
  key: "GITOPS_TOKEN",
  pipelines: ["push"],
};
const shop: ProjectPicture = { ...estate({ tokens: [] }).projects[0]!, id: 2, path: "xlink/shop" };

describe("GIVEN an estate in good order WHEN it is judged THEN nothing is found", () => {
  test.each<[string, Estate]>([
    ["a Developer's token, protected and masked", estate()],
    ["nothing but what GitLab makes", estate({ rules: [rule("main", 40)], tokens: [], variables: [] })],
    [
      "a Maintainer's token where Developers may not push",
      estate({ rules: [rule("main", 40)], tokens: [token({ level: 40 })] }),
    ],
    [
      "a bot by name on a branch closed to all others",
      estate({ rules: [rule("main", 0, { push_access_levels: [bot] })] }),
    ],
    [
      "the second slot of a pusher, which waits",
      estate({ tokens: [token({ slot: "ops/p/TokenB", lastUsedAt: null, createdAt: "2099-02-01T00:00:00Z" })] }),
    ],
    [
      "the variables of a pusher",
      estate({ tokens: [token({ slot: "ops/p/Token" })], variables: [variable(), variable({ key: "B" })] }),
    ],
    ["a new token", estate({ tokens: [token({ lastUsedAt: null })] })],
    [
      "what was not seen",
      estate({
        tokens: [token({ level: 40 })],
        project: { rules: undefined, branches: undefined, deployKeys: undefined, pushes: undefined },
      }),
    ],
    ["a job that pushes elsewhere", estate({ project: { pushes: [{ ...push, project: "xlink/other" }] } })],
    [
      "a GitLab that knows no push by job token",
      estate({ project: { pushes: [push], jobToken: { ...shop.jobToken, push: undefined } } }),
    ],
    [
      "a job token that no rule would let in",
      estate({ rules: [rule("main", 0, { push_access_levels: [bot] })], project: { pushes: [push] } }),
    ],
    ["dates that are none", estate({ tokens: [token({ expiresAt: "soon", lastUsedAt: "yesterday", createdAt: "" })] })],
  ])("%s", (_, given) => {
    expect(found(given)).toEqual([]);
  });
});

const WRONG: [string, Estate, string[]][] = [
  [
    "a wildcard opens a closed branch",
    estate({ rules: [rule("main", 40), rule("m*", 30)] }),
    [
      'wildcard-opens xlink/app: rule "m*": "m*" (push: Developers + Maintainers) beside "main" (push: Maintainers): push (Developers + Maintainers instead of Maintainers)',
    ],
  ],
  [
    "a wildcard opens some branches of another",
    estate({ rules: [rule("main", 40), rule("v*", 40), rule("*-stable", 30)] }),
    [
      'wildcard-opens xlink/app: rule "*-stable": "*-stable" (push: Developers + Maintainers) beside "v*" (push: Maintainers), such as on v1-stable: push (Developers + Maintainers instead of Maintainers)',
    ],
  ],
  [
    "no rule",
    estate({ rules: [] }),
    ["default-branch-open xlink/app: branch main: no rule matches; push: Developers and up"],
  ],
  [
    "force push",
    estate({ rules: [rule("main", 30, { allow_force_push: true })] }),
    ["default-branch-rewritable xlink/app: branch main: force push: Developers and up"],
  ],
  [
    "an unprotected variable",
    estate({ variables: [variable({ protected: false })] }),
    ["variable-unprotected xlink/app: GITOPS_TOKEN of project xlink/app: not protected"],
  ],
  [
    "an unmasked variable",
    estate({ variables: [variable({ masked: false })] }),
    ["variable-unmasked xlink/app: GITOPS_TOKEN of project xlink/app: not masked"],
  ],
  [
    "a variable that only its name tells",
    estate({ variables: [variable({ masked: false, carries: { kind: "by name" } })] }),
    ["variable-unmasked xlink/app: GITOPS_TOKEN of project xlink/app: not masked"],
  ],
  [
    "more scopes",
    estate({ tokens: [token({ scopes: ["api", "write_repository"] })] }),
    ["token-wide xlink/app: token deploy (7): scopes api"],
  ],
  [
    "a role that no branch asks for",
    estate({ tokens: [token({ level: 40 })] }),
    ["token-wide xlink/app: token deploy (7): role Maintainer, though a Developer may push to the same branches"],
  ],
  [
    "a person's token",
    estate({ tokens: [token({ kind: "personal", home: undefined, username: "ann", level: undefined })] }),
    ["token-wide undefined: personal token of ann: deploy (7): may whatever its person may, in all their projects"],
  ],
  [
    "a group's token",
    estate({ tokens: [token({ kind: "group", home: "xlink" })] }),
    ["token-wide xlink: group token deploy (7): reaches every project of group xlink"],
  ],
  [
    "no expiry",
    estate({ tokens: [token({ expiresAt: null })] }),
    ["token-far-expiry xlink/app: token deploy (7): no expiry date"],
  ],
  [
    "a far expiry",
    estate({ tokens: [token({ expiresAt: "2109-01-01" })] }),
    ["token-far-expiry xlink/app: token deploy (7): expires on 2109-01-01"],
  ],
  [
    "a near death",
    estate({ tokens: [token({ expiresAt: "2100-02-01" })] }),
    ["token-dies-soon xlink/app: token deploy (7): expires on 2100-02-01"],
  ],
  [
    "long unused",
    estate({ tokens: [token({ lastUsedAt: "2099-08-01T00:00:00Z" })] }),
    ["token-unused xlink/app: token deploy (7): last used on 2099-08-01"],
  ],
  [
    "never used",
    estate({ tokens: [token({ lastUsedAt: null, createdAt: "2099-11-01T00:00:00Z" })] }),
    ["token-unused xlink/app: token deploy (7): never used since 2099-11-01"],
  ],
  [
    "one token in two variables",
    estate({
      variables: [variable(), variable({ key: "B", home: { kind: "group", path: "xlink/a" }, environment: "prod" })],
    }),
    [
      "token-in-many-places xlink/app: token deploy (7): in GITOPS_TOKEN of project xlink/app, B (prod) of group xlink/a",
    ],
  ],
  [
    "a dead token",
    estate({ variables: [variable({ protected: false, carries: { kind: "dead", status: "revoked" } })] }),
    ["variable-dead xlink/app: GITOPS_TOKEN of project xlink/app: revoked"],
  ],
  [
    "a deploy key for ever",
    estate({ project: { deployKeys: [key] } }),
    ["deploy-key-writes xlink/app: deploy key mirror (3): write access since 2099-05-01, no expiry date"],
  ],
  [
    "a push to the own project",
    estate({ project: { pushes: [push] } }),
    ["no-token-needed xlink/app: job deploy: $GITOPS_TOKEN for a push to the job's own project"],
  ],
  [
    "a push to a project that could let job tokens of others in",
    estate({
      project: { jobToken: { ...shop.jobToken, crossProject: false } },
      projects: [{ ...shop, pushes: [push] }],
    }),
    ["no-token-needed-across xlink/shop: job deploy: $GITOPS_TOKEN for a push to xlink/app"],
  ],
  [
    "Developers read a Maintainer's token",
    estate({ rules: [rule("main", 40), rule("dev", 30)], tokens: [token({ level: 40 })] }),
    [
      "variable-readable xlink/app: GITOPS_TOKEN of project xlink/app: Developers and up push to dev of xlink/app; token deploy (7) pushes to main of xlink/app",
    ],
  ],
  [
    "Developers of one project read another's token",
    estate({ projects: [shop], variables: [variable({ home: { kind: "project", path: "xlink/shop" } })] }),
    [
      "variable-readable xlink/shop: GITOPS_TOKEN of project xlink/shop: Developers and up push to main of xlink/shop; token deploy (7) pushes to main of xlink/app",
    ],
  ],
];

describe("GIVEN one thing that is wrong WHEN it is judged THEN it is found, and nothing else", () => {
  test.each(WRONG)("%s", (_, given, expected) => {
    expect(found(given)).toEqual(expected);
  });

  test("every rule is among them", () => {
    const told = new Set(WRONG.flatMap(([, , lines]) => lines).map((line) => line.split(" ")[0]));
    expect([...told].sort()).toEqual(FINDING_RULES.map(({ id }) => id).sort());
  });

  test("the worst come first", () => {
    const severities = FINDING_RULES.map(({ severity }) => SEVERITIES.indexOf(severity));
    expect(severities).toEqual([...severities].sort());
  });
});
