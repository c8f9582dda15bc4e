import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { Command, Option } from "commander";
import type { Problem } from "../../gitlab/problem";
import { PROVIDER_LOCK, type Releases, readProviderLock, releasesIn } from "../../terraform/provider-lock";
import type { CommandContext } from "../context";
import { CommandError, ExitCode } from "../exit-code";
import { during } from "../progress";
import { inPrivateFolder } from "../stacks/private-folder";
import { type ProviderRequirement, type SynthesizedStack, synthesize } from "../stacks/synthesis";
import { runTerraform, withTerraform } from "../stacks/terraform-program";
import type { Way } from "../stacks/way";
import { untilStopped } from "../until-stopped";

/** Platforms on which people and pipelines run Terraform. */
const PLATFORMS = ["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"];

interface Options {
  readonly platform?: readonly string[];
  readonly upgrade?: boolean;
  readonly fsMirror?: string;
  readonly netMirror?: string;
  readonly json?: boolean;
}

const HELP = `
Writes ${PROVIDER_LOCK} beside cdktf.json: which release of each provider is run, and its
checksums. Commit it. Each synth copies it into the folders of the stacks, so that cdktf, \`npx
gitlab-ci-pusher review\`, \`npx gitlab-ci-pusher deploy\` and Terraform in such a folder all run
the same release; review and deploy refuse a provider that is not in it. A release that is
locked already stays, until --upgrade.

It asks the registry that the providers come from; a mirror only when it is given here, because
the checksums are then the mirror's own. Terraform and OpenTofu have registries of their own,
and each looks only for its own entries. Run it with both where both are used: what is there for
the other one stays, but not with --upgrade.

Platforms: ${PLATFORMS.join(", ")}.

JSON: {"file", "changed", "providers": {ADDRESS: RELEASE}}

Exit code 0: the file is written, or needs no change. 2: nothing was changed.

Examples:
  $ npx gitlab-ci-pusher providers lock && git add ${PROVIDER_LOCK}
  $ npx gitlab-ci-pusher providers lock --upgrade --platform linux_amd64`;

/** `gitlab-ci-pusher providers lock`: the provider lock file under version control. */
export function lockCommand(context: CommandContext): Command {
  const mirror = new Option("--fs-mirror <folder>", "take the providers from this mirror, not from their registry");
  const collect = (platform: string, before: readonly string[] = []) => [...before, platform];
  return new Command("lock")
    .description("Locks the releases and checksums of the providers, in a file to commit.")
    .option("--platform <platform>", "only for this platform; may be given several times", collect)
    .option("--upgrade", "forget what is locked, and choose the newest releases that are allowed")
    .addOption(mirror.conflicts("netMirror"))
    .option("--net-mirror <url>", "take the providers from this network mirror")
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (options: Options) => context.end(await act(process.cwd(), options, context)));
}

async function act(project: string, options: Options, context: CommandContext): Promise<ExitCode> {
  const { stdout, stderr } = context;
  if (context.environment.TF_REATTACH_PROVIDERS) throw new CommandError(ATTACHED);
  const environment = await withTerraform(context.environment);
  const before = readProviderLock(project);
  const after = await untilStopped("stopped, nothing was changed", (signal) =>
    inPrivateFolder(async (folder) => {
      const way = { folder, environment, signal };
      const synthesis = synthesize(project, { out: path.join(folder, "stacks"), environment, readStates: [], signal });
      const stacks = await during("Synthesizing", synthesis, stderr);
      return during("Fetching providers", lock(requirementsOf(stacks), before, options, way), stderr);
    }),
  );
  if (after !== before) write(path.join(project, PROVIDER_LOCK), after);
  const outcome = { changed: after !== before, before: releasesIn(before ?? ""), after: releasesIn(after) };
  if (options.json) stdout.json(asJson(outcome));
  else stdout.write(asText(outcome));
  return ExitCode.ok;
}

/**
 * The providers of all stacks together, so that one release fits all.
 * @throws CommandError when there is none
 */
function requirementsOf(stacks: readonly SynthesizedStack[]): Record<string, ProviderRequirement> {
  const versions = new Map<string, Set<string>>();
  for (const { source, version } of stacks.flatMap(({ providers }) => Object.values(providers))) {
    const known = versions.get(source) ?? new Set();
    versions.set(source, version === undefined ? known : known.add(version));
  }
  if (versions.size === 0) throw new CommandError(NO_PROVIDER);
  return Object.fromEntries(
    [...versions].map(([source, allowed], i) => [
      `provider${i}`,
      { source, ...(allowed.size > 0 ? { version: [...allowed].join(", ") } : {}) },
    ]),
  );
}

/** The text of the lock file that Terraform makes. */
async function lock(
  providers: Readonly<Record<string, ProviderRequirement>>,
  before: string | undefined,
  { platform = PLATFORMS, upgrade, fsMirror, netMirror }: Options,
  { folder, environment, signal }: Way,
): Promise<string> {
  const cwd = path.join(folder, "lock");
  mkdirSync(cwd);
  writeFileSync(path.join(cwd, "main.tf.json"), JSON.stringify({ terraform: { required_providers: providers } }));
  if (before !== undefined && !upgrade) writeFileSync(path.join(cwd, PROVIDER_LOCK), before);
  const mirror = [
    ...(fsMirror === undefined ? [] : [`-fs-mirror=${path.resolve(fsMirror)}`]),
    ...(netMirror === undefined ? [] : [`-net-mirror=${netMirror}`]),
  ];
  const args = ["providers", "lock", "-no-color", ...mirror, ...platform.map((each) => `-platform=${each}`)];
  const ran = await runTerraform(args, { cwd, environment, signal });
  signal.throwIfAborted();
  const after = readProviderLock(cwd);
  if (ran.code === 0 && after !== undefined) return after;
  throw new CommandError(
    `${ran.program} providers lock failed, nothing was changed:\n${ran.said.trimEnd()}\nFix: ${FIX}`,
  );
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError({ got: `${code} at ${file}`, allowed: "a file", fix: "make it writable" });
  }
}

interface Outcome {
  readonly changed: boolean;
  readonly before: Releases;
  readonly after: Releases;
}

const asJson = ({ changed, after }: Outcome): object => ({ file: PROVIDER_LOCK, changed, providers: after });

function asText({ changed, before, after }: Outcome): string {
  const releases = Object.entries(after).map(([address, release]) => {
    const was = before[address];
    return `${address} ${release}${was === undefined || was === release ? "" : ` (was ${was})`}`;
  });
  const told = changed ? `${PROVIDER_LOCK} is written: review and commit it.` : `${PROVIDER_LOCK} needs no change.`;
  return `${[...releases, told].join("\n")}\n`;
}

const ATTACHED: Problem = {
  got: "TF_REATTACH_PROVIDERS",
  allowed: "providers that are installed, because one that is attached has no release",
  fix: "unset it",
};

const NO_PROVIDER: Problem = {
  got: "no provider in any stack",
  allowed: "stacks with resources",
  fix: "declare a pusher",
};

const FIX =
  "pass --upgrade when the locked release is no longer allowed, --net-mirror or --fs-mirror when the registry cannot be reached; let the stacks agree when no release is allowed in all of them; delete the lock file when Terraform cannot read it";
