import { randomUUID } from "node:crypto";
import { CAUSE_IDS, type CauseId } from "../../commands/doctor/cause";
import { inventory } from "../support/deployment";
import { disguises, readLog } from "../support/doctor";
import { address, api, ciFile, cloningJob, HEALTHY, KEY, PushScene } from "../support/push-scene";
import type { JobRequest } from "../support/runner";
import { applyTold } from "../support/told-fix";

/** One way a push is refused: made, found by the doctor, mended as it says, and pushed again. */
interface Row {
  readonly cause: CauseId;
  readonly when: string;
  readonly make: (scene: PushScene) => Promise<Case>;
}

interface Case {
  /** The job that pushes; the article's own in `xlink/gitops` unless told otherwise. */
  readonly run?: Partial<JobRequest>;
  /** How the doctor is asked; undefined: GitLab's API shows nothing of it. */
  readonly ask?: readonly string[];
  /** Likewise once mended, where that changes the question. @default ask */
  readonly askAgain?: readonly string[];
  /** What the log leaves open: `exact`, this cause and no other; `among`, this one with others; undefined: no log tells. */
  readonly log?: "exact" | "among";
  /** `told`: the calls of GitLab's API that the doctor tells, made as it tells them. */
  readonly fix: "told" | (() => Promise<unknown>);
  /** What the job comes to before: refused, in no pipeline, without a runner, or through though it must not. */
  readonly before?: "none" | "stuck" | "through";
  /** The instant the doctor lives at. */
  readonly now?: string;
}

/** The healthy inventory with another variable. */
const healthy = (variable: string) => HEALTHY.replace(/variable: .*/, `variable: ${variable}`);

/** What git lfs install leaves, in one line. */
const LFS_HOOK = `mkdir -p .git/hooks && printf '%s\\n' '#!/bin/sh' 'command -v git-lfs >/dev/null || { echo "This repository is configured for Git LFS but \\047git-lfs\\047 was not found on your path." >&2; exit 2; }' > .git/hooks/pre-push && chmod +x .git/hooks/pre-push`;

const GITOPS = ["gitops", "--source", "xlink/gitops"];
const SHOP = ["gitops", "--source", "xlink/shop", "--branch", "main"];

/** A healthy deployment in which one thing was changed; deploying again is the cure. */
const drift =
  (change: (scene: PushScene) => Promise<unknown>, more: Partial<Case> = {}) =>
  async (scene: PushScene): Promise<Case> => {
    await scene.healthy();
    await change(scene);
    return { ask: [...GITOPS, "--branch", "main"], fix: () => scene.deploy(HEALTHY), ...more };
  };

/** A healthy deployment with another job; the cure is the healthy job. */
const job =
  (file: string, more: Partial<Case> = {}) =>
  async (scene: PushScene): Promise<Case> => {
    await scene.healthy();
    await scene.commit("xlink/gitops", file);
    return { ask: [...GITOPS, "--branch", "main"], fix: () => scene.commit("xlink/gitops", ciFile()), ...more };
  };

/** Does something the first time only: the job runs again after the fix. */
function once(action: () => Promise<unknown>): () => Promise<unknown> {
  let done: Promise<unknown> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}

/** A fault of the server, as long as the one push takes. */
const fault =
  (status: number, body: string, path = "info/refs") =>
  async (scene: PushScene): Promise<Case> => {
    const project = await scene.handmade();
    // Only once the runner has fetched.
    const arm = once(() =>
      scene.deployment.api.control("POST", "faults", { path: `${project}.git/${path}`, status, body, times: 9 }),
    );
    return {
      run: { project, beforeLast: arm },
      log: "exact",
      fix: () => scene.deployment.api.control("DELETE", "faults"),
    };
  };

/** A project made by hand with another job; the cure is the healthy one, or what a cure tells. */
const script =
  (file: string, cured = ciFile(), more: Partial<Case> & { before?: undefined } = {}) =>
  async (scene: PushScene): Promise<Case> => {
    const project = await scene.handmade(file);
    return { run: { project }, log: "exact", fix: () => scene.commit(project, cured), ...more };
  };

/** The server's own hook says no to every push, until it is taken out. */
const hook =
  (message: string, log: Case["log"] = "exact") =>
  async (scene: PushScene): Promise<Case> => {
    const project = await scene.handmade();
    await scene.deployment.api.control("PUT", "server-hook", { message });
    return { run: { project }, log, fix: () => scene.deployment.api.control("PUT", "server-hook", { message: null }) };
  };

const setting =
  (change: Record<string, unknown>, back: Record<string, unknown>) =>
  async (scene: PushScene): Promise<Case> => {
    const project = await scene.handmade();
    const beforeLast = once(() => scene.must("PUT", "/application/settings", change));
    return { run: { project, beforeLast }, log: "exact", fix: () => scene.must("PUT", "/application/settings", back) };
  };

