import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { devNull } from "node:os";
import * as path from "node:path";
import { FakeGitLab, FakeStatus } from "../support/fake-gitlab";
import { OpsFolder } from "../support/ops-folder";
import { planJson, ruleChange, tokenChange } from "../support/plan-json";
import { type PusherRun, pusher } from "../support/pusher-run";

const COMMANDS = path.join(__dirname, "../../commands");
const FORGED = "✓ 2 slots, nothing to do";
const TOKEN = "glpat-SecretSecretSecret";
/** Erases the line above it, hides what follows, turns it round, opens a link, forges a line, and holds a token. */
const HOSTILE = [
  "CI\u001b[2K\u001b[1A\u001b[8m\u009b2J\u202e\u2066",
  `\u001b]8;;http://evil.example.com\u0007link\u001b]8;;\u0007\r\n${FORGED}\n\u2028\u0085${FORGED}`,
  `\` | <b>@all</b> ![](http://evil.example.com/x) ${TOKEN} glpat-\u200bSecretSecretSecret \u{e0041}`,
].join("");
/** The same as it shows in a line of ours. */
const HARMLESS = /CI\[2K\[1A\[8m2J\]8;;http:\/\/evil\.example\.com\]?link\]8;; ✓ 2 slots, nothing to do/;

const INVENTORY =
  "pushers:\n  gitops: {target: xlink/gitops, token: {expires: [2030-06-04, 2030-02-05]}, branches: {main: {push: developer}}}\n";
const PROJECT = "/projects/xlink%2Fgitops";
const REFUSED = new FakeStatus(403, { message: HOSTILE });
const ORPHAN = {
  id: 7,
  name: HOSTILE,
  description: `gitlab-ci-pusher gone/${HOSTILE}`,
  user_id: 9,
  scopes: ["write_repository"],
  active: true,
  revoked: false,
  expires_at: "2030-03-01",
  created_at: HOSTILE,
  last_used_at: null,
  access_level: 30,
};
const ANSWERS = {
  "/user": { id: 1, username: HOSTILE },
  "/personal_access_tokens/self": { ...ORPHAN, id: 3, scopes: ["read_api"] },
  [`${PROJECT}/access_tokens`]: [ORPHAN],
  [`${PROJECT}/variables/GITLAB_PUSHER_TOKEN`]: REFUSED,
  [`${PROJECT}/variables`]: REFUSED,
  [PROJECT]: {
    id: 5,
    path_with_namespace: "xlink/gitops",
    default_branch: "main",
    archived: true,
    namespace: { kind: "group", full_path: "xlink" },
  },
  [`${PROJECT}/repository/branches`]: [{ name: `main${HOSTILE}` }],
  [`${PROJECT}/repository/branches/main`]: new FakeStatus(404, { message: HOSTILE }),
  [`${PROJECT}/protected_branches`]: [
    {
      name: `*${HOSTILE}`,
      push_access_levels: [{ access_level: 40, access_level_description: HOSTILE }],
      merge_access_levels: [{ access_level: 40, access_level_description: HOSTILE }],
      allow_force_push: false,
    },
  ],
  "/projects/xlink%2Frefused": REFUSED,
  "/groups/xlink%2Frefused": REFUSED,
  [`${PROJECT}/jobs/1`]: new FakeStatus(502, `<html>${HOSTILE}`),
  [`${PROJECT}/jobs/1/trace`]: REFUSED,
  [`${PROJECT}/terraform/state/ops/lock`]: new FakeStatus(409, { ID: "8c0f", Who: HOSTILE, Created: HOSTILE }),
};

/** An app of one stack, which warns. */
const APP = `
const fs = require("node:fs");
const out = process.env.CDKTF_OUTDIR;
fs.mkdirSync(out + "/stacks/ops", { recursive: true });
fs.writeFileSync(out + "/stacks/ops/cdk.tf.json", JSON.stringify({ terraform: { required_providers: { gitlab: { source: "gitlabhq/gitlab" } } } }));
const annotations = [{ level: "@cdktf/warn", message: ${JSON.stringify(HOSTILE)} }];
const ops = { name: "ops", constructPath: "ops", synthesizedStackPath: "stacks/ops/cdk.tf.json", dependencies: [], annotations };
fs.writeFileSync(out + "/manifest.json", JSON.stringify({ stacks: { ops } }));
`;
/** A Terraform that plans, and says to all else what it should not. */
const TERRAFORM = `#!/bin/sh
case $1 in
  version) echo "Terraform v1.11.4" ;;
  init) exit 0 ;;
  plan) exit 2 ;;
  show) cat "$(dirname "$0")/plan.json" ;;
  *) cat "$(dirname "$0")/said" >&2; exit 1 ;;
esac
`;

