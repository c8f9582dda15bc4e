import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Sandbox } from "../../sandbox/sandbox";
import { ApiClient } from "../support/api-client";
import { OpsRepository } from "../support/ops-repository";
import { formsOf } from "../support/secret-forms";
import { TERRAFORM } from "../support/tested-terraform";

const PROJECT = path.join(__dirname, "../..");
const TIMEOUT = 240_000;

/** A date some days from now: here the app runs by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const [SOON, LATER, LATEST] = [day(100), day(200), day(300)];

const pusher = (id: string, expires: string, push = "maintainer"): string =>
  `  ${id}:\n    target: xlink/${id}\n    token: {role: maintainer, expires: [${expires}]}\n    variable: {in: [xlink/${id}]}\n    branches: {main: {push: ${push}}}\n`;
const stack = (...pushers: string[]): string => `edition: free\npushers:\n${pushers.join("")}`;

const DEPLOYED = stack(pusher("one", `${SOON}, ${LATER}`), pusher("two", `${SOON}, ${LATER}`));
/** Adds a pusher, rotates another and widens a rule. */
const CHANGED = stack(
  pusher("one", `${LATEST}, ${LATER}`),
  pusher("two", `${SOON}, ${LATER}`, "developer"),
  pusher("three", `${SOON}, ${LATER}`),
);