/** The six causes of the second article and the first one's 403 are marked (a1) and (a2.N). */
const FREE: readonly Row[] = [
  {
    cause: "job-token-remote",
    when: "the job pushes to the origin a runner leaves (a1, a2.1)",
    make: async (scene) => {
      const project = await scene.handmade(ciFile({ prepare: [] }));
      return { run: { project }, ask: ["--project", project], log: "exact", fix: "told" };
    },
  },
  {
    cause: "job-token-other-project",
    when: "the job token goes to another project (a2.2)",
    make: async (scene) => {
      await scene.healthy();
      const url = address("xlink/gitops", "${CI_JOB_TOKEN}");
      await scene.commit(
        "xlink/shop",
        ciFile({ prepare: [`git remote set-url origin "${url}"`], push: "git push origin HEAD:main" }),
      );
      return {
        run: { project: "xlink/shop" },
        ask: SHOP,
        log: "exact",
        fix: () => scene.commit("xlink/shop", cloningJob()),
      };
    },
  },
  {
    cause: "job-token-other-project",
    when: "it does although the target's allowlist names the source",
    make: async (scene) => {
      await scene.healthy();
      const { id } = await scene.must("GET", api("xlink/shop"));
      await scene.must("POST", `${api("xlink/gitops")}/job_token_scope/allowlist`, { target_project_id: id });
      const url = address("xlink/gitops", "${CI_JOB_TOKEN}");
      await scene.commit(
        "xlink/shop",
        ciFile({ prepare: [`git remote set-url origin "${url}"`], push: "git push origin HEAD:main" }),
      );
      return {
        run: { project: "xlink/shop" },
        ask: SHOP,
        log: "among",
        fix: () => scene.commit("xlink/shop", cloningJob()),
      };
    },
  },
  {
    cause: "rule-level-above-role",
    when: "someone raised main to Maintainers (a2.1)",
    make: drift((scene) => scene.rule("xlink/gitops", "main", 40), { log: "among", fix: "told" }),
  },
  {
    cause: "rule-no-one",
    when: "someone closed main",
    make: drift((scene) => scene.rule("xlink/gitops", "main", 0), { log: "among", fix: "told" }),
  },
  {
    cause: "wildcard-closes",
    when: "a wildcard catches the branch (a2.5)",
    make: async (scene) => {
      const project = await scene.handmade();
      await scene.must("POST", `${api(project)}/repository/branches?branch=release/v1.0&ref=main`);
      await scene.rule(project, "release/*", 40);
      return {
        run: { project, ref: "release/v1.0" },
        ask: ["--project", project, "--branch", "release/v1.0"],
        log: "among",
        fix: "told",
      };
    },
  },
  {
    cause: "wildcard-closes",
    when: "the rule of main is gone and its guard stands",
    make: drift((scene) => scene.must("DELETE", `${api("xlink/gitops")}/protected_branches/main`), { log: "among" }),
  },
  {
    cause: "wildcard-closes",
    when: "a new branch falls under a closed pattern",
    make: async (scene) => {
      const project = await scene.handmade(ciFile({ push: "git push origin HEAD:refs/heads/release/2" }));
      await scene.rule(project, "release/*", 40);
      return { run: { project }, ask: ["--project", project, "--branch", "release/2"], log: "among", fix: "told" };
    },
  },
  {
    cause: "wildcard-opens",
    when: "a wildcard opens what the branch's own rule closes (a2.5, the other way round)",
    make: async (scene) => {
      const project = await scene.handmade();
      await scene.rule(project, "main", 0);
      await scene.rule(project, "m*", 30);
      const fix = () => scene.must("DELETE", `${api(project)}/protected_branches/m*`);
      return { run: { project }, ask: ["--project", project], before: "through", fix };
    },
  },
  {
    cause: "rule-force-push",
    when: "the job rewrites main",
    make: async (scene) => {
      await scene.healthy();
      const rewriting = ciFile({
        change: ['git commit --quiet --amend --allow-empty -m "job $CI_JOB_ID"'],
        push: "git push --force origin HEAD:refs/heads/main",
      });
      await scene.commit("xlink/gitops", rewriting);
      return { ask: [...GITOPS, "--branch", "main"], log: "exact", fix: "told" };
    },
  },
  {
    cause: "variable-missing",
    when: "someone deleted the variable",
    make: drift((scene) => scene.must("DELETE", `${api("xlink/gitops")}/variables/${KEY}`), { log: "among" }),
  },
  {
    cause: "variable-missing",
    when: "the source is not in the inventory",
    make: async (scene) => {
      await scene.healthy();
      await scene.commit("xlink/lib", cloningJob());
      const more = HEALTHY.replace("in: [", "in: [xlink/lib, ");
      return {
        run: { project: "xlink/lib" },
        ask: ["gitops", "--source", "xlink/lib", "--branch", "main"],
        log: "among",
        fix: () => scene.deploy(more),
      };
    },
  },
  {
    cause: "variable-empty",
    when: "someone emptied the variable",
    make: drift((scene) => scene.setVariable("xlink/gitops", "", { masked: false }), { log: "among" }),
  },
  {
    cause: "variable-file",
    when: "someone made it a file",
    make: drift(
      (scene) =>
        scene.deployment
          .job("xlink/gitops")
          .then(({ variables }) =>
            scene.setVariable("xlink/gitops", variables[KEY] as string, { variable_type: "file" }),
          ),
      { log: "among", fix: "told" },
    ),
  },
  {
    cause: "variable-unmaskable",
    when: "someone pasted the token with a blank, unmasked",
    make: drift((scene) => scene.setVariable("xlink/gitops", "glpat-pasted wrongly", { masked: false }), {
      log: "among",
    }),
  },
  {
    cause: "variable-environment",
    when: "someone scoped it to staging",
    make: async (scene) => {
      await scene.healthy();
      const variable = `${api("xlink/gitops")}/variables/${KEY}`;
      await scene.must("PUT", variable, { environment_scope: "staging" });
      return { ask: [...GITOPS, "--branch", "main"], log: "among", fix: "told" };
    },
  },
  {
    cause: "variable-protected-ref-unprotected",
    when: "the pipeline runs on an unprotected branch (a2.3)",
    make: async (scene) => {
      await scene.healthy();
      await scene.commit("xlink/gitops", ciFile(), "feature");
      return { run: { ref: "feature" }, ask: [...GITOPS, "--branch", "feature"], log: "among", fix: "told" };
    },
  },
  {
    cause: "variable-other-key",
    when: "the job reads the second article's key",
    make: async (scene) => {
      await scene.healthy();
      await scene.commit(
        "xlink/gitops",
        ciFile({
          prepare: [`git remote set-url origin "${address("xlink/gitops", "${GITLAB_ACCESS_TOKEN}", "oauth2")}"`],
        }),
      );
      const variable = "{key: GITLAB_ACCESS_TOKEN, in: [xlink/shop, xlink/gitops]}";
      return { ask: [...GITOPS, "--branch", "main"], log: "among", fix: () => scene.deploy(healthy(variable)) };
    },
  },
  {
    cause: "variable-shadowed",
    when: "a project's own variable hides the group's",
    make: async (scene) => {
      await scene.healthy(healthy("{in: [{group: xlink}]}"));
      await scene.commit("xlink/lib", cloningJob());
      const stale = await scene.token("xlink/lib");
      await scene.setVariable("xlink/lib", stale);
      const fix = () => scene.must("DELETE", `${api("xlink/lib")}/variables/${KEY}`);
      return {
        run: { project: "xlink/lib" },
        ask: ["gitops", "--source", "xlink/lib", "--branch", "main"],
        log: "among",
        fix,
      };
    },
  },
  {
    cause: "token-revoked",
    when: "someone revoked the token",
    make: drift(
      async (scene) => scene.must("DELETE", `${api("xlink/gitops")}/access_tokens/${(await scene.botToken()).id}`),
      { log: "among" },
    ),
  },
  {
    cause: "token-unknown",
    when: "someone mistyped the value",
    make: drift((scene) => scene.setVariable("xlink/gitops", "glpat-nobody-knows-this"), { log: "among" }),
  },
  {
    cause: "token-scope",
    when: "the variable holds a token with read_repository",
    make: drift(
      async (scene) =>
        scene.setVariable("xlink/gitops", await scene.token("xlink/gitops", { scopes: ["read_repository"] })),
      { log: "exact" },
    ),
  },
  {
    cause: "token-role",
    when: "the variable holds a Reporter's token",
    make: drift(
      async (scene) => scene.setVariable("xlink/gitops", await scene.token("xlink/gitops", { access_level: 20 })),
      { log: "among" },
    ),
  },
  {
    cause: "token-wrong-project",
    when: "the variable holds another project's token",
    make: drift(async (scene) => scene.setVariable("xlink/gitops", await scene.token("xlink/lib")), { log: "among" }),
  },
  {
    cause: "push-other-branch",
    when: "the job pushes to master (a2.3)",
    make: job(ciFile({ push: "git push origin HEAD:master" }), { log: "among" }),
  },
  {
    cause: "push-other-project",
    when: "the first article's job runs in the source project, whose path it then pushes to",
    make: async (scene) => {
      await scene.healthy();
      await scene.commit("xlink/shop", ciFile());
      return {
        run: { project: "xlink/shop" },
        ask: SHOP,
        log: "among",
        fix: () => scene.commit("xlink/shop", cloningJob()),
      };
    },
  },
  {
    cause: "job-not-on-ref",
    when: "the job's rules name another branch (a2.3)",
    make: job(ciFile({ more: { rules: [{ if: '$CI_COMMIT_BRANCH == "master"' }] } }), { before: "none" }),
  },
  {
    cause: "merge-request-pipeline",
    when: "the job runs in merge request pipelines only",
    make: async (scene) => {
      const only = { rules: [{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }] };
      const project = await scene.handmade(ciFile({ more: only, push: "git push origin HEAD:refs/heads/main" }));
      await scene.must("POST", `${api(project)}/repository/branches?branch=topic&ref=main`);
      await scene.commit(project, "more\n", "topic", "more.txt");
      await scene.must("POST", `${api(project)}/merge_requests`, {
        source_branch: "topic",
        target_branch: "main",
        title: "Topic",
      });
      return {
        run: { project, ref: "topic", mergeRequest: true },
        ask: ["--project", project, "--ref", "topic", "--branch", "main"],
        log: "among",
        // A protected topic branch and the opt-in are what such pipelines need: both are told.
        fix: "told",
      };
    },
  },
  {
    cause: "ci-config-invalid",
    when: "the job has no script",
    make: job("deploy: {stage: test}\n", { before: "none" }),
  },
  {
    cause: "detached-head",
    when: "the job pushes a branch by its name",
    make: job(ciFile({ push: "git push origin main" }), { log: "exact" }),
  },
  {
    cause: "detached-head",
    when: "the job names no ref",
    make: job(ciFile({ push: "git push" }), { log: "exact" }),
  },
  {
    cause: "detached-head",
    when: "the job pushes HEAD alone",
    make: job(ciFile({ push: "git push origin HEAD" }), { log: "exact" }),
  },
  {
    cause: "no-repository",
    when: "GIT_STRATEGY is none",
    make: job(ciFile({ more: { variables: { GIT_STRATEGY: "none" } } }), { log: "exact" }),
  },
  {
    cause: "shallow-clone",
    when: "a shallow checkout goes to an empty project (a2.6)",
    make: async (scene) => {
      const target = await scene.project(undefined, { empty: true });
      const file = (depth: number) =>
        ciFile({
          prepare: [`git remote set-url origin "${address(target)}"`],
          push: "git push origin HEAD:refs/heads/main",
          more: { variables: { GIT_DEPTH: String(depth) } },
        });
      const source = await scene.project(file(1));
      await scene.setVariable(source, await scene.token(target, { access_level: 40 }));
      const ask = ["--project", target, "--branch", "main", "--source", source];
      return { run: { project: source }, ask, log: "exact", fix: () => scene.commit(source, file(0)) };
    },
  },
  {
    cause: "fetch-first",
    when: "another job was faster",
    make: async (scene) => {
      const project = await scene.handmade();
      const beforeLast = () => scene.commit(project, `${randomUUID()}\n`, "main", "raced.txt");
      const patient = ciFile({
        push: 'git pull --quiet --rebase origin main && git push origin "HEAD:refs/heads/$CI_COMMIT_REF_NAME"',
      });
      return { run: { project, beforeLast }, log: "exact", fix: () => scene.commit(project, patient) };
    },
  },
  {
    cause: "no-credential",
    when: "the address has a user name and no password",
    make: job(
      ciFile({
        prepare: ['git remote set-url origin "http://gitlab-ci-token@${CI_SERVER_FQDN}/${CI_PROJECT_PATH}.git"'],
      }),
      { ask: undefined, log: "exact" },
    ),
  },
  {
    cause: "push-other-host",
    when: "the address is another host's, and nothing answers there (a2.4)",
    make: job(
      ciFile({
        prepare: [`git remote set-url origin "http://gitlab-ci-token:\${${KEY}}@localhost:1/xlink/gitops.git"`],
      }),
      { log: "among" },
    ),
  },
  {
    cause: "gitlab-unreachable",
    when: "the job's way to GitLab leads nowhere (a2.4)",
    make: script(
      ciFile({ push: 'http_proxy=http://127.0.0.1:1 git push origin "HEAD:refs/heads/$CI_COMMIT_REF_NAME"' }),
      undefined,
      { log: "among" },
    ),
  },
  { cause: "proxy-refused", when: "what stands between wants a password", make: fault(407, "") },
  { cause: "rate-limited", when: "there were too many requests", make: fault(429, "Retry later\n") },
  { cause: "push-too-large", when: "a proxy takes no such request", make: fault(413, "", "git-receive-pack") },
  {
    cause: "server-error",
    when: "the web server has an error",
    make: async (scene) => ({ ...(await fault(500, "")(scene)), log: "among" }),
  },
  {
    cause: "account-blocked",
    when: "the token's owner may not work",
    make: fault(403, "Your account has been blocked."),
  },
  { cause: "server-hook", when: "a hook wants a ticket", make: hook("GL-HOOK-ERR: name a ticket", "among") },
  {
    cause: "push-rule",
    when: "a sign-off is missing",
    make: hook("GitLab: Commit message must contain a DCO signoff"),
  },
  {
    cause: "security-policy",
    when: "an approval policy prevents pushes",
    make: hook("GitLab: Push is blocked by settings overridden by a security policy"),
  },
  {
    cause: "secret-found",
    when: "a secret is in it",
    make: hook("GitLab: \nPUSH BLOCKED: Secrets detected in code changes"),
  },
  {
    cause: "repository-full",
    when: "its limit is reached",
    make: hook(
      "GitLab: Your push to this repository has been rejected because this repository has exceeded its size limit of 1 GiB by 2 MiB.",
    ),
  },
  {
    cause: "lfs-objects-missing",
    when: "a pointer came alone",
    make: hook('GitLab: LFS objects are missing. Ensure LFS is properly set up or try a manual "git lfs push --all".'),
  },
  { cause: "path-locked", when: "somebody locked it", make: hook("GitLab: 'image.txt' is locked in Git LFS by Mia") },
  {
    cause: "rule-code-owner",
    when: "a file has owners",
    make: hook(
      "GitLab: Pushes to protected branches that contain changes to files that\nmatch patterns defined in `CODEOWNERS` are disabled for\nthis project.",
    ),
  },
  {
    cause: "tag-exists",
    when: "the job runs twice",
    make: async (scene) => {
      const push = "git tag -f v1 && git push origin refs/tags/v1";
      const project = await scene.handmade(ciFile({ push }));
      await scene.must("POST", `${api(project)}/repository/tags?tag_name=v1&ref=main`);
      const cured = ciFile({ push: `git ls-remote --exit-code --tags origin v1 || (${push})` });
      return { run: { project }, log: "exact", fix: () => scene.commit(project, cured) };
    },
  },
  {
    cause: "branch-name-taken",
    when: "a branch stands where a folder is needed",
    make: async (scene) => {
      const project = await scene.handmade(ciFile({ push: "git push origin HEAD:refs/heads/topic/one" }));
      await scene.must("POST", `${api(project)}/repository/branches?branch=topic&ref=main`);
      const fix = () => scene.must("DELETE", `${api(project)}/repository/branches/topic`);
      return { run: { project }, log: "exact", fix };
    },
  },
  {
    cause: "rebase-conflict",
    when: "another job changed the same file",
    make: async (scene) => {
      const push = "git pull --quiet --rebase origin main && git push origin HEAD:refs/heads/main";
      const project = await scene.handmade(ciFile({ push }));
      const beforeLast = once(() => scene.commit(project, "another\n", "main", "image.txt"));
      return { run: { project, beforeLast }, log: "exact", fix: () => scene.commit(project, ciFile()) };
    },
  },
  {
    cause: "branch-name-bad",
    when: "the name has two dots",
    make: script(ciFile({ push: "git push origin HEAD:refs/heads/a..b" })),
  },
  {
    cause: "lease-stale",
    when: "the lease is on a commit that is not there",
    make: script(ciFile({ push: `git push --force-with-lease=main:${"1".repeat(40)} origin HEAD:refs/heads/main` })),
  },
  {
    cause: "source-ref-missing",
    when: "the tag was never made",
    make: script(
      ciFile({ push: "git push origin refs/tags/v2:refs/tags/v2" }),
      ciFile({ push: "git tag v2 && git push origin refs/tags/v2:refs/tags/v2" }),
      { log: "among" },
    ),
  },
  {
    cause: "remote-after-address",
    when: "origin stands behind an address",
    make: async (scene) => {
      const push = (more: string) => `git push "${address("${CI_PROJECT_PATH}")}" ${more}HEAD:refs/heads/main`;
      const project = await scene.handmade(ciFile({ push: push("--set-upstream origin ") }));
      const fix = () => scene.commit(project, ciFile({ push: push("") }));
      return { run: { project }, ask: ["--project", project], log: "exact", fix };
    },
  },
  {
    cause: "remote-missing",
    when: "its name is misspelt",
    make: script(ciFile({ push: "git push orgin HEAD:refs/heads/main" })),
  },
  {
    cause: "no-upstream",
    when: "the job made the branch",
    make: script(
      ciFile({ change: ["git checkout --quiet -b bump"], push: "git push" }),
      ciFile({ change: ["git checkout --quiet -b bump"], push: "git push origin HEAD:refs/heads/bump" }),
    ),
  },
  {
    cause: "no-identity",
    when: "nobody named the committer",
    make: script(
      ciFile({
        prepare: [
          "unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL",
          "git config user.useConfigOnly true",
        ],
      }),
    ),
  },
  {
    cause: "nothing-to-commit",
    when: "the script changed nothing",
    make: script(
      ciFile({ change: ["git commit -am unchanged"] }),
      ciFile({ change: ["git diff --cached --quiet || git commit -am unchanged"] }),
    ),
  },
  {
    cause: "checkout-not-clean",
    when: "npm version finds a changed file",
    make: script(
      ciFile({
        change: [
          `echo '{"name": "a", "version": "1.0.0"}' > package.json && git add . && git commit --quiet -m package && echo more >> README.md`,
          "npm version patch --no-update-notifier",
        ],
      }),
    ),
  },
  { cause: "git-missing", when: "the image has none", make: script(ciFile({ prepare: ["PATH=/nowhere"] })) },
  {
    cause: "dubious-ownership",
    when: "the checkout is somebody else's",
    make: script(
      ciFile({ prepare: ["export GIT_TEST_ASSUME_DIFFERENT_OWNER=1"] }),
      ciFile({
        prepare: [
          'export GIT_TEST_ASSUME_DIFFERENT_OWNER=1 GIT_CONFIG_GLOBAL="$PWD.config"',
          'git config --global --add safe.directory "$PWD"',
          `git remote set-url origin "${address("${CI_PROJECT_PATH}")}"`,
        ],
      }),
    ),
  },
  {
    cause: "lfs-tool-missing",
    when: "the hook of LFS finds none",
    make: script(
      ciFile({ prepare: [LFS_HOOK, `git remote set-url origin "${address("${CI_PROJECT_PATH}")}"`] }),
      ciFile({
        prepare: [LFS_HOOK, `git remote set-url origin "${address("${CI_PROJECT_PATH}")}"`],
        push: 'git push --no-verify origin "HEAD:refs/heads/$CI_COMMIT_REF_NAME"',
      }),
    ),
  },
  {
    cause: "ssh-missing",
    when: "the image has no ssh",
    make: script(ciFile({ push: "GIT_SSH=/nowhere/ssh git push ssh://git@127.0.0.1/xlink/app.git HEAD:main" })),
  },
  {
    cause: "branch-missing",
    when: "the branch is not there, and git may not guess",
    make: async (scene) => {
      const project = await scene.handmade(ciFile({ push: "git push origin HEAD:production" }));
      return { run: { project }, ask: ["--project", project, "--branch", "production"], log: "among", fix: "told" };
    },
  },
  {
    cause: "branch-name-sha",
    when: "the job takes the commit's id for a branch",
    make: async (scene) => {
      const name = "0123456789abcdef0123456789abcdef01234567";
      const project = await scene.handmade(ciFile({ push: `git push origin HEAD:refs/heads/${name}` }));
      return {
        run: { project },
        ask: ["--project", project, "--branch", name],
        askAgain: ["--project", project],
        log: "exact",
        fix: () => scene.commit(project, ciFile()),
      };
    },
  },
  {
    cause: "branch-deletion",
    when: "the job deletes a protected branch",
    make: async (scene) => {
      const project = await scene.handmade(ciFile({ push: "git push origin --delete old" }));
      await scene.must("POST", `${api(project)}/repository/branches?branch=old&ref=main`);
      await scene.rule(project, "old", 30);
      const fix = () => scene.must("DELETE", `${api(project)}/protected_branches/old`);
      return { run: { project }, ask: ["--project", project, "--branch", "old"], log: "exact", fix };
    },
  },
  {
    cause: "ref-hidden",
    when: "the job writes to a ref of GitLab's own",
    make: async (scene) => {
      const project = await scene.handmade(ciFile({ push: "git push origin HEAD:refs/merge-requests/1/head" }));
      return { run: { project }, log: "exact", fix: () => scene.commit(project, ciFile()) };
    },
  },
  {
    cause: "tag-protected",
    when: "the job makes a protected tag",
    make: async (scene) => {
      const project = await scene.handmade(ciFile({ push: "git push origin HEAD:refs/tags/v1" }));
      await scene.must("POST", `${api(project)}/protected_tags`, { name: "v*", create_access_level: 40 });
      const fix = () => scene.must("DELETE", `${api(project)}/protected_tags/v*`);
      return { run: { project }, log: "exact", fix };
    },
  },
  {
    cause: "project-missing",
    when: "the target was renamed",
    make: async (scene) => {
      const target = await scene.handmade();
      const source = await scene.project(
        ciFile({
          prepare: [
            `git remote set-url origin "${address(target)}"`,
            `git fetch --quiet "${address(target)}" main && git checkout --quiet FETCH_HEAD || true`,
          ],
          push: "git push origin HEAD:refs/heads/main",
        }),
      );
      await scene.setVariable(source, await scene.token(target));
      const { id, path } = await scene.must("GET", api(target));
      await scene.must("PUT", `/projects/${id}`, { path: `${path}-new` });
      return {
        run: { project: source },
        ask: ["--project", target, "--branch", "main", "--source", source],
        log: "exact",
        fix: () => scene.must("PUT", `/projects/${id}`, { path }),
      };
    },
  },
  {
    cause: "project-archived",
    when: "the target is archived",
    make: async (scene) => {
      const target = await scene.handmade();
      const source = await scene.project(cloningJob(target));
      await scene.setVariable(source, await scene.token(target));
      await scene.must("POST", `${api(target)}/archive`);
      return {
        run: { project: source },
        ask: ["--project", target, "--source", source],
        log: "exact",
        fix: "told",
      };
    },
  },
  {
    cause: "repository-empty",
    when: "a Developer makes the first push",
    make: async (scene) => {
      const target = await scene.project(undefined, { empty: true });
      const source = await scene.project(cloningJob(target));
      await scene.setVariable(source, await scene.token(target));
      return {
        run: { project: source },
        ask: ["--project", target, "--branch", "main", "--source", source],
        log: "exact",
        fix: "told",
      };
    },
  },
  {
    cause: "repository-missing",
    when: "the project has no repository",
    make: fault(404, "A repository for this project does not exist yet."),
  },
  {
    cause: "repository-read-only",
    when: "the repository is being moved",
    make: fault(403, "The repository is temporarily read-only. Please try again later."),
  },
  {
    cause: "instance-read-only",
    when: "the instance is in maintenance",
    make: fault(403, "You can't push code to a read-only GitLab instance."),
  },
  {
    cause: "subscription-limit",
    when: "the plan is too small for the group",
    make: fault(403, "Your top-level group is over the user limit and has been placed in a read-only state."),
  },
  {
    cause: "http-disabled",
    when: "Git over HTTP is switched off",
    make: setting({ git_http_enabled: false }, { git_http_enabled: true }),
  },
  {
    cause: "gitaly-unavailable",
    when: "the Git server is away",
    make: fault(503, "The git server, Gitaly, is not available at this time. Please contact your administrator."),
  },
  {
    cause: "push-timed-out",
    when: "the checks took too long",
    make: fault(503, "Push operation timed out\n\nTiming information for debugging purposes:\n"),
  },
  {
    cause: "login-ban",
    when: "jobs retried a dead token (a user name other than gitlab-ci-token counts)",
    make: async (scene) => {
      const url = address("${CI_PROJECT_PATH}", undefined, "oauth2");
      const project = await scene.handmade(ciFile({ prepare: [`git remote set-url origin "${url}"`] }));
      await scene.must("PUT", "/application/settings", { failed_git_login_ban_enabled: true });
      const login = `Basic ${Buffer.from("oauth2:dead").toString("base64")}`;
      for (let tries = 0; tries < 31; tries += 1) {
        await fetch(`${scene.deployment.sandbox.url}/${project}.git/info/refs?service=git-receive-pack`, {
          headers: { Authorization: login },
        });
      }
      const fix = async () => {
        await scene.deployment.api.control("PUT", "clock", { advance_seconds: 3601 });
        await scene.must("PUT", "/application/settings", { failed_git_login_ban_enabled: false });
      };
      return { run: { project }, log: "exact", fix };
    },
  },
  {
    cause: "runner-paused",
    when: "the runner is paused",
    make: drift((scene) => scene.must("PUT", `/runners/${scene.runnerId}`, { paused: true }), { before: "stuck" }),
  },
  {
    cause: "runner-offline",
    when: "the runner is silent (a2.4)",
    make: async (scene) => {
      await scene.healthy();
      await scene.deployment.api.control("PUT", "clock", { advance_seconds: 3 * 3600 });
      return { ask: [...GITOPS, "--branch", "main"], before: "stuck", fix: () => scene.hello() };
    },
  },
  {
    cause: "runner-tags",
    when: "no runner has the job's tag",
    make: job(ciFile({ more: { tags: ["deploy"] } }), { before: "stuck" }),
  },
  {
    cause: "runner-protected",
    when: "the runner is protected, the branch is not",
    make: async (scene) => {
      const project = await scene.handmade();
      await scene.setVariable(project, await scene.token(project), { protected: false });
      await scene.must("DELETE", `${api(project)}/protected_branches/main`);
      await scene.must("PUT", `/runners/${scene.runnerId}`, { access_level: "ref_protected" });
      return {
        run: { project },
        ask: ["--project", project],
        before: "stuck",
        fix: "told",
      };
    },
  },
  {
    cause: "runner-none",
    when: "there is no runner",
    make: drift((scene) => scene.must("DELETE", `/runners/${scene.runnerId}`), { before: "stuck" }),
  },
];

