import type { CiJob } from "./ci-job";
import { UnexpectedEnd } from "./command";
import { inDays, type OpsRepository } from "./ops-repository";
import { PastedToken } from "./pasted-token";
import type { Progress } from "./progress";
import type { SandboxProcess } from "./sandbox-process";

const GITOPS = "xlink/xlink-k8s-gitops";
const SHOP = "xlink/shop";
const KEY = "GITLAB_PUSHER_TOKEN";

/** Runners set no name, and Git commits under none; the first article's job gives these. */
const SET_NAME = `
git config --local user.name "GitLab Runner"
git config --local user.email "runner@example.com"
`;
/** `kustomize edit set image`, without kustomize. */
const SET_IMAGE = `
${SET_NAME}
cd manifests/overlays/staging
sed "s/newTag: .*/newTag: $APP_TAG/" kustomization.yaml > edited && mv edited kustomization.yaml
git commit --quiet -am "[auto ci] Update shop image to $APP_TAG"
`;
const USE_THE_TOKEN =
  'git remote set-url origin "$CI_SERVER_PROTOCOL://gitlab-ci-token:${GITLAB_PUSHER_TOKEN}@$CI_SERVER_FQDN/$CI_PROJECT_PATH.git"\n';
const PUSH = 'git push origin "HEAD:$CI_COMMIT_REF_NAME"\n';
/** From a detached HEAD, Git makes a new branch only where it is told the full name. */
const PUSH_TO_OTHER_PROJECT = `
git remote add deploy "$CI_SERVER_PROTOCOL://oauth2:\${GITLAB_PUSHER_TOKEN}@$CI_SERVER_FQDN/${GITOPS}.git"
git push deploy HEAD:refs/heads/release/1.0
`;

/** Exit code of our commands that found something. */
const FOUND = 1;

/** Git's words about a 401. */
const ACCESS_DENIED = /Access denied|Authentication failed/;

/** Everything that the story is told with. */
export interface Cast {
  readonly progress: Progress;
  readonly sandbox: SandboxProcess;
  readonly ops: OpsRepository;
  /** The token that a stranger finds before anything is declared. */
  readonly pasted: PastedToken;
  readonly startJob: (project: string, ref: string) => Promise<CiJob>;
}

/** The articles' problem and its solution, up to where one may play on. A step fails when GitLab, Git or Terraform does not do as told. */
export async function tellHowItWorks({ progress, sandbox, ops, pasted, startJob }: Cast): Promise<void> {
  await progress.step("discover", "npx gitlab-ci-pusher discover xlink", async () => {
    const output = await ops.pusher(FOUND, "discover", "xlink");
    says(output, new RegExp(`danger variable-unprotected[^\\n]*\\n +${PastedToken.KEY} of project ${SHOP}`));
    return `dana's own token, in $${PastedToken.KEY}: ${says(output, /\d+ findings/)}`;
  });

  await progress.step("job token", "git push with CI_JOB_TOKEN", async () => {
    const job = await startJob(GITOPS, "main");
    await job.fails(/\b403\b/, SET_IMAGE + PUSH, { APP_TAG: "1.1.0" });
    return "refused with 403, as the articles say";
  });

  await progress.step("no variable", `git push with $${KEY}, still unset`, async () => {
    const job = await startJob(GITOPS, "main");
    expectThat(job.variables[KEY] === undefined, `no ${KEY} in the job`);
    await job.fails(ACCESS_DENIED, SET_IMAGE + USE_THE_TOKEN + PUSH, { APP_TAG: "1.1.0" });
    return "refused with 401: an empty password";
  });

  await progress.step("deploy", "cdktf deploy example", async () => {
    const output = await ops.cdktf("deploy", "example", "--auto-approve");
    return done(output, /[1-9]\d* added, 0 changed, 0 destroyed/);
  });

  await progress.step("unprotected", "a job on the unprotected branch try-it", async () => {
    const job = await startJob(GITOPS, "try-it");
    expectThat(!job.variables[KEY], `no value of ${KEY} on an unprotected branch`);
    return "sees no token: the variable is protected";
  });

  const running = await startJob(GITOPS, "main");
  await progress.step("push", `git push origin HEAD:main with $${KEY}`, async () => {
    await running.succeeds(SET_IMAGE + USE_THE_TOKEN + PUSH, { APP_TAG: "1.1.0" });
    return onBranch(sandbox, "main", "[auto ci] Update shop image to 1.1.0");
  });

  await progress.step("other project", `git push deploy HEAD:refs/heads/release/1.0 from ${SHOP}`, async () => {
    const job = await startJob(SHOP, "main");
    await job.succeeds(`${SET_NAME}git commit --quiet --allow-empty -m "Release 1.0"`);
    await job.succeeds(PUSH_TO_OTHER_PROJECT);
    return onBranch(sandbox, "release/1.0", "Release 1.0");
  });

  await progress.step("deploy again", "cdktf deploy example", async () => {
    const output = await ops.cdktf("deploy", "example", "--auto-approve");
    return says(output, /No changes\./);
  });

  await progress.step("drift", "force pushes to main allowed by hand; cdktf diff example", async () => {
    await sandbox.api(`PATCH ${rule("main")}`, { allow_force_push: true });
    const output = await ops.cdktf("diff", "example");
    return says(output, /allow_force_push\s*=\s*true\s*->\s*false/);
  });

  await progress.step("repair", "cdktf deploy example", async () => {
    const output = await ops.cdktf("deploy", "example", "--auto-approve");
    const { allow_force_push: allowed } = await sandbox.api<{ allow_force_push: boolean }>(`GET ${rule("main")}`);
    expectThat(allowed === false, "a rule for main without force pushes");
    return done(output, /0 added, 1 changed, 0 destroyed/);
  });

  await progress.step("rotate", "earlier date bumped; cdktf deploy; push from an old job", async () => {
    await ops.setExpiry(1, inDays(300));
    await ops.cdktf("deploy", "example", "--auto-approve");
    const next = await startJob(GITOPS, "main");
    expectThat(Boolean(next.variables[KEY]) && next.variables[KEY] !== running.variables[KEY], `a new value of ${KEY}`);
    await running.succeeds(SET_IMAGE + PUSH, { APP_TAG: "1.2.0" });
    await onBranch(sandbox, "main", "[auto ci] Update shop image to 1.2.0");
    return "new jobs get the other token, the old one lives";
  });

  await progress.step("report", "pasted token revoked; npx gitlab-ci-pusher report --html report.html", async () => {
    await pasted.revoke();
    const output = await ops.pusher(0, "report", "xlink", "--html", "report.html");
    return `a page of ${says(output, /\d+ projects, \d+ findings/)}`;
  });
}

