import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { parseAllDocuments } from "yaml";
import { ProviderServer } from "../../sandbox/provider/provider-server";
import { Deployment } from "../support/deployment";
import { filesBelow, type JobOrder, type JobRun, JobRunner } from "../support/job-runner";
import { OpsProject } from "../support/ops-project";
import { PipelineRunner } from "../support/pipeline-runner";
import { formsOf } from "../support/secret-forms";
import { secretsIn } from "../support/state-text";
import { fastCdktfJson, SWC_REGISTER } from "../support/swc-node";

const ROOT = path.join(__dirname, "../..");
const TEMPLATE = readFileSync(path.join(ROOT, "templates/ops.yml"), "utf8");
const TIMEOUT = 400_000;
const OPS = "ops/pushers";

/** A date some days from now: jobs run by the machine's clock. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const [SOON, LATER, LATEST] = [day(100), day(200), day(300)];

const pusher = (id: string, dates: string, push = "maintainer"): string =>
  `  ${id}:\n    target: xlink/${id}\n    token: {role: maintainer, expires: [${dates}]}\n    branches: {main: {push: ${push}}}\n`;
const stack = (...pushers: string[]): string => `edition: free\npushers:\n${pushers.join("")}`;

/** The ops project's own branch, and the bot that opens merge requests for rotations. */
const SELF = `edition: free
pushers:
  rotation:
    target: ${OPS}
    token: {expires: [${SOON}, ${LATER}]}
    variable: {hidden: true, environment: pushers-plan}
    branches: {main: {push: no one, merge: maintainer}}
    unprotected_branches: true
`;
const ONE = pusher("one", `${SOON}, ${LATER}`);
const TWO = pusher("two", `${day(101)}, ${day(201)}`);
/** Adds a pusher, rotates another and widens a rule. */
const CHANGED = stack(
  pusher("one", `${LATEST}, ${LATER}`),
  pusher("two", `${day(101)}, ${day(201)}`, "developer"),
  pusher("three", `${day(102)}, ${day(202)}`),
);
/** Takes back what it widened. */
const NARROWER = CHANGED.replace("push: developer", "push: maintainer");

/** The checkout's packages stand for `npm ci`, and a linter for all tests. */
const CONFIGURATION = JSON.stringify({
  include: [
    {
      local: "templates/ops.yml",
      inputs: {
        install: [`ln -s ${ROOT}/node_modules node_modules`],
        test: ["npx biome lint main.ts"],
        jobs: 2,
        due: "150d",
        "fail-under": "90d",
      },
    },
  ],
});

/** This project's program and npx, which start faster. */
const FAST_PROGRAM = `require(${JSON.stringify(SWC_REGISTER)});\nrequire("../commands/main").start();\n`;
const FAST_NPX = `#!/bin/sh
program=$1
shift
case $program in
  gitlab-ci-pusher) exec node bin/gitlab-ci-pusher.js "$@" ;;
  *) exec "node_modules/.bin/$program" "$@" ;;
esac
`;