/** What mends a row that no deploy mends. */
const MENDED: Partial<Record<CauseId, (scene: PushScene) => Promise<unknown>>> = {
  "runner-paused": (scene) => scene.must("PUT", `/runners/${scene.runnerId}`, { paused: false }),
  "runner-none": (scene) => scene.newRunner(),
};

const PREMIUM: readonly Row[] = [
  {
    cause: "rule-bot-not-listed",
    when: "the rule lists a bot that is no more",
    make: async (scene) => {
      const only = inventory({ edition: "premium", branches: "{main: {push: bot}}" });
      await scene.commit("xlink/gitops", ciFile());
      await scene.deploy(only);
      const { body: users } = await scene.deployment.api.get("/users?username=mia");
      await scene.must("DELETE", `${api("xlink/gitops")}/protected_branches/main`);
      await scene.must("POST", `${api("xlink/gitops")}/protected_branches`, {
        name: "main",
        push_access_level: 0,
        allowed_to_push: [{ user_id: users[0].id }],
      });
      return { ask: [...GITOPS, "--branch", "main"], log: "among", fix: () => scene.deploy(only) };
    },
  },
  {
    cause: "rule-inherited",
    when: "a rule of the group closes the branch",
    make: async (scene) => {
      const project = await scene.handmade();
      await scene.must("DELETE", `${api(project)}/protected_branches/main`);
      await scene.must("POST", "/groups/xlink/protected_branches", { name: "main", push_access_level: 40 });
      const fix = async () => {
        await scene.must("DELETE", "/groups/xlink/protected_branches/main");
        await scene.must("POST", "/groups/xlink/protected_branches", { name: "main", push_access_level: 30 });
      };
      return { run: { project }, ask: ["--project", project], log: "among", fix };
    },
  },
];