let gitlab: FakeGitLab;
let ops: OpsFolder;
let origin: string;
beforeAll(async () => {
  gitlab = await FakeGitLab.start(ANSWERS);
  ops = new OpsFolder({ ops: INVENTORY });
  const write = (name: string, text: string) => writeFileSync(path.join(ops.root, name), text, { mode: 0o755 });
  write("cdktf.json", JSON.stringify({ app: "node app.js", context: {} }));
  write("app.js", APP);
  write("terraform", TERRAFORM);
  write("said", HOSTILE);
  write(
    "job.log",
    `$ git push origin HEAD:main\nremote: ${HOSTILE}\nremote: GitLab: You are not allowed to push code to protected branches on this project.\n`,
  );
  const changes = [tokenChange(["create"], { name: HOSTILE }), ruleChange(["update"], { branch: HOSTILE })];
  write("plan.json", planJson({ changes }));
  ops.commit();
  origin = path.join(ops.root, "origin.git");
  execFileSync("git", ["clone", "--quiet", "--bare", ops.root, origin]);
  execFileSync("git", ["-C", origin, "config", "receive.advertisePushOptions", "true"]);
  mkdirSync(path.join(origin, "hooks"), { recursive: true });
  writeFileSync(path.join(origin, "hooks/post-receive"), `#!/bin/sh\ncat '${path.join(ops.root, "said")}'\n`, {
    mode: 0o755,
  });
  ops.git(["config", "remote.origin.url", origin]);
  ops.git(["config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"]);
});
afterAll(() => gitlab.stop());
// A rotation that waits is not made again.
afterEach(() => execFileSync("git", ["-C", origin, "update-ref", "-d", "refs/heads/rotate/2030-01-10"]));

/** Runs a command in the ops repository. @param terminal whether a person sees it */
async function run(args: readonly string[], terminal: boolean, context: object = {}): Promise<PusherRun> {
  const [cwd, before, { isTTY }] = [process.cwd(), process.env, process.stdout];
  writeFileSync(path.join(ops.root, "cdktf.json"), JSON.stringify({ app: "node app.js", context }));
  process.chdir(ops.root);
  process.env = {
    PATH: before.PATH,
    TMPDIR: before.TMPDIR,
    HOME: before.HOME,
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: "1",
    GITLAB_BASE_URL: gitlab.url,
    GITLAB_TOKEN: "glpat-OperatorOperator",
    TF_HTTP_USERNAME: "ops",
    TF_HTTP_PASSWORD: "glpat-OperatorOperator",
    TERRAFORM_BINARY_NAME: path.join(ops.root, "terraform"),
  };
  process.stdout.isTTY = terminal;
  try {
    return await pusher(args, ops.now);
  } finally {
    process.stdout.isTTY = isTTY;
    process.env = before;
    process.chdir(cwd);
  }
}

/** What the commands colour with. */
const COLORS = new RegExp(`${String.fromCharCode(27)}\\[(?:[012]|22|3[1-6]|39)m`, "g");

const IN_GITLAB = { state: "gitlab", stateProject: "xlink/gitops" };

