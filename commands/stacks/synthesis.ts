import { existsSync, mkdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { PARTS_FILE } from "../../gitlab/failure";
import { readJsonFile } from "../../gitlab/json-file";
import { describe, type Problem, quoted } from "../../gitlab/problem";
import { READ_STATES } from "../../state/left-out-states";
import { readProviderLock, releasesIn } from "../../terraform/provider-lock";
import { CommandError, ExitCode } from "../exit-code";
import { withBaseUrl } from "./gitlab-environment";
import { run } from "./program";
import { partsIn } from "./synthesis-parts";

/** A provider that a stack needs, as Terraform's `required_providers` has it. */
export interface ProviderRequirement {
  /** `gitlabhq/gitlab` */
  readonly source: string;
  /** The releases that are allowed. @default - any */
  readonly version?: string;
}

/** One stack as the app wrote it. */
export interface SynthesizedStack {
  readonly name: string;
  /** The name its state is kept under, in a file or in GitLab. @default - the stack has a backend of its own */
  readonly stateName?: string;
  /** The folder that Terraform runs in. */
  readonly folder: string;
  /** Folder of the app's cdktf.json. */
  readonly project: string;
  /** By local name. */
  readonly providers: Readonly<Record<string, ProviderRequirement>>;
  /** The configuration and the locked providers as text, the same for the same ones wherever they were written. */
  readonly configuration: string;
  /** Names of the stacks it depends on. */
  readonly dependencies: readonly string[];
  /** The warnings of the app. */
  readonly warnings: readonly string[];
}

export interface SynthesisOptions {
  /** The folder that the stacks are written into. It must not exist. */
  readonly out: string;
  /** The environment that the app gets. */
  readonly environment: NodeJS.ProcessEnv;
  /** Names of the stacks whose states the app looks into. Stacks that it leaves out can be compared, but not deployed. @default - all */
  readonly readStates?: readonly string[];
  /** The project is a checkout that is removed afterwards, so ts-node need not keep what it compiled there. @default false */
  readonly thrownAway?: boolean;
  readonly signal: AbortSignal;
}

/** The parts of cdktf's files that are read here. */
interface StackManifest {
  readonly name: string;
  readonly constructPath: string;
  readonly synthesizedStackPath: string;
  /** Construct paths. */
  readonly dependencies: readonly string[];
  readonly annotations: readonly { readonly level: string; readonly message: string }[];
}

interface Manifest {
  readonly stacks: Readonly<Record<string, StackManifest>>;
}

interface Configuration {
  readonly terraform?: {
    readonly required_providers?: SynthesizedStack["providers"];
    readonly backend?: { readonly local?: { path?: unknown }; readonly http?: { readonly address?: unknown } };
  };
}

/**
 * Runs the app that `cdktf.json` in `project` names, as `cdktf synth` does.
 * @throws CommandError with what the app said when it refuses the inventory
 * @throws ExpectedError when it would have a token and no address of a GitLab
 */
export async function synthesize(
  project: string,
  { out, environment: given, readStates, thrownAway, signal }: SynthesisOptions,
): Promise<SynthesizedStack[]> {
  const { app, context } = settings(project);
  mkdirSync(out);
  const own = Object.entries(withBaseUrl(given)).filter(([name]) => !name.startsWith("TF_VAR_"));
  const environment: NodeJS.ProcessEnv = {
    ...Object.fromEntries(own),
    // Of v8-compile-cache, which leaves a file in the temporary folder for each working directory.
    ...(thrownAway ? { DISABLE_V8_COMPILE_CACHE: "1" } : {}),
    CDKTF_OUTDIR: out,
    [PARTS_FILE]: path.join(out, PARTS),
    CDKTF_CONTEXT_JSON: JSON.stringify({
      ...context,
      ...contextIn(given),
      [READ_STATES]: readStates,
    }),
  };
  const ran = await run(app, [], { cwd: project, environment, signal, shell: true });
  signal.throwIfAborted();
  const manifest = path.join(out, "manifest.json");
  if (ran.code !== 0 || !existsSync(manifest)) {
    // The app says itself that nothing was changed when it refuses the inventory.
    const standing = ran.said.includes(UNCHANGED) ? "" : `, ${UNCHANGED}`;
    const code = ran.code === ExitCode.defect ? ExitCode.defect : ExitCode.usage;
    const why = ran.code === 0 ? " (the app ended well, and wrote no stacks)" : "";
    const said = `the synth failed${why}${standing}:\n${ran.said.trimEnd()}`;
    const lacking = lackingPackage(ran.said, project);
    if (lacking) throw new CommandError(`${said}\n${describe(lacking)}`, code, [{ problem: lacking }]);
    throw new CommandError(said, code, partsIn(path.join(out, PARTS)));
  }
  const stacks = Object.values((JSON.parse(readFileSync(manifest, "utf8")) as Manifest).stacks);
  const names = new Map(stacks.map(({ constructPath, name }) => [constructPath, name]));
  return stacks.map(({ name, synthesizedStackPath, dependencies, annotations }) => {
    const file = path.join(out, synthesizedStackPath);
    const config = JSON.parse(readFileSync(file, "utf8")) as Configuration;
    return {
      name,
      stateName: stateNameIn(config),
      project,
      folder: path.dirname(file),
      providers: config.terraform?.required_providers ?? {},
      configuration: comparable(config, file, project),
      dependencies: dependencies.flatMap((other) => names.get(other) ?? []),
      warnings: annotations.filter(({ level }) => level === WARNING).map(({ message }) => message),
    };
  });
}

/** The file that the app leaves beside its stacks when it fails. */
const PARTS = "parts.json";

const UNCHANGED = "nothing was changed";

/** Level of cdktf's annotations that are warnings. */
const WARNING = "@cdktf/warn";

function settings(project: string): { app: string; context?: object } {
  const file = path.join(project, "cdktf.json");
  const { app, context } = readJsonFile(file) ?? {};
  if (typeof app === "string") return { app, context: context as object | undefined };
  throw new CommandError({
    got: `no app in ${file}`,
    allowed: "a folder with cdktf's project file",
    fix: "run the command in the ops repository",
  });
}

/** The problem of an app that Node finds no package for; undefined when it failed for another reason. */
function lackingPackage(said: string, project: string): Problem | undefined {
  const [, name] = /^Error: Cannot find module '([^'./][^']*)'/m.exec(said) ?? [];
  if (name === undefined) return undefined;
  return {
    got: `${project}, where ${quoted(name)} is not installed`,
    allowed: "the packages that package.json names",
    fix: "npm install there, npm ci in a pipeline",
  };
}

/** The context that whoever runs the command gives beside that of cdktf.json, as cdktf takes it. */
function contextIn({ CDKTF_CONTEXT_JSON: text }: NodeJS.ProcessEnv): object {
  try {
    return JSON.parse(text || "{}");
  } catch {
    throw new CommandError({ got: "CDKTF_CONTEXT_JSON that is no JSON", allowed: "a JSON object", fix: "unset it" });
  }
}

/** The name under which a local file or GitLab keeps the state. */
function stateNameIn({ terraform: { backend } = {} }: Configuration): string | undefined {
  const { local, http } = backend ?? {};
  if (typeof local?.path === "string") return path.basename(local.path, ".tfstate");
  const [, name] = /\/terraform\/state\/([^/?]+)$/.exec(String(http?.address)) ?? [];
  return name === undefined ? undefined : decodeURIComponent(name);
}

/** The path of a local state is relative to where the stack was written. Another release of a provider may plan something else. */
function comparable(config: Configuration, file: string, project: string): string {
  const folder = path.dirname(file);
  const local = config.terraform?.backend?.local;
  if (typeof local?.path === "string") local.path = path.relative(project, path.resolve(folder, local.path));
  return JSON.stringify([config, releasesIn(readProviderLock(folder) ?? "")]);
}
