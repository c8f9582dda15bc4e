#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from "commander";
import { PROVIDER_VERSIONS, type ProviderVersion } from "./provider/resource";
import { Sandbox } from "./sandbox";
import { readSeed } from "./seed";

interface Arguments {
  readonly port: number;
  readonly edition: "free" | "premium";
  readonly package?: "ce" | "ee";
  readonly seed?: string;
  readonly gitlab?: string;
  readonly quirks?: "18.6";
  readonly providerVersion: ProviderVersion;
  readonly provider: "standin" | "registry";
  readonly latency: number;
  readonly json: boolean;
}

/** The command by which it is called: compiled it is a package's command. */
const COMMAND = __filename.endsWith(".ts") ? "npm run sandbox --" : "npx gitlab-sandbox";

const EXAMPLE = `
Example:
  $ ${COMMAND} --port 8080 --edition premium --seed seed.yaml
  $ curl --header "PRIVATE-TOKEN: $GITLAB_TOKEN" http://127.0.0.1:8080/api/v4/user

Its seed.yaml:
  projects:
    - path: acme/shop
      files: { README.md: "# Shop" }
`;

function portNumber(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a number from 0 (any free one) to 65535.");
}

function milliseconds(value: string): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= 60_000) return number;
  throw new InvalidArgumentError("Milliseconds are a number from 0 to 60000.");
}

function release(value: string): string {
  if (/^\d+\.\d+\.\d+$/.test(value)) return value;
  throw new InvalidArgumentError("A release is three numbers, such as 17.6.0.");
}

function providerVersion(value: string): ProviderVersion {
  const version = PROVIDER_VERSIONS.find((each) => String(each) === value);
  if (version !== undefined) return version;
  throw new InvalidArgumentError(`Allowed are ${PROVIDER_VERSIONS.join(" and ")}.`);
}

async function run(options: Arguments): Promise<void> {
  const {
    port,
    edition,
    package: installed,
    gitlab: version,
    quirks,
    provider,
    providerVersion,
    latency,
    json,
  } = options;
  const seed = options.seed === undefined ? undefined : await readSeed(options.seed);
  const sandbox = await Sandbox.start({
    port,
    edition,
    package: installed,
    version,
    quirks,
    provider,
    providerVersion,
    latency,
    seed,
  });
  let stopping = false;
  const stop = (): void => {
    // A second signal must not end the process before everything it made is gone.
    if (stopping) return;
    stopping = true;
    sandbox.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  process.stdout.write(json ? `${JSON.stringify(sandbox.environment)}\n` : described(sandbox, options));
}

function described(sandbox: Sandbox, { edition, seed }: Arguments): string {
  const lines = Object.entries(sandbox.environment).map(([name, value]) => `export ${name}='${value}'`);
  return [
    `A GitLab-compatible sandbox (${edition}) listens on ${sandbox.url}. It is not GitLab: all it holds is gone when it stops.`,
    "Terraform's provider runs in here, with the sandbox's own token: GITLAB_TOKEN is for other clients.",
    ...(seed === undefined ? ["It has no project yet: --seed takes a file with some, and --help shows one."] : []),
    "Paste this into another terminal to use it:",
    "",
    ...lines,
    "",
    "Ctrl-C stops it.",
    "",
  ].join("\n");
}

new Command(COMMAND)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .description(
    "Runs a GitLab-compatible server with Git over HTTP and the Terraform provider's stand-in, until stopped.",
  )
  .addOption(new Option("--port <number>", "port on 127.0.0.1; 0 = a free one").argParser(portNumber).default(0))
  .addOption(new Option("--edition <name>", "what GitLab to be").choices(["free", "premium"]).default("free"))
  .addOption(
    new Option("--package <name>", "what is installed where it is free: with ee, Enterprise Edition without a licence")
      .choices(["ce", "ee"])
      .default("ce"),
  )
  .option("--seed <file>", "YAML or JSON file with users, groups and projects to begin with")
  .addOption(
    new Option("--gitlab <release>", "say to be an older release; before 17.7 tokens have no descriptions").argParser(
      release,
    ),
  )
  .addOption(new Option("--quirks <release>", "reproduce that provider release's bugs").choices(["18.6"]))
  .addOption(
    new Option("--provider <kind>", "the built-in stand-in, or the real one")
      .choices(["standin", "registry"])
      .default("standin"),
  )
  .addOption(
    new Option("--provider-version <major>", "the provider that the stand-in is")
      .argParser(providerVersion)
      .default(18),
  )
  .addOption(
    new Option("--latency <milliseconds>", "answer every call that much later, as over a network")
      .argParser(milliseconds)
      .default(0),
  )
  .option("--json", "print the environment as one line of JSON", false)
  .addHelpText("after", EXAMPLE)
  .action((options: Arguments) =>
    run(options).catch((error: Error) => {
      process.stderr.write(`${error.message}\n`);
      process.exit(2);
    }),
  )
  .parse();
