import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { inventory } from "../support/deployment";
import { address, api, ciFile, cloningJob, HEALTHY, KEY, PushScene } from "../support/push-scene";
import type { JobRequest } from "../support/runner";

/** A set-up with nothing wrong: its push goes through, and the doctor must find nothing. */
interface Row {
  readonly shape: string;
  readonly make: (scene: PushScene) => Promise<Case>;
}

interface Case {
  /** undefined: a push that no shell here can do. */
  readonly run?: Partial<JobRequest>;
  readonly ask: readonly string[];
  /** What the doctor says is simpler. */
  readonly advice?: string;
}

const TEMPLATE = readFileSync(join(__dirname, "../../templates/push.yml"), "utf8");

/** A project made by hand with this job, all else well. */
const with_ =
  (job: string, ...ask: string[]) =>
  async (scene: PushScene): Promise<Case> => {
    const project = await scene.handmade(job);
    return { run: { project }, ask: ["--project", project, ...ask] };
  };

const FREE: readonly Row[] = [
  {
    shape: "an inventory, and a job on a release branch",
    make: async (scene) => {
      await scene.healthy();
      await scene.commit("xlink/gitops", ciFile(), "release/1.0");
      return { run: { ref: "release/1.0" }, ask: ["gitops", "--source", "xlink/gitops", "--branch", "release/1.0"] };
    },
  },
  {
    shape: "a group's variable, read by a project below",
    make: async (scene) => {
      await scene.healthy(HEALTHY.replace(/variable: .*/, "variable: {in: [{group: xlink}]}"));
      await scene.commit("xlink/lib", cloningJob());
      return { run: { project: "xlink/lib" }, ask: ["gitops", "--source", "xlink/lib", "--branch", "main"] };
    },
  },
  {
    shape: "a group as the source",
    make: async (scene) => {
      await scene.healthy(HEALTHY.replace(/variable: .*/, "variable: {in: [{group: xlink}]}"));
      return { ask: ["ops/gitops"] };
    },
  },
  {
    shape: "a hidden variable, whose value nobody can try",
    make: async (scene) => {
      await scene.healthy(HEALTHY.replace(/variable: .*/, "variable: {key: HIDDEN_TOKEN, hidden: true}"));
      const url = address("${CI_PROJECT_PATH}", "${HIDDEN_TOKEN}");
      await scene.commit("xlink/gitops", ciFile({ prepare: [`git remote set-url origin "${url}"`] }));
      return { run: {}, ask: ["gitops", "--branch", "main"] };
    },
  },
  {
    shape: "no job at all yet",
    make: async (scene) => {
      await scene.healthy(HEALTHY.replace("in: [", "in: [xlink/lib, "));
      await scene.commit("xlink/lib", "test: {script: ['true']}\n");
      return { ask: ["gitops", "--source", "xlink/lib"] };
    },
  },
  {
    shape: "the job token, which the project allows to push",
    make: async (scene) => {
      const project = await scene.project(ciFile({ prepare: [] }));
      await scene.rule(project, "main", 30);
      await scene.must("PUT", api(project), { ci_push_repository_for_job_token_allowed: true });
      return { run: { project }, ask: ["--project", project] };
    },
  },
  {
    shape: "the second article's job: oauth2, a remote of its own, only",
    make: with_(
      ciFile({
        prepare: [`git remote add deploy "${address("${CI_PROJECT_PATH}", undefined, "oauth2")}"`],
        push: "git push deploy HEAD:main",
        more: { only: ["main"] },
      }),
    ),
  },
  {
    shape: "a branch of the checkout, made and pushed by its name, in full depth",
    make: with_(
      ciFile({
        prepare: [
          `git remote set-url origin "${address("${CI_PROJECT_PATH}")}"`,
          'git checkout --quiet -B "$CI_COMMIT_REF_NAME"',
        ],
        push: 'git push origin "$CI_COMMIT_REF_NAME"',
        more: { variables: { GIT_DEPTH: "0" } },
      }),
    ),
  },
  {
    shape: "a credential helper, and a push that wants no pipeline",
    make: async (scene) => {
      const helper = `!f() { echo username=ci; echo "password=$${KEY}"; }; f`;
      const project = await scene.handmade(
        ciFile({
          prepare: [
            'git remote set-url origin "http://${CI_SERVER_FQDN}/${CI_PROJECT_PATH}.git"',
            `git config credential.helper '${helper}'`,
          ],
          push: "git push -o ci.skip origin HEAD:refs/heads/main",
        }),
      );
      return { run: { project }, ask: ["--project", project], advice: "job-token-would-do" };
    },
  },
  {
    shape: "an environment, a tag, and rules for one branch",
    make: async (scene) => {
      const more = { environment: "staging", tags: ["deploy"], rules: [{ if: '$CI_COMMIT_BRANCH == "main"' }] };
      const project = await scene.handmade(ciFile({ more }));
      await scene.must("PUT", `${api(project)}/variables/${KEY}`, { environment_scope: "stag*" });
      await scene.must("PUT", `/runners/${scene.runnerId}`, { tag_list: ["deploy", "linux"], run_untagged: true });
      return { run: { project }, ask: ["--project", project] };
    },
  },
  {
    shape: "nothing protected, on purpose",
    make: async (scene) => {
      const project = await scene.handmade();
      await scene.setVariable(project, await scene.token(project), { protected: false });
      await scene.must("DELETE", `${api(project)}/protected_branches/main`);
      return { run: { project }, ask: ["--project", project] };
    },
  },
  {
    shape: "a new branch, named in full",
    make: with_(ciFile({ push: 'git push origin "HEAD:refs/heads/auto/$CI_JOB_ID"' })),
  },
  {
    shape: "an SSH remote with a deploy key",
    make: async (scene) => {
      const project = await scene.handmade(
        ciFile({ prepare: ["git remote set-url origin git@gitlab.example.com:xlink/gitops.git"] }),
      );
      return { ask: ["--project", project] };
    },
  },
  {
    shape: "our own template",
    make: async (scene) => {
      const inputs = { job: "deploy", script: ['echo "$CI_JOB_ID" > image.txt'], branch: "main" };
      const project = await scene.handmade(stringify({ include: [{ local: "templates/push.yml", inputs }] }));
      await scene.commit(project, TEMPLATE, "main", "templates/push.yml");
      return { ask: ["--project", project], advice: "job-token-would-do" };
    },
  },
];