describe.each<[string, readonly string[], object, readonly RegExp[]]>([
  [
    "status",
    ["status"],
    {},
    [/^✗ token 7 \(gitlab-ci-pusher gone\/CI/m, /^not seen: variables of project xlink\/gitops: 403 CI/m],
  ],
  ["doctor", ["doctor", "gitops"], {}, [/^✗ main: /m, /^not seen: variables of xlink\/gitops: 403 (403 )?CI/m]],
  [
    "discover",
    ["discover", "xlink/gitops"],
    {},
    [
      /^✗ danger default-branch-open: /m,
      /^not seen: variables of xlink\/gitops, group xlink: 40\d CI|^not seen: variables of xlink\/gitops: 403 (403 )?CI/m,
    ],
  ],
  [
    "report",
    ["report", "xlink/gitops", "--html", "report.html"],
    {},
    [/^written: report\.html: 1 project, 1 finding; 6 things not seen$/m],
  ],
  ["doctor --job-log", ["doctor", "--job-log", "job.log"], {}, [/^✗ line 5 of the log: /m]],
  ["state lock", ["state", "lock", "ops"], IN_GITLAB, [/^ops is locked by CI/m]],
  ["rotate", ["rotate", "--due", "--merge-request"], {}, [/^ {2}CI/m]],
  ["review", ["review", "--all"], {}, [/^ {2}created: slot 1 `CI/m, /^Warning of ops: CI/m]],
  ["deploy", ["deploy"], {}, [/^ops: CI/m, /^the deploy of ops failed/m]],
  ["providers lock", ["providers", "lock"], {}, [/^terraform providers lock failed/m]],
])("GIVEN names, errors and words meant to deceive WHEN pusher %s tells of them", (_, args, context, found) => {
  test.each([false, true])(
    "THEN they are printable and without tokens, and what it found is there; on a terminal: %j",
    async (terminal) => {
      const { stdout, stderr } = await run(args, terminal, context);
      const told = `${stdout}${stderr}`.replace(terminal ? COLORS : "", "");
      expect(told).not.toMatch(/(?!\r?\n|\t)[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(told).not.toMatch(/Secret|Operator/);
      for (const each of found) expect(told).toMatch(each);
    },
  );
});

describe("GIVEN the same WHEN it is laid out", () => {
  test.each<[string, readonly string[], object]>([
    ["status", ["status"], {}],
    ["doctor", ["doctor", "gitops"], {}],
    ["discover", ["discover", "xlink/gitops"], {}],
    ["state lock", ["state", "lock", "ops"], IN_GITLAB],
    ["review", ["review", "--all"], {}],
  ])("by pusher %s THEN no name makes a line of its own", async (_, args, context) => {
    const { stdout, stderr } = await run(args, false, context);
    expect(stdout.replace(/\s+/g, " ")).toMatch(HARMLESS);
    expect(`${stdout}${stderr}`.split("\n").filter((line) => line.startsWith(FORGED))).toEqual([]);
  });

  test.each<[string, readonly string[], object]>([
    ["status", ["status", "--json"], {}],
    ["doctor", ["doctor", "gitops", "--json"], {}],
    ["discover", ["discover", "xlink/gitops", "--json"], {}],
    ["state lock", ["state", "lock", "ops", "--json"], IN_GITLAB],
    ["review", ["review", "--all", "--json"], {}],
  ])("by pusher %s as JSON THEN it is one printable line of JSON without a token", async (_, args, context) => {
    const { stdout } = await run(args, false, context);
    expect(stdout).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+\n$/u);
    expect(stdout).not.toContain(TOKEN);
    expect(JSON.stringify(JSON.parse(stdout))).toContain("\\u001b[2K");
  });

  test.each<[string, readonly string[], object]>([
    ["discover", ["discover", "xlink/refused"], {}],
    ["doctor", ["doctor", "JOB"], {}],
    ["state push", ["state", "push", "ops", "--file", "job.log", "--unlock", "8c0f"], IN_GITLAB],
    ["state restore", ["state", "restore", "ops", "--state", `states ${TOKEN}`], {}],
  ])(
    "by pusher %s, which ends on it, as JSON THEN its parts are known, printable and without a token",
    async (_, args, context) => {
      const job = `${gitlab.url}/xlink/gitops/-/jobs/1`;
      const { code, stdout } = await run([...args.map((arg) => (arg === "JOB" ? job : arg)), "--json"], false, context);
      expect(code).toBe(args.includes("restore") ? 1 : 2);
      expect(stdout).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+\n$/u);
      expect(stdout).not.toMatch(/Secret|Operator/);
      const { problems } = JSON.parse(stdout);
      const [got, allowed, fix] = [expect.any(String), expect.any(String), expect.any(String)];
      expect(problems).toEqual([expect.objectContaining({ got, allowed, fix })]);
    },
  );

  test("by gitlab-ci-pusher report THEN no name is HTML, nothing is hidden, and no token gets out", async () => {
    await run(["report", "xlink/gitops", "--html", "report.html"], false);
    const page = readFileSync(path.join(ops.root, "report.html"), "utf8");
    expect(page).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(page).not.toMatch(/Secret|Operator|<b>@all/);
    expect(page).toContain("&lt;b&gt;@all&lt;/b&gt;");
  });

  test("by gitlab-ci-pusher review as Markdown THEN no name is markup", async () => {
    await run(["review", "--all", "--out", "review"], false);
    const summary = readFileSync(path.join(ops.root, "review/summary.md"), "utf8");
    expect(summary).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(summary).not.toMatch(/Secret/);
    const warning = summary.split("\n").find((line) => line.startsWith("- Warning of ops"));
    expect(warning).toContain("\\` \\| \\<b\\>\\@all\\</b\\> !\\[\\](http://evil.example.com/x) \\[a token\\]");
    const outsideCode = summary.replace(/`[^`\n]*`/g, "").replace(/\\./g, "");
    expect(outsideCode).not.toMatch(/<b>|@all|!\[|`/);
  });
});

test("commands write through one exit", () => {
  const files = readdirSync(COMMANDS, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const writing = files.filter((name) =>
    /process\.(stdout|stderr)(?!\.on\()|console\./.test(readFileSync(path.join(COMMANDS, name), "utf8")),
  );
  expect(writing).toEqual(["output.ts"]);
});