describe("an ops repository's pipeline, run as GitLab would", () => {
  let deployment: Deployment;
  let jobs: JobRunner;
  let pipelines: PipelineRunner;
  let ops: OpsProject;
  const providers: ProviderServer[] = [];
  const secrets: string[] = [];
  const at = (place: string): string => `/projects/${encodeURIComponent(OPS)}/${place}`;
  let reading: Record<string, string>;
  let deploying: Record<string, string>;

  beforeAll(async () => {
    const projects = ["one", "two", "three"].map((name) => ({ path: `xlink/${name}`, files: { "README.md": "x\n" } }));
    const members = { mia: "maintainer" as const, reader: "maintainer" as const };
    deployment = await Deployment.start({
      now: undefined,
      seed: {
        users: [{ username: "ann" }, { username: "mia" }, { username: "reader" }],
        projects: [
          ...projects.map((each) => ({ ...each, members })),
          { path: OPS, visibility: "private", members: { mia: "maintainer", ann: "developer", reader: "maintainer" } },
        ],
      },
    });
    jobs = new JobRunner(deployment);
    jobs.provide("npx", FAST_NPX);
    pipelines = new PipelineRunner(jobs, deployment.api, TEMPLATE);
    const admin = deployment.sandbox.adminToken;
    ops = await OpsProject.create(deployment, deployment.url(admin, OPS), {
      "pushers/ops.yaml": SELF,
      "pushers/xlink.yaml": stack(ONE, TWO),
      ".gitlab-ci.yml": CONFIGURATION,
      "cdktf.json": fastCdktfJson({ state: "gitlab" }),
      "bin/gitlab-ci-pusher.js": FAST_PROGRAM,
    });

    const tokenOf = async (name: string, scopes: string[]): Promise<string> => {
      const { body: users } = await deployment.api.get(`/users?username=${name}`);
      const made = await deployment.api.post(`/users/${users[0].id}/personal_access_tokens`, { name, scopes });
      return made.body.token;
    };
    const [read, deploy] = [await tokenOf("reader", ["read_api"]), await tokenOf("mia", ["api"])];
    const { body: noted } = await deployment.api.post(at("access_tokens"), {
      name: "note",
      scopes: ["api"],
      access_level: 20,
      expires_at: LATER,
    });
    secrets.push(admin, read, deploy, noted.token);
    for (const [key, value, environment, isProtected] of [
      ["PUSHER_READ_TOKEN", read, "pushers-plan", false],
      ["PUSHER_NOTE_TOKEN", noted.token, "pushers-plan", false],
      ["PUSHER_DEPLOY_TOKEN", deploy, "pushers/*", true],
    ]) {
      const { status } = await deployment.api.post(at("variables"), {
        key,
        value,
        environment_scope: environment,
        protected: isProtected,
        masked_and_hidden: true,
      });
      expect(status).toBe(201);
    }
    // The stand-in asks with the token of the job, as the real provider would.
    reading = await environmentOf(read);
    deploying = await environmentOf(deploy);
  }, TIMEOUT);

  afterAll(async () => {
    for (const provider of providers) await provider.stop();
    await jobs?.remove();
    await deployment?.stop();
  });

  async function environmentOf(token: string): Promise<Record<string, string>> {
    const provider = await ProviderServer.start({ baseUrl: deployment.sandbox.url, token });
    providers.push(provider);
    return {
      TF_REATTACH_PROVIDERS: provider.reattach,
      CHECKPOINT_DISABLE: "1",
      DISABLE_V8_COMPILE_CACHE: "1",
      NODE_OPTIONS: process.env.NODE_OPTIONS as string,
      TYPESCRIPT_CACHE: process.env.TYPESCRIPT_CACHE as string,
    };
  }

  /** Which of two parallel jobs has the stack; both names are chosen so that each has one. */
  const OF = { ops: { node_index: 1, node_total: 2 }, xlink: { node_index: 2, node_total: 2 } };
  type Node = (typeof OF)["ops"];
  const plan = (order: Partial<JobOrder> = {}, node: Node = OF.xlink): Promise<JobRun> =>
    pipelines.run({
      name: "plan",
      project: OPS,
      user: "mia",
      ...order,
      pipeline: { environment: "pushers-plan", ...node, ...order.pipeline },
      variables: reading,
      expanded: true,
    });
  const deploy = (planned: readonly JobRun[], node: Node = OF.xlink): Promise<JobRun> =>
    pipelines.run(
      {
        name: "deploy",
        project: OPS,
        user: "mia",
        pipeline: { environment: `pushers/${node.node_index}`, ...node, pipeline: planned[0]!.job.pipeline_id },
        variables: deploying,
        expanded: true,
      },
      planned,
    );
  /** A branch of ann's with other pushers, and its merge request. */
  const propose = async (branch: string, pushers: string): Promise<number> => {
    await ops.push(branch, { "pushers/xlink.yaml": pushers }, branch, "main");
    const opened = await deployment.api.post(at("merge_requests"), {
      source_branch: branch,
      target_branch: "main",
      title: branch,
    });
    return opened.body.iid;
  };
  const planIn = (branch: string, node?: Node): Promise<JobRun> =>
    plan({ ref: branch, user: "ann", pipeline: { merge_request: true } }, node);
  const merge = async (iid: number): Promise<void> => {
    expect((await deployment.api.put(at(`merge_requests/${iid}/merge`))).status).toBe(200);
  };
  const notes = async (iid: number): Promise<{ body: string; author: { username: string } }[]> =>
    (await deployment.api.get(at(`merge_requests/${iid}/notes`))).body;
  const artifact = async ({ job }: JobRun, name: string): Promise<string> =>
    (await deployment.api.get(at(`jobs/${job.id}/artifacts/review/${job.variables.CI_NODE_INDEX}/${name}`))).body;
  /** That of the script: whatever it is, gitlab-ci-local itself ends with 1. */
  const exitCode = ({ code, log }: JobRun): number =>
    code === 0 ? 0 : Number(/ finished in .* FAIL (\d+)/.exec(log)?.[1]);
  const statusOf = async ({ job }: JobRun): Promise<string> =>
    (await deployment.api.get(at(`pipelines/${job.pipeline_id}`))).body.status;
  const pushLevel = async (project: string): Promise<number | undefined> => {
    const { body } = await deployment.api.get(`/projects/xlink%2F${project}/protected_branches/main`);
    return body.push_access_levels?.[0]?.access_level;
  };
  /** Calls that changed something in GitLab; notes, artifacts and the ends of jobs are the pipeline's own. */
  const writes = async (): Promise<string[]> => {
    const calls = await deployment.calls();
    return calls.filter((call) => !/^GET |\/notes|\/artifacts$|\/git-upload-pack$/.test(call));
  };

  test(
    "GIVEN an empty GitLab WHEN a pipeline is started by hand THEN its plans are read there, and its deploys do that",
    async () => {
      // Its parallel jobs have a stack each.
      const first = await plan({ pipeline: { source: "web" } }, OF.ops);
      const second = await plan({ pipeline: { pipeline: first.job.pipeline_id } }, OF.xlink);
      expect([first.log, first.code]).toEqual([expect.stringContaining("ops/rotation"), 0]);
      expect([second.log, second.code]).toEqual([expect.stringContaining("xlink/two"), 0]);
      expect(second.log).not.toContain("ops/rotation");

      // Like a runner each gets the artifacts of both.
      for (const [node, deployed] of [
        [OF.ops, "ops"],
        [OF.xlink, "xlink"],
      ] as const) {
        const run = await deploy([first, second], node);
        expect([run.log, run.code]).toEqual([expect.stringContaining(`Deployed ${deployed}.`), 0]);
      }
      expect(await pushLevel("one")).toBe(40);
    },
    TIMEOUT,
  );

  test(
    "GIVEN a merge request that adds a pusher, rotates another and widens a rule THEN it shows that, and the merge deploys it",
    async () => {
      // GIVEN
      const iid = await propose("change", CHANGED);
      await deployment.forgetCalls();

      // WHEN its pipeline plans, with a token that only reads, for a Developer, and a second time
      const planned = await planIn("change");
      const again = await planIn("change");

      // THEN nothing is changed, and the merge request shows one note, the counts and the artifact
      expect([planned.log, planned.code, again.code]).toEqual([expect.any(String), 0, 0]);
      expect(await writes()).toEqual([]);
      expect(planned.job.variables).toHaveProperty("PUSHER_READ_TOKEN");
      expect(planned.job.variables).not.toHaveProperty("PUSHER_DEPLOY_TOKEN");
      expect(planned.job.variables).not.toHaveProperty("GITLAB_PUSHER_TOKEN");

      // AND the tests beside it get no token at all
      const tested = await pipelines.run({
        name: "test",
        project: OPS,
        pipeline: { pipeline: again.job.pipeline_id },
        expanded: true,
      });
      expect([tested.log, tested.code]).toEqual([expect.stringContaining("$ npx biome lint"), 0]);
      expect(Object.keys(tested.job.variables).filter((key) => key.includes("PUSHER"))).toEqual([]);
      const summary = await artifact(planned, "summary.md");
      for (const line of [
        "### Dangers (1)\n\n- xlink/two: branch opened wider (push)",
        `rotated: slot 1 \`GITLAB_CI_PUSHER\` of \`xlink/one\`: ${SOON} → ${LATEST}`,
        "switched: variable `GITLAB_PUSHER_TOKEN` of `xlink/one`, holds slot 1",
        "created: slot 2 `GITLAB_CI_PUSHER_B` of `xlink/three`",
        "1 of 2 stacks differ from",
      ]) {
        expect(summary).toContain(line);
      }
      const [note, ...others] = await notes(iid);
      expect(others).toEqual([]);
      expect(note!.body).toContain(summary.split("\n---\n")[0]);
      expect(note!.body).toContain(again.job.variables.CI_COMMIT_SHA);
      expect(JSON.parse(JSON.stringify(await artifact(planned, "terraform-report.json")))).toEqual({
        create: 6,
        update: 2,
        delete: 1,
      });

      // AND only Developers of the project read the artifact
      const { api: guest, id } = await deployment.api.newUser("gus");
      await deployment.api.post(at("members"), { user_id: id, access_level: 20 });
      const file = at(`jobs/${planned.job.id}/artifacts/review/2/digest`);
      expect((await guest.get(file)).status).toBe(403);

      // WHEN it is merged
      await merge(iid);
      const merged = await plan();
      const deployed = await deploy([merged]);

      // THEN the same is planned, and deployed
      expect([merged.log, merged.code]).toEqual([expect.any(String), 0]);
      expect(await artifact(merged, "digest")).toBe(await artifact(planned, "digest"));
      expect([deployed.log, deployed.code]).toEqual([expect.stringContaining("Deployed xlink."), 0]);
      expect(await pushLevel("two")).toBe(30);
      expect(await pushLevel("three")).toBe(40);
    },
    TIMEOUT,
  );

  test("GIVEN a plan that fails THEN GitLab begins no deploy: its stage is a later one, and no plan may fail", () => {
    const [, all] = parseAllDocuments(TEMPLATE).map((document) => document.toJS());
    expect([all[".plan"].stage, all.deploy.stage]).toEqual(["test", "deploy"]);
    const plans = [all[".plan"], all.plan, ...all.plan.rules];
    expect(plans.filter((each) => "allow_failure" in each)).toEqual([]);
    expect(all.deploy).not.toHaveProperty("needs");
  });

  test(
    "GIVEN a commit that slips in after the review THEN it is refused, for no pipeline planned it, and nothing is touched",
    async () => {
      // GIVEN a reviewed merge request, and another commit on its branch that no pipeline planned
      const iid = await propose("slipped", NARROWER);
      const planned = await planIn("slipped");
      expect(planned.code).toBe(0);
      const wider = NARROWER.replace(
        `[${LATEST}, ${LATER}]}\n    branches: {main: {push: maintainer`,
        `[${LATEST}, ${LATER}]}\n    branches: {main: {push: developer`,
      );
      expect(wider).not.toBe(NARROWER);
      const head = await ops.push("slipped", { "pushers/xlink.yaml": wider }, "slipped in");
      await merge(iid);
      await deployment.forgetCalls();

      // WHEN the default branch's pipeline plans
      const slipped = await plan();

      // THEN it fails, so that no deploy begins, and names both commits; the plan itself is there to read
      expect([exitCode(slipped), await statusOf(slipped)]).toEqual([2, "failed"]);
      expect(slipped.log).toContain(
        `got no pipeline of ${head.slice(0, 12)}, which !${iid} merged; the newest before the merge is of ${planned.job.variables.CI_COMMIT_SHA!.slice(0, 12)}; `,
      );
      expect(slipped.log).toContain("opened: rule `main` of `xlink/one`: push_access_level maintainer → developer");
      expect(await writes()).toEqual([]);
      expect([await pushLevel("one"), await pushLevel("two")]).toEqual([40, 30]);

      // AND it goes back as it came, without a deploy
      await merge(await propose("back", CHANGED));
    },
    TIMEOUT,
  );

  test(
    "GIVEN a rule that is changed by hand after the review THEN that is refused with the difference, and nothing is touched",
    async () => {
      // GIVEN a reviewed merge request
      const iid = await propose("narrower", NARROWER);
      expect((await planIn("narrower")).code).toBe(0);

      // WHEN somebody opens a rule in GitLab, it is merged, and the default branch's pipeline plans
      await deployment.api.patch("/projects/xlink%2Fone/protected_branches/main", { allow_force_push: true });
      await merge(iid);
      await deployment.forgetCalls();
      const slipped = await plan();

      // THEN it fails, so that no deploy begins, and shows what was not reviewed
      expect([exitCode(slipped), await statusOf(slipped)]).toEqual([1, "failed"]);
      expect(slipped.log).toContain("Not what was reviewed");
      expect(slipped.log).toMatch(/\+- closed: rule `main` of `xlink\/one`: allow_force_push true → false/);
      expect(await writes()).toEqual([]);
      expect([await pushLevel("one"), await pushLevel("two")]).toEqual([40, 30]);

      // WHEN a person reads the plan of a pipeline by hand, and GitLab is changed before its deploy is started
      const byHand = await plan({ pipeline: { source: "web" } });
      expect(byHand.code).toBe(0);
      await deployment.api.patch("/projects/xlink%2Fthree/protected_branches/main", { allow_force_push: true });
      await deployment.forgetCalls();
      const refused = await deploy([byHand]);

      // THEN
      expect(refused.code).toBe(1);
      expect(refused.log).toContain("Refused, nothing was changed: got the digest");
      expect(refused.log).toMatch(/\+- closed: rule `main` of `xlink\/three`: allow_force_push true → false/);
      expect((await writes()).filter((call) => !/terraform\/state\/\w+\/lock$/.test(call))).toEqual([]);
      expect([await pushLevel("one"), await pushLevel("two")]).toEqual([40, 30]);
    },
    TIMEOUT,
  );

  test(
    "GIVEN drift and dates that come near WHEN the schedule runs THEN it fails for the one, and opens a merge request for the other",
    async () => {
      const scheduled = (name: string, environment: string, more: Partial<JobOrder> = {}) =>
        pipelines.run({
          name,
          project: OPS,
          user: "mia",
          variables: reading,
          expanded: true,
          ...more,
          pipeline: { source: "schedule", environment, ...more.pipeline },
        });

      const closeMain = async (project: string) => {
        const rules = `/projects/xlink%2F${project}/protected_branches`;
        await deployment.api.delete(`${rules}/main`);
        await deployment.api.post(rules, { name: "main", push_access_level: 40, merge_access_level: 40 });
      };

      const drift = await scheduled("drift", "pushers-plan", { pipeline: OF.xlink });
      expect([drift.log, drift.code]).toEqual([expect.stringContaining("allow_force_push true → false"), 1]);

      // WHEN dates are near
      const expiry = await scheduled("expiry", "pushers-plan");

      // THEN a merge request of the ops project's own bot rotates them, and its plan says so
      expect([expiry.log, expiry.code]).toEqual([expect.stringContaining("with a merge request into main"), 0]);
      const { body: open } = await deployment.api.get(at("merge_requests?state=opened"));
      expect(open).toMatchObject([{ source_branch: expect.stringMatching(/^rotate\//), target_branch: "main" }]);
      expect(open[0].author.username).toMatch(/^project_\d+_bot/);
      const rotation = await planIn(open[0].source_branch, OF.ops);
      expect(await artifact(rotation, "summary.md")).toContain(
        `rotated: slot 1 \`GITLAB_CI_PUSHER\` of \`${OPS}\`: ${SOON} → `,
      );

      // AND while it waits, that is a warning, once the rules are as declared; a deploy token that dies soon is a failure
      expect(expiry.log).toMatch(/rule main of xlink\/three: got "main" .*, which opens force push/);
      for (const project of ["one", "two", "three"]) await closeMain(project);
      const waiting = await scheduled("expiry", "pushers-plan");
      expect([waiting.log, waiting.code]).toEqual([expect.stringContaining("WARN"), 0]);
      const deployToken = await scheduled("deploy-token", "pushers/1");
      expect([deployToken.log, deployToken.code]).toEqual([expect.stringContaining("GITLAB_TOKEN (mia) dies on"), 0]);
    },
    TIMEOUT,
  );

  test("GIVEN all that these jobs left THEN no file, no log, no artifact and no note holds a secret", async () => {
    expect(pipelines.runs.length).toBeGreaterThan(12);
    const stored = await Promise.all(["ops", "xlink"].map((name) => deployment.api.get(at(`terraform/state/${name}`))));
    const states = JSON.stringify(stored.map(({ body }) => body));
    const made = secretsIn(states);
    expect(new Set(made).size).toBeGreaterThan(6);
    const { body: requests } = await deployment.api.get(at("merge_requests?scope=all"));
    const told = await Promise.all((requests as { iid: number }[]).map(({ iid }) => notes(iid)));

    const left = pipelines.runs.flatMap((run) => [
      { where: `the log of ${run.job.id}`, content: Buffer.from(run.log), job: run.job.token },
      ...filesBelow(run.folder).map(({ file, content }) => ({
        where: `${run.job.id}: ${file}`,
        content,
        job: run.job.token,
      })),
    ]);
    const all = [...left, { where: "the notes", content: Buffer.from(JSON.stringify(told)), job: "" }];
    const leaks = [...secrets, ...made]
      .flatMap(formsOf)
      .flatMap((form) => all.filter(({ content }) => content.includes(form)));
    expect(leaks.map(({ where }) => where)).toEqual([]);
    // A plan file is packed, so that no search finds what is in it: none may be left.
    const temporary = pipelines.runs.flatMap(({ folder }) => readdirSync(path.join(folder, "tmp")));
    expect(temporary.filter((name) => name.startsWith("pusher-"))).toEqual([]);
    // A job's own token is where its runner put it, and nowhere else.
    const own = left.filter(({ content, job }) => formsOf(job).some((form) => content.includes(form)));
    expect(
      own.map(({ where }) => where.replace(/^\d+: /, "")).filter((where) => where !== "checkout/.git/config"),
    ).toEqual([]);
    // The search finds what is there.
    expect(made.flatMap(formsOf).some((form) => states.includes(form))).toBe(true);
  });
});