const LATER = "2100-07-01";

/** Rows that move the clock for good. */
const IN_TIME: readonly Row[] = [
  {
    cause: "token-expired",
    when: "the date has passed",
    make: async (scene) => {
      await scene.healthy();
      await scene.deployment.setDay(LATER);
      await scene.hello();
      const bumped = HEALTHY.replace("2100-06-01", "2100-12-01");
      return {
        ask: [...GITOPS, "--branch", "main"],
        log: "among",
        now: `${LATER}T12:00:00Z`,
        fix: () => scene.deploy(bumped, LATER),
      };
    },
  },
  {
    cause: "token-missing",
    when: "the token was revoked a month ago, and the variable is hidden",
    make: async (scene) => {
      const hidden = inventory({
        token: "{expires: 2101-03-01}",
        variable: "{in: [xlink/shop, xlink/gitops], hidden: true}",
      });
      await scene.deploy(hidden, LATER);
      await scene.must("DELETE", `${api("xlink/gitops")}/access_tokens/${(await scene.botToken()).id}`);
      await scene.deployment.setDay("2100-08-15");
      await scene.hello();
      return {
        ask: [...GITOPS, "--branch", "main"],
        log: "among",
        now: "2100-08-15T12:00:00Z",
        fix: () => scene.deploy(hidden, "2100-08-15"),
      };
    },
  },
];