const TWO_SLOTS: readonly Row[] = [
  {
    shape: "an inventory, every branch from every source, one pattern and one branch closed on purpose",
    make: async (scene) => {
      await scene.healthy(
        inventory({
          token: "{expires: [2100-06-01, 2100-09-01]}",
          branches: "{main: {push: developer}, release/*: {push: developer}, production: {push: no one}}",
        }),
      );
      return { run: { project: "xlink/shop" }, ask: [] };
    },
  },
];

const PREMIUM: readonly Row[] = [
  {
    shape: "nobody but the bot, and a group's rule that closes nothing more",
    make: async (scene) => {
      await scene.commit("xlink/gitops", ciFile());
      await scene.deploy(
        inventory({ edition: "premium", branches: "{main: {push: bot}}", variable: "{environment: '*'}" }),
      );
      await scene.must("POST", "/groups/xlink/protected_branches", { name: "production", push_access_level: 0 });
      return { run: {}, ask: ["gitops"] };
    },
  },
];

describe.each([
  ["on the free edition", FREE, "free"],
  ["with two slots", TWO_SLOTS, "free"],
  ["on premium", PREMIUM, "premium"],
] as const)("a push with nothing wrong %s", (_, rows, edition) => {
  let scene: PushScene;
  beforeAll(async () => {
    scene = await PushScene.start({ edition });
  });
  afterAll(() => scene.stop());

  test.each(rows as Row[])("$shape", async ({ make }) => {
    const { run, ask, advice } = await make(scene);
    // GIVEN that the push goes through
    if (run) {
      const pushed = await scene.run(run);
      expect([pushed.outcome, pushed.log]).toEqual([0, pushed.log]);
    }
    // WHEN the doctor is asked by an Owner, by a Maintainer, and without trying the value
    for (const [args, token] of [
      [ask, scene.operator],
      [ask, scene.maintainer],
      [[...ask, "--no-check-values"], scene.operator],
    ] as const) {
      const { json, code, stdout } = await scene.examine(args, token);
      // THEN it finds nothing
      expect([json.causes, json.walks]).toEqual([[], json.walks]);
      expect(code).toBe(0);
      expect(json.walks.length).toBeGreaterThan(0);
      expect(json.walks.flatMap((walk: { advice: string[] }) => walk.advice).join()).toContain(advice ?? "");
      expect((await scene.secrets()).filter((secret) => stdout.includes(secret))).toEqual([]);
    }
  });
});
