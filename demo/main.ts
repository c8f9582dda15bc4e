import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { Command } from "commander";
import colors from "picocolors";
import { findTerraform } from "../terraform/binary";
import { CiJob } from "./ci-job";
import { Commands } from "./command";
import { inDays, OpsRepository } from "./ops-repository";
import { PastedToken } from "./pasted-token";
import { plainEnvironment } from "./plain-environment";
import { Progress } from "./progress";
import { SandboxProcess } from "./sandbox-process";
import { type Cast, tellHowItEnds, tellHowItWorks } from "./story";

const stopped = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // On, not once: a second signal, or npm's copy of the first, must not end the tidying up.
  process.on(signal, () => stopped.abort(new Error(`stopped by ${signal}`)));
}

/** Tells the story in a temporary folder, and leaves neither the folder nor a process behind. */
async function main(keep: boolean): Promise<void> {
  const directory = await mkdtemp(path.join(tmpdir(), "gitlab-ci-pusher-demo-"));
  let sandbox: SandboxProcess | undefined;
  try {
    const progress = new Progress(process.stdout);
    const commands = new Commands(await plainEnvironment(directory), stopped.signal);
    const terraform = await findTerraform({ onFetch: (message) => process.stderr.write(`${message}\n`) });

    const what = "a GitLab look-alike with the articles' projects, and a token pasted by hand";
    let pasted: PastedToken | undefined;
    await progress.step("sandbox", what, async () => {
      sandbox = await SandboxProcess.start(commands);
      pasted = await PastedToken.make(commands, sandbox);
      return sandbox.url;
    });
    const [gitlab, token] = [sandbox as unknown as SandboxProcess, pasted as unknown as PastedToken];
    const cast = await assemble(gitlab, token, { directory, terraform, commands, progress });
    await tellHowItWorks(cast);
    if (!keep) await tellHowItEnds(cast);
    process.stdout.write(`\n${progress.table()}\n`);
    if (keep) await playOn(cast, terraform);
  } finally {
    await sandbox?.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function assemble(
  sandbox: SandboxProcess,
  pasted: PastedToken,
  {
    directory,
    terraform,
    commands,
    progress,
  }: { directory: string; terraform: string; commands: Commands; progress: Progress },
): Promise<Cast> {
  const environment = { ...sandbox.environment, TERRAFORM_BINARY_NAME: terraform };
  const ops = await OpsRepository.create(path.join(directory, "ops"), commands, environment);
  // GitLab's limit is 365 days, and the shipped dates pass some day.
  await ops.setExpiry(0, inDays(270));
  await ops.setExpiry(1, inDays(180));
  const jobs = path.join(directory, "jobs");
  await mkdir(jobs);
  const startJob: Cast["startJob"] = (project, ref) => CiJob.start(commands, sandbox, jobs, { project, ref });
  return { progress, sandbox, ops, pasted, startJob };
}

/** Shows how to go on by hand, and waits for Ctrl-C. */
async function playOn({ sandbox, ops }: Cast, terraform: string): Promise<void> {
  const variables = { ...sandbox.environment, TERRAFORM_BINARY_NAME: terraform, CHECKPOINT_DISABLE: "1" };
  const exports = Object.entries(variables).map(([name, value]) => `export ${name}='${value}'`);
  const api = `${sandbox.url}/api/v4/projects/xlink%2Fxlink-k8s-gitops`;
  const clone = `git clone ${sandbox.url.replace("://", "://root:$GITLAB_TOKEN@")}/xlink/xlink-k8s-gitops.git`;
  const lines = [
    "To play on, paste this into another terminal:",
    "",
    `cd '${ops.directory}'`,
    "unset TF_CLI_CONFIG_FILE",
    ...exports,
    "npx cdktf diff example",
    "npx gitlab-ci-pusher review --all",
    "npx gitlab-ci-pusher discover xlink",
    `curl --header "PRIVATE-TOKEN: $GITLAB_TOKEN" ${api}/protected_branches`,
    clone,
    "",
    "The token is good for this sandbox only. Ctrl-C ends it and removes the folder.",
  ];
  process.stdout.write(`\n${lines.join("\n")}\n`);
  await new Promise((resolve) => stopped.signal.addEventListener("abort", resolve, { once: true }));
}

new Command("npm run demo --")
  .description("Shows on this machine, with real Terraform and real Git, what gitlab-ci-pusher does.")
  .option("--keep", "leave out the end, and leave sandbox and ops repository to play with until Ctrl-C", false)
  .action(async ({ keep }: { keep: boolean }) => {
    try {
      await main(keep);
    } catch (error) {
      process.stderr.write(`\n${colors.red((error as Error).message)}\n`);
      process.exitCode = stopped.signal.aborted ? 130 : 1;
    }
  })
  .parseAsync();