describe("reviewed, and deployed as reviewed", () => {
  let sandbox: Sandbox;
  let ops: OpsRepository;

  beforeEach(async () => {
    const projects = ["one", "two", "three", "other"].map((name) => ({
      path: `xlink/${name}`,
      files: { "README.md": "x\n" },
    }));
    sandbox = await Sandbox.start({ seed: { projects } });
    ops = new OpsRepository(sandbox);
    ops.write({ ops: DEPLOYED, other: stack(pusher("other", `${SOON}, ${LATER}`)) });
    ops.commit("main");
    ops.git("remote", "set-head", "origin", "main");
    const deployed = await ops.pusher("deploy");
    expect({ ...deployed, stderr: "" }).toEqual({ code: 0, stdout: "Deployed ops, other.\n", stderr: "" });
  }, TIMEOUT);
  afterEach(() => sandbox.stop());

  const api = () => ApiClient.admin(sandbox);
  const pushLevel = async (project: string) => {
    const { body } = await api().get(`/projects/xlink%2F${project}/protected_branches/main`);
    return (body as { push_access_levels: { access_level: number }[] }).push_access_levels[0]?.access_level;
  };
  const writes = async () => {
    const { body } = await api().control("GET", "requests");
    return (body as { method: string }[]).filter(({ method }) => method !== "GET");
  };

  test(
    "GIVEN a change WHEN it is reviewed and deployed THEN that is done, and what slips in afterwards is refused",
    async () => {
      // GIVEN a change on a branch
      ops.git("switch", "--quiet", "--create", "change");
      ops.write({ ops: CHANGED });
      ops.commit();
      const state = readFileSync(ops.file(".state", "ops.tfstate"), "utf8");
      await api().control("DELETE", "requests");

      // WHEN it is reviewed, twice
      const first = await ops.pusher("review", "--out", "review");
      const again = await ops.pusher("review", "--json");

      // THEN it says what would be done, dangers first, in the stack that changes, and changes nothing
      expect({ code: first.code, again: again.code }).toEqual({ code: 0, again: 0 });
      const summary = readFileSync(ops.file("review", "summary.md"), "utf8");
      expect(summary).toMatch(/Dangers \(1\)\n\n- ops\/two: branch opened wider \(push\)/);
      for (const line of [
        `rotated: slot 1 \`GITLAB_CI_PUSHER\` of \`xlink/one\`: ${SOON} → ${LATEST}`,
        "switched: variable `GITLAB_PUSHER_TOKEN` of `xlink/one`, holds slot 1",
        `created: slot 2 \`GITLAB_CI_PUSHER_B\` of \`xlink/three\`, role maintainer, until ${LATER}`,
        "opened: rule `main` of `xlink/two`: push_access_level maintainer → developer",
        "push to `main` of `xlink/two`: gained by Developers",
        "push to `main` of `xlink/three`: gained by the bot of `three` (slot 1) and the bot of `three` (slot 2)",
        "1 of 2 stacks differ from",
      ]) {
        expect(summary).toContain(line);
      }
      expect(summary).not.toContain("xlink/other");
      const report = JSON.parse(readFileSync(ops.file("review", "terraform-report.json"), "utf8"));
      expect(report).toEqual({ create: 6, update: 2, delete: 1 });
      expect(await writes()).toEqual([]);
      expect(readFileSync(ops.file(".state", "ops.tfstate"), "utf8")).toBe(state);

      // AND the digest is that of the change
      const digest = readFileSync(ops.file("review", "digest"), "utf8").trim();
      expect(digest).toMatch(/^[0-9a-f]{64}$/);
      expect(JSON.parse(again.stdout)).toMatchObject({ digest, stacks: { ops: digest }, terraform: report });

      // WHEN another change slips in, in the inventory or in GitLab
      ops.write({ ops: CHANGED.replace(`${SOON}, ${LATER}`, `${day(290)}, ${LATER}`) });
      const slipped = await ops.pusher("deploy", "ops", "--reviewed", digest);
      ops.write({ ops: CHANGED });
      await api().patch("/projects/xlink%2Fone/protected_branches/main", { allow_force_push: true });
      await api().control("DELETE", "requests");
      const byHand = await ops.pusher("deploy", "ops", "--reviewed", "review");
      const reviewedAgain = await ops.pusher("review", "--reviewed", "review", "--json");

      // THEN both are refused with what they would do, and nothing is touched
      for (const refused of [slipped, byHand]) {
        expect(refused.code).toBe(1);
        expect(refused.stdout).toMatch(/^Refused, nothing was changed: got the digest [0-9a-f]{64}; allowed: /);
        expect(refused.stderr).toContain("danger: ops/two: branch opened wider (push)");
      }
      expect(byHand.stderr).toContain("allow_force_push true → false");

      // AND where the summary is known, with the difference
      expect(slipped.stderr).not.toContain("--- reviewed");
      for (const { stderr } of [byHand, reviewedAgain]) {
        expect(stderr).toMatch(/^--- reviewed\n\+\+\+ planned now\n@@ .*\n/m);
        expect(stderr).toMatch(/^\+- (closed|changed): rule `main` of `xlink\/one`: allow_force_push true → false$/m);
      }
      expect(reviewedAgain.code).toBe(1);
      expect(JSON.parse(reviewedAgain.stdout).reviewed).toEqual({ digest, origin: "review", same: false });
      expect(await writes()).toEqual([]);
      expect(readFileSync(ops.file(".state", "ops.tfstate"), "utf8")).toBe(state);
      expect(await pushLevel("two")).toBe(40);

      // WHEN GitLab is as it was
      await api().patch("/projects/xlink%2Fone/protected_branches/main", { allow_force_push: false });
      const asReviewed = await ops.pusher("review", "--reviewed", digest, "--note", "--json");
      expect({ code: asReviewed.code, stderr: asReviewed.stderr }).toEqual({
        code: 0,
        stderr: expect.stringContaining(
          "No note on a merge request: this is no pipeline of a merge request; the summary is in the job's log only.\n",
        ),
      });
      expect(JSON.parse(asReviewed.stdout).reviewed).toMatchObject({ same: true });
      const done = await ops.pusher("deploy", "--base", "origin/main", "--reviewed", "review");

      // THEN it is deployed, and a second time there is nothing to do
      expect({ ...done, stderr: "" }).toEqual({ code: 0, stdout: "Deployed ops.\n", stderr: "" });
      expect(await pushLevel("two")).toBe(30);
      const repeated = await ops.pusher("deploy", "--base", "origin/main", "--reviewed", digest, "--json");
      expect(JSON.parse(repeated.stdout)).toMatchObject({ deployed: [], refused: null, reviewed: null });
      expect((await ops.pusher("review", "--all", "--fail-on-changes")).code).toBe(0);

      // AND no file and no output has a secret; no plan and no working tree is left
      const secrets = ops.secrets();
      expect(secrets.length).toBeGreaterThan(8);
      const left = [["what was printed", ops.printed] as const, ...ops.files()];
      const leaks = secrets.flatMap(formsOf).flatMap((form) => left.filter(([, text]) => text.includes(form)));
      expect(leaks.map(([where]) => where)).toEqual([]);
      // The search finds what is there.
      expect(secrets.flatMap(formsOf).some((form) => state.includes(form))).toBe(true);
      expect(readdirSync(ops.temporary)).toEqual([]);
      expect(existsSync(ops.file("cdktf.out"))).toBe(false);
      expect(ops.git("worktree", "list").trim().split("\n")).toHaveLength(1);

      // AND cdktf, with the same state, sees nothing left to do
      const agreed = await ops.cdktf("diff", "ops");
      expect({ code: agreed.code, stdout: agreed.stdout }).toEqual({
        code: 0,
        stdout: expect.stringContaining("No changes."),
      });
    },
    TIMEOUT,
  );

  test(
    "GIVEN drift, a broken inventory, a lost base or a wrong name THEN the exit code tells",
    async () => {
      // Drift: a scheduled pipeline fails.
      await api().patch("/projects/xlink%2Fother/protected_branches/main", { allow_force_push: true });
      const drift = await ops.pusher("review", "--all", "--fail-on-changes");
      expect(drift.code).toBe(1);
      expect(drift.stdout).toContain("closed: rule `main` of `xlink/other`: allow_force_push true → false");

      // A stack that is taken out is told of.
      ops.git("rm", "--quiet", "pushers/other.yaml");
      const gone = await ops.pusher("review");
      expect({ code: gone.code, stdout: gone.stdout }).toEqual({
        code: 0,
        stdout: expect.stringContaining(
          "danger: other: stack taken out: nothing of it is destroyed, its tokens live on",
        ),
      });

      ops.write({ ops: "edition: free\npushers: 3\n" });
      const broken = await ops.pusher("review");
      expect(broken.code).toBe(2);
      expect(broken.stderr).toContain("pushers/ops.yaml");
      ops.write({ ops: DEPLOYED });
      for (const [args, message] of [
        [["review", "--base", "nowhere"], 'got the revision "nowhere"'],
        [["deploy", "nobody"], 'got the stack "nobody"; allowed: ops'],
        [["deploy", "--reviewed", "12"], 'got --reviewed "12", where no file digest is'],
        [["review", "--reviewed", "merge-request"], "got --reviewed merge-request without CI_API_V4_URL"],
        [["review", "--all", "--base", "main"], "got --base and --all"],
      ] as const) {
        const refused = await ops.pusher(...args);
        expect(refused.code).toBe(2);
        expect(refused.stderr).toContain(message);
      }
      expect(readdirSync(ops.temporary)).toEqual([]);
    },
    TIMEOUT,
  );

  test(
    "GIVEN rules and what can push, made by hand THEN --all tells of each, and what the inventory says may stay is quiet",
    async () => {
      // GIVEN
      const one = "/projects/xlink%2Fone";
      await api().post(`${one}/protected_branches`, { name: "rel*", push_access_level: 30 });
      await api().post(`${one}/protected_tags`, { name: "v*", create_access_level: 30 });
      const token = { name: "old", scopes: ["api"], access_level: 40, expires_at: SOON };
      const id = (await api().post(`${one}/access_tokens`, token)).body.id as number;
      await api().post(`${one}/access_tokens`, { ...token, name: "reads", scopes: ["read_repository"] });
      await api().put(one, { ci_push_repository_for_job_token_allowed: true });
      await api().post("/projects/xlink%2Fthree/protected_branches", { name: "of no target", push_access_level: 30 });
      await api().control("DELETE", "requests");

      // WHEN
      const drift = await ops.pusher("review", "--all", "--fail-on-changes");

      // THEN
      expect([drift.code, drift.stdout]).toEqual([1, expect.stringContaining("Nothing would change.\n")]);
      const told = drift.stdout.split("\n").filter((line) => line.startsWith("declared by nobody: "));
      expect(told).toEqual([
        "declared by nobody: branch rule `rel*` of `xlink/one`: push Developers and up, merge Maintainers and up",
        "declared by nobody: tag rule `v*` of `xlink/one`: create Developers and up",
        "declared by nobody: job token of `xlink/one`: may push, its own jobs, as whoever started them",
        `declared by nobody: project access token \`old\` (${id}) of \`xlink/one\`: role Maintainer, scopes api, until ${SOON}, pushes to \`main\`, \`rel*\`, branches without a rule`,
      ]);
      expect(await writes()).toEqual([]);

      // AND a deploy, or a review of a change, does not look for it
      expect((await ops.pusher("review", "--json")).stdout).toContain('"undeclared":[]');

      // WHEN the inventory says that they may stay, and something more
      const things = ["branch: rel*", "tag: v*", "token: old", "job_token: true", "branch: gone"];
      const ignore = things.map((thing) => `  - { project: xlink/one, ${thing}, reason: OPS-12 }\n`).join("");
      ops.write({ ops: `ignore:\n${ignore}${DEPLOYED}` });
      const quiet = await ops.pusher("review", "--all", "--fail-on-changes");

      // THEN
      expect(quiet).toMatchObject({ code: 0 });
      expect(quiet.stdout).toContain("4 things that nobody declared may stay, as ignore says.\n");
      expect(quiet.stdout).toContain(
        "pushers/ops.yaml:6:5: ignore: `xlink/one` has no such branch rule any more that nobody declares: take the entry out.\n",
      );
    },
    TIMEOUT,
  );

  test(
    "GIVEN a rule and a variable that were made by hand THEN a review names both with the cure, a deploy is refused, and the cure cures",
    async () => {
      const adopting = (own: string) =>
        stack(
          `${pusher("three", `${SOON}, ${LATER}`).replace("in:", `${own}in:`)}      release/*: {push: developer${own && ", import: true"}}\n`.replace(
            "branches: {main: {push: maintainer}}",
            "branches:\n      main: {push: maintainer}",
          ),
        );
      ops.write({ fresh: adopting("") });
      await api().post("/projects/xlink%2Fthree/protected_branches", { name: "release/*", push_access_level: 40 });
      await api().post("/projects/xlink%2Fthree/variables", { key: "GITLAB_PUSHER_TOKEN", value: "of-another-hand" });
      await api().control("DELETE", "requests");

      const review = await ops.pusher("review", "--json");
      const refused = await ops.pusher("deploy", "fresh");

      const { effects, fails, notes } = JSON.parse(review.stdout);
      expect([review.code, refused.code]).toEqual([1, 1]);
      expect(notes.join()).not.toMatch(/GitLab (did not show|was not compared with)/);
      expect(fails).toEqual([
        "fresh/three: variable `GITLAB_PUSHER_TOKEN` of `xlink/three`: exists already: import it: add `import: true` to the variable at pushers/fresh.yaml:6:5",
        "fresh/three: rule `release/*` of `xlink/three`: push Maintainers and up → Developers and up: exists already: import it: add `import: true` to the rule at pushers/fresh.yaml:9:7, for two deploys: the first makes the guard",
      ]);
      expect(effects.map(({ what }: { what: string }) => what)).toContain("rule `main` of `xlink/three` (taken over)");
      for (const said of [review.stderr, refused.stdout]) expect(said).toContain(fails[1]);
      expect(refused.stdout).toMatch(/^Refused, nothing was changed: /);
      expect(await writes()).toEqual([]);

      ops.write({ fresh: adopting("import: true, ") });
      for (const made of ["first", "second"])
        expect([made, await ops.pusher("deploy", "fresh")]).toMatchObject([made, { code: 0 }]);
      const { body } = await api().get("/projects/xlink%2Fthree/protected_branches/release%2F*");
      expect(body).toMatchObject({ push_access_levels: [{ access_level: 30 }] });
    },
    TIMEOUT,
  );

  test(
    "GIVEN no commit before, or shards, THEN every stack is planned once",
    async () => {
      ops.write({ ops: CHANGED });
      const all = JSON.parse((await ops.pusher("review", "--base", "0".repeat(40), "--json")).stdout);
      expect(Object.keys(all.stacks)).toEqual(["ops"]);
      expect(all.notes).toContain("There is no commit to compare with: every stack was planned.");
      expect(all.notes.join()).toMatch(/^Warning of ops: more than 3 tokens expire on /);
      const shares = await Promise.all(
        ["2/3", "3/3"].map((share) => ops.pusher("review", "--all", "--shard", share, "--json")),
      );
      const [first, second] = shares.map(({ stdout }) => JSON.parse(stdout));
      const told = [first.notes, second.notes].flat().filter((note: string) => note.startsWith("Shard"));
      expect(told.sort()).toEqual(["Shard 2 of 3: 1 of these 2 stacks.", "Shard 3 of 3: 1 of these 2 stacks."]);

      // Where nobody reads on, as in `… | head`, the exit code is that of the command all the same.
      const job = { CI_API_V4_URL: `${sandbox.url}/api/v4`, CI_PROJECT_ID: "1", CI_COMMIT_SHA: "0".repeat(40) };
      const unread = ops.startAs({ ...job, CI_JOB_NAME: "plan" }, "review", "--all", "--reviewed", "merge-request");
      unread.child.stdout!.destroy();
      const { code, stderr } = await unread.ended;
      expect([stderr, code]).toEqual([expect.stringContaining("got 404"), 2]);
      // The digest of a shard is that of its stacks.
      expect([first, second].filter(({ digest }) => digest === all.digest)).toHaveLength(1);
      expect([...Object.keys(first.stacks), ...Object.keys(second.stacks)]).toEqual(["ops"]);
    },
    TIMEOUT,
  );

  test(
    "GIVEN a state that the synth does not look into THEN a review says so, and only what was reviewed is deployed",
    async () => {
      rmSync(ops.file("main.ts"));
      const app = (more = "") =>
        writeFileSync(
          ops.file("main.ts"),
          `import { LocalBackend } from "cdktf";
import { failWith, synthesizeInventory } from "${PROJECT}/index";
import { TERRAFORM } from "../support/tested-terraform";
synthesizeInventory("pushers", {
  customize: (stacks) => {
    for (const stack of stacks) new LocalBackend(stack, { path: \`${ops.file(".state")}/\${stack.node.id}.tfstate\` });
    ${more}
  },
}).catch(failWith);
`,
        );
      app();

      ops.write({ ops: CHANGED });

      const { digest, notes } = JSON.parse((await ops.pusher("review", "--json")).stdout);
      expect(notes[0]).toContain(
        "Warning of ops: the stack has a backend of its own, so a synth does not see the state",
      );
      const refused = await ops.pusher("deploy", "ops");
      expect(refused.code).toBe(1);
      expect(refused.stdout).toContain("got a synth that could not look into the state of ops (above)");
      expect(await pushLevel("two")).toBe(40);
      expect((await ops.pusher("deploy", "ops", "--reviewed", digest)).stdout).toBe("Deployed ops.\n");
      expect((await ops.pusher("deploy", "other")).stdout).toBe("Nothing to deploy.\n");

      // AND a resource of one's own is shown, and left to cdktf, reviewed or not
      app(`stacks[0]!.addOverride("resource.terraform_data.Mine", { input: "x" });`);
      const shown = await ops.pusher("review", "--json");
      const { effects, ...made } = JSON.parse(shown.stdout);
      const told = {
        stack: "ops",
        kind: "created",
        what: "a resource that this tool does not review: `terraform_data.Mine`",
      };
      expect([shown.code, effects]).toEqual([1, [expect.objectContaining(told)]]);
      for (const reviewed of [["--reviewed", made.digest], []]) {
        const { code, stdout } = await ops.pusher("deploy", "ops", ...reviewed);
        expect([code, stdout]).toEqual([1, expect.stringContaining("fix: read the plan of `npx cdktf deploy`")]);
      }
    },
    TIMEOUT,
  );

  test(
    "GIVEN GitLab is changed between the comparison and the deploy THEN the plan that was compared is applied, and no other",
    async () => {
      ops.write({ ops: CHANGED });
      const { digest } = JSON.parse((await ops.pusher("review", "--json")).stdout);
      // GIVEN a Terraform before whose apply somebody opens another rule
      const rule = "/projects/xlink%2Fone/protected_branches/main";
      const program = ops.file("terraform");
      const slipsIn = `curl --fail --silent --output ${program}.log --request PATCH --header "PRIVATE-TOKEN: $GITLAB_TOKEN" --data allow_force_push=true '${sandbox.url}/api/v4${rule}'`;
      const script = `#!/bin/sh\nif [ "$1" = apply ]; then ${slipsIn}; fi\nexec '${TERRAFORM}' "$@"\n`;
      writeFileSync(program, script, { mode: 0o700 });

      // WHEN
      const done = await ops.startAs({ TERRAFORM_BINARY_NAME: program }, "deploy", "ops", "--reviewed", digest).ended;

      // THEN what was compared is done, and what slipped in is left to the next review
      expect({ code: done.code, stdout: done.stdout }).toEqual({ code: 0, stdout: "Deployed ops.\n" });
      expect(await pushLevel("two")).toBe(30);
      expect((await api().get(rule)).body).toMatchObject({ allow_force_push: true });
    },
    TIMEOUT,
  );

  test(
    "GIVEN Ctrl-C during a deploy THEN Terraform ends in order, and what is left is another change",
    async () => {
      ops.write({ ops: CHANGED });
      const { digest } = JSON.parse((await ops.pusher("review", "--json")).stdout);
      // GIVEN a GitLab that is slow to make tokens
      const fault = { method: "POST", path: "/access_tokens$", delay_ms: 3000, times: 1 };
      expect((await api().control("POST", "faults", fault)).status).toBe(201);

      // WHEN
      const { child, ended } = ops.start("deploy", "ops", "--reviewed", digest);
      let said = "";
      child.stderr?.on("data", (text: string) => {
        said += text;
        if (text.includes("Creating...")) child.kill("SIGINT");
      });
      const stopped = await ended;

      // THEN
      expect(stopped.code).toBe(2);
      expect(said).toContain("Gracefully shutting down");
      expect(stopped.stderr).toContain("the deploy of ops failed");
      expect(readdirSync(ops.temporary)).toEqual([]);
      // AND what is left is not what was reviewed; reviewed again, it is deployed
      expect((await ops.pusher("deploy", "ops", "--reviewed", digest)).code).toBe(1);
      const rest = JSON.parse((await ops.pusher("review", "--json")).stdout);
      expect((await ops.pusher("deploy", "ops", "--reviewed", rest.digest)).code).toBe(0);
      expect((await ops.pusher("review", "--all", "--fail-on-changes")).code).toBe(0);
    },
    TIMEOUT,
  );
});