/** What no sandbox can refuse, and why; their texts are recognised all the same (commands/doctor/log/job-log). */
const NOT_HERE: Partial<Record<CauseId, string>> = {
  "push-job-input": "the push job says it: __tests__/templates/push-template.test.ts",
  "variable-reference": "the push job says it: __tests__/templates/push-template.test.ts",
  "variable-protected-tag-unprotected": "the runner here runs branches only: __tests__/commands/doctor/doctor.test.ts",
  "sources-denied": "a test ends where the runner here cannot fetch",
  "submodules-denied": "likewise",
  "tool-hides-git": "semantic-release is not among the tools of this project",
  "certificate-untrusted": "the sandbox speaks plain HTTP",
  "deploy-key-read-only": "the sandbox speaks no SSH",
  "ssh-host-key": "likewise",
  "ssh-key-refused": "likewise",
};

test("every cause is produced by a row, or cannot be", () => {
  const produced = [...FREE, ...PREMIUM, ...IN_TIME].map(({ cause }) => cause);
  expect([...new Set([...produced, ...Object.keys(NOT_HERE)])].sort()).toEqual([...CAUSE_IDS].sort());
});

describe.each([
  ["on the free edition", FREE, "free"],
  ["on premium", PREMIUM, "premium"],
  ["as time goes by", IN_TIME, "free"],
] as const)("a refused push %s", (_, rows, edition) => {
  let scene: PushScene;
  beforeAll(async () => {
    scene = await PushScene.start({ edition });
  });
  afterAll(() => scene.stop());

  test.each(rows as Row[])("$cause: $when", async ({ cause, make }) => {
    // GIVEN
    const { run, ask, askAgain, log, fix, before, now } = await make(scene);
    // WHEN the job runs
    const refused = await scene.run(run);
    expect([before ?? "refused", refused.log]).toEqual([
      refused.outcome === 0 ? "through" : typeof refused.outcome === "number" ? "refused" : refused.outcome,
      refused.log,
    ]);
    // THEN the doctor names the cause, by asking GitLab
    const said: string[] = [];
    let told = "";
    if (ask) {
      const byApi = await scene.examine(ask, undefined, now);
      expect([byApi.json.causes, byApi.json.walks]).toEqual([[cause], byApi.json.walks]);
      expect(byApi.code).toBe(1);
      told = byApi.json.walks[0].findings[0].fix.api;
      said.push(byApi.stdout, (await scene.report(ask)).stdout);
    }
    // AND by reading the log
    if (log) {
      const byLog = await readLog(refused.log);
      const causes: string[][] = byLog.json.log.refusals.map((refusal: { causes: { cause: string }[] }) =>
        refusal.causes.map((each) => each.cause),
      );
      if (log === "exact") expect([causes, refused.log]).toEqual([[[cause]], refused.log]);
      else expect([causes.flat(), refused.log]).toEqual([expect.arrayContaining([cause]), refused.log]);
      expect(byLog.code).toBe(1);
      said.push(byLog.stdout);
    }
    // AND tells no secret
    const text = said.join("\n");
    expect((await scene.secrets()).flatMap(disguises).filter((secret) => text.includes(secret))).toEqual([]);
    // WHEN the stated fix is applied
    await (MENDED[cause]?.(scene) ?? (fix === "told" ? applyTold(scene, told) : fix()));
    // THEN the same push goes through, or what went through by mistake is refused
    const again = await scene.run(run);
    expect([again.outcome === 0, again.log]).toEqual([before !== "through", again.log]);
    // AND the doctor finds nothing any more
    if (ask && before !== "through") {
      const healed = await scene.examine(askAgain ?? ask, undefined, now);
      expect([healed.json.causes, healed.json.walks]).toEqual([[], healed.json.walks]);
      expect(healed.code).toBe(0);
    }
  });
});