/** The end of it all, from which nothing is left to play with. */
export async function tellHowItEnds({ progress, sandbox, ops, startJob }: Cast): Promise<void> {
  await progress.step("protected", "cdktf destroy example", async () => {
    const finished = await ops.run("destroy", "example", "--auto-approve");
    if (finished.code === 0) throw new UnexpectedEnd("a refusal by deletion_protection", finished);
    // Whether cdktf prints the reason is a matter of luck, so Terraform is asked as well.
    const said = says(await ops.terraform("destroy", "-auto-approve"), /is protected from deletion/);
    expectThat((await livingTokens(sandbox)) === 2, "both tokens alive");
    return `refused: example ${said}`;
  });

  await progress.step("destroy", "deletion_protection: false; cdktf deploy, cdktf destroy", async () => {
    const job = await startJob(GITOPS, "main");
    await ops.edit((inventory) => inventory.set("deletion_protection", false));
    await ops.cdktf("deploy", "example", "--auto-approve");
    const output = await ops.cdktf("destroy", "example", "--auto-approve");
    await job.fails(ACCESS_DENIED, SET_IMAGE + USE_THE_TOKEN + PUSH, { APP_TAG: "1.3.0" });
    expectThat((await livingTokens(sandbox)) === 0, "no token alive");
    for (const project of [GITOPS, SHOP]) {
      const variables = await sandbox.api<unknown[]>(`GET ${inPath(project)}/variables`);
      expectThat(variables.length === 0, `no variable left in ${project}`);
    }
    return `${done(output, /[1-9]\d* destroyed/)}; the token is refused with 401`;
  });
}

const inPath = (project: string): string => `projects/${encodeURIComponent(project)}`;

const rule = (branch: string): string => `${inPath(GITOPS)}/protected_branches/${encodeURIComponent(branch)}`;

/** The words of a command's that matter; without them the step has failed. */
function says(output: string, words: RegExp): string {
  const [said] = output.match(words) ?? [];
  if (said === undefined) throw new Error(`expected ${words} to be said; got:\n${output.trimEnd()}`);
  return said.replace(/\s+/g, " ");
}

/** The counts of what Terraform did. cdktf may lose its last lines, where they stand; the plan that it carried out has them as well. */
function done(output: string, counts: RegExp): string {
  const planned = /Plan: (\d+) to add, (\d+) to change, (\d+) to destroy/g;
  return says(output.replace(planned, "$1 added, $2 changed, $3 destroyed"), counts);
}

/** GitLab, asked over its API, has the commit. */
async function onBranch(sandbox: SandboxProcess, branch: string, title: string): Promise<string> {
  const route = `GET ${inPath(GITOPS)}/repository/branches/${encodeURIComponent(branch)}`;
  const { commit } = await sandbox.api<{ commit: { title: string; short_id: string } }>(route);
  expectThat(commit.title === title, `"${title}" on ${branch}, not "${commit.title}"`);
  return `${commit.short_id} is on ${branch}`;
}

async function livingTokens(sandbox: SandboxProcess): Promise<number> {
  const tokens = await sandbox.api<{ active: boolean }[]>(`GET ${inPath(GITOPS)}/access_tokens`);
  return tokens.filter(({ active }) => active).length;
}

function expectThat(holds: boolean, what: string): void {
  if (!holds) throw new Error(`expected ${what}`);
}
