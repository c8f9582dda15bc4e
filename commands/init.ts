import { existsSync, readdirSync, realpathSync } from "node:fs";
import * as path from "node:path";
import { Command } from "commander";
import { baseUrlIn, GITLAB_COM, plainBaseUrl } from "../gitlab/base-url";
import { readJsonFile } from "../gitlab/json-file";
import { describe } from "../gitlab/problem";
import type { ProviderMajor } from "../gitlab/provider-major";
import { shellWord } from "../gitlab/shell-word";
import { writeWhole } from "../gitlab/whole-file";
import type { CommandContext } from "./context";
import { askedEstate } from "./discover/asked-estate";
import { proposeInventory, tellWritten, writeInventory } from "./discover/write";
import { CommandError, ExitCode } from "./exit-code";
import { type OpsFile, opsFiles } from "./init/files";
import { providerOf } from "./init/provider";
import { type Ask, terminalQuestions } from "./init/questions";
import { editionOf, LOCAL, settingsOf, stateProjectOf } from "./init/settings";
import { outdated } from "./init/update";
import { makeFolder, requireFolder, type Standing, standingOf, writeNew } from "./init/write";
import { ownPackage, type Package } from "./package";
import { during } from "./progress";
import { releaseProblem } from "./stacks/gitlab-fit";
import { toldGitLab } from "./stacks/told-gitlab";

interface Options {
  readonly gitlab?: string;
  readonly state?: string;
  readonly edition?: string;
  readonly component?: string;
  readonly discover?: readonly string[];
  readonly dryRun?: boolean;
  readonly update?: boolean;
  readonly apply?: boolean;
  readonly json?: boolean;
}

const HELP = `
Asks for what no option says: GitLab's address, where states are kept, the edition. Where nobody
can answer, states are local, the edition is free, and the address is GITLAB_BASE_URL. A file
that is there is never changed: init may be run again, and goes on where it was left. A new
repository asks for the newest provider that its GitLab supports, where GITLAB_TOKEN for that
address lets it ask.

--update shows what a newer release of this package has other texts for, among the files that
came with it; --apply writes them.

JSON: {"written", "same", "kept", "next"}; with --update {"outdated", "applied"}

Exit code 0: done. 1: --update found something, and --apply was not given. 2: nothing was
written, or the message says what was.

Examples:
  $ npx gitlab-ci-pusher init pushers
  $ npx gitlab-ci-pusher init pushers --gitlab https://gitlab.example.com --discover xlink
  $ npx gitlab-ci-pusher init --update`;

/** `gitlab-ci-pusher init`: a new ops repository, and its upgrades. */
export function initCommand(context: CommandContext, ask: Ask | undefined = terminalQuestions()): Command {
  return new Command("init")
    .description("Makes a folder an ops repository: a handful of files, and the next command to type.")
    .argument("[folder]", "of the ops repository", ".")
    .option("--gitlab <address>", "address of the GitLab")
    .option("--state <where>", `${LOCAL}, or the full path of the project in GitLab that keeps the states`)
    .option("--edition <edition>", "free, or premium, which Ultimate is too")
    .option(
      "--discover <paths...>",
      "write the inventory of what these groups and projects hold today (GITLAB_TOKEN: read_api)",
    )
    .option("--component <project>", "take the pipeline from this project's CI/CD component, not from a copy")
    .option("--dry-run", "write nothing, and show what would be written")
    .option("--update", "show what a newer release of the package has other texts for")
    .option("--apply", "with --update: write them")
    .option("--json", "print JSON on one line")
    .addHelpText("after", HELP)
    .action(async (folder: string, options: Options) => {
      refuseOwn(folder);
      const code = options.update ? update(folder, options, context) : await init(folder, options, context, ask);
      context.end(code);
    });
}

async function init(folder: string, options: Options, context: CommandContext, ask?: Ask): Promise<ExitCode> {
  const { environment, now, stdout, stderr } = context;
  if (options.apply)
    throw new CommandError({ got: "--apply alone", allowed: "with --update", fix: "init --update --apply" });
  refuseUnfit(folder);
  const settings = settingsOf(await answered(options, environment, ask));
  const own = ownPackage();
  const { discover: paths, dryRun = false } = options;
  const there = { ...environment, GITLAB_BASE_URL: settings.gitlab };
  const estate = paths && (await askedEstate(paths, { checkValues: true }, { ...context, environment: there }));
  const told =
    estate || isTokenFor(settings.gitlab, environment)
      ? await during(`Asking ${settings.gitlab}`, toldGitLab(there), stderr)
      : {};
  const old = releaseProblem(told);
  if (old) stderr.write(`${describe(old)}\n`);
  const inventory = path.join(folder, "pushers");
  const before = readJsonFile(path.join(folder, "cdktf.json"));
  const provider = providerOf(folder, before, settings.gitlab, told.version);
  // The folder has another name by a link, and in every other clone.
  const { name: called } = packageIn(folder) ?? {};
  const wanted = (hasInventory: boolean) => {
    const repository = {
      settings,
      own,
      folder: typeof called === "string" ? called : path.basename(path.resolve(folder)),
      today: now(),
    };
    const projectId = before?.projectId as string | undefined;
    const isCommunity = told.enterprise === false;
    return opsFiles({ ...repository, projectId, provider, isCommunity, hasInventory }).map((file) => ({
      file,
      is: standingOf(folder, file),
    }));
  };
  // Before anything is written it shows what stands in the way.
  wanted(false);
  const proposed = estate && proposeInventory(estate, inventory, told, environment);
  if (!dryRun) {
    makeFolder(folder);
    if (proposed) writeInventory(inventory, proposed);
  }
  if (proposed) tellWritten(proposed, context, dryRun);
  const standing = wanted((proposed?.files.length ?? 0) > 0 || hasFiles(inventory));
  const named = (which: Standing) => standing.flatMap(({ file, is }) => (is === which ? [file.name] : []));
  const [written, same, kept] = [named("absent"), named("same"), named("differs")];
  if (!dryRun) for (const { file, is } of standing) if (is === "absent") writeNew(folder, file);
  const files = standing.map(({ file }) => file);
  const next = nextCommands(folder, own, files);
  if (options.json) stdout.json({ written, same, kept, next });
  else {
    if (settings.gitlab === GITLAB_COM && settings.edition === "free") stderr.write(`${NO_TOKENS_ON_FREE}\n`);
    if (before === undefined && provider) stderr.write(`${asksFor(provider)}\n`);
    const around = repositoryAround(folder);
    if (around !== undefined) stderr.write(`${noPipelineIn(folder, around)}\n`);
    stdout.write(`${report({ written, same, kept, next }, dryRun)}\n`);
  }
  return ExitCode.ok;
}

/** Tells whether `GITLAB_TOKEN` is said to be for a GitLab, so that it may be asked with it. */
const isTokenFor = (gitlab: string, { GITLAB_BASE_URL, CI_SERVER_URL }: CommandContext["environment"]): boolean =>
  (GITLAB_BASE_URL || CI_SERVER_URL)?.replace(/\/+$/, "") === gitlab;

/** Tells whether a folder has an inventory: one without a file is none, and a synth refuses it. */
const hasFiles = (folder: string): boolean =>
  existsSync(folder) && readdirSync(folder).some((name) => name.endsWith(".yaml"));

interface Told {
  readonly written: readonly string[];
  readonly same: readonly string[];
  readonly kept: readonly string[];
  readonly next: readonly string[];
}

function report({ written, same, kept, next }: Told, dryRun: boolean): string {
  const line = (what: string, names: readonly string[]) => (names.length > 0 ? [`${what}: ${names.join(", ")}`] : []);
  return [
    ...line(dryRun ? "Would be written" : "Written", written),
    ...line("There already", same),
    ...line("Kept as it is, though init would write something else", kept),
    ...(dryRun ? [] : ["Next:", ...next.map((command) => `  ${command}`)]),
  ].join("\n");
}

const asksFor = (provider: ProviderMajor): string =>
  `cdktf.json asks for provider ${provider}, the newest for this GitLab; a state that it wrote is closed to older ones.`;

/** The folder of the Git repository that a folder is a part of, but not the root; undefined where it is in none, or is one. */
function repositoryAround(folder: string): string | undefined {
  const isRoot = (each: string) => existsSync(path.join(each, ".git"));
  let root = path.resolve(folder);
  while (!isRoot(root) && root !== path.dirname(root)) root = path.dirname(root);
  return isRoot(root) && root !== path.resolve(folder) ? root : undefined;
}

const noPipelineIn = (folder: string, around: string): string =>
  `${folder} is a part of the Git repository ${around}, and GitLab takes the pipeline at a repository's root alone: let it be one of its own, or deploy by hand.`;

const NO_TOKENS_ON_FREE =
  "On GitLab.com's Free tier there are no project access tokens, which all of this stands on: --edition premium, or a GitLab of your own.";

async function answered(options: Options, environment: CommandContext["environment"], ask?: Ask) {
  const known = options.gitlab ?? baseUrlIn(environment);
  const gitlab =
    options.gitlab ??
    (await ask?.("Address of your GitLab", known, (answer) => void plainBaseUrl(answer, "--gitlab"))) ??
    known;
  if (gitlab === undefined) {
    const allowed = "the address of a GitLab";
    throw new CommandError({ got: "no --gitlab", allowed, fix: "init --gitlab https://gitlab.example.com" });
  }
  const state =
    options.state ??
    (await ask?.(
      `Where are states kept: ${LOCAL}, or the full path of this repository's project in GitLab`,
      LOCAL,
      stateProjectOf,
    )) ??
    LOCAL;
  const edition = options.edition ?? (await ask?.("Edition of GitLab, free or premium", "free", editionOf)) ?? "free";
  return { gitlab, state, edition, component: options.component };
}

/** @throws CommandError when the folder cannot become an ops repository, before anybody is asked */
function refuseUnfit(folder: string): void {
  for (const each of [folder, path.join(folder, "pushers")]) requireFolder(each);
  if (packageIn(folder)?.type === "module") {
    const got = `${path.join(folder, "package.json")} with "type": "module"`;
    const fix = "take that line out, or name another folder";
    throw new CommandError({ got, allowed: "CommonJS, as cdktf has it", fix });
  }
}

/** @throws CommandError in this package itself, whose files are not those of an ops repository, and come by Git or npm */
function refuseOwn(folder: string): void {
  if (!existsSync(folder) || realpathSync(folder) !== realpathSync(ownPackage().root)) return;
  const [got, allowed] = ["the folder of gitlab-ci-pusher itself", "a folder of your own"];
  throw new CommandError({
    got,
    allowed,
    fix: "name one, such as init pushers; a checkout is brought up to date by git pull",
  });
}

interface NpmPackage {
  readonly name?: unknown;
  readonly type?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
}

const packageIn = (folder: string) => readJsonFile(path.join(folder, "package.json")) as NpmPackage | undefined;

/** The commands to type after init, until the inventory is checked. A package.json that was there may lack packages. */
function nextCommands(folder: string, own: Package, files: readonly OpsFile[]): string[] {
  const there = packageIn(folder);
  const wanted = JSON.parse(files.find(({ name }) => name === "package.json")!.text) as Required<NpmPackage>;
  const lacking = (names: Readonly<Record<string, string>>) =>
    Object.entries(names)
      .filter(
        ([name]) => there && there.dependencies?.[name] === undefined && there.devDependencies?.[name] === undefined,
      )
      .map(([name, version]) => `${name}@${name === PACKAGE ? own.version : version}`);
  const [packages, tools] = [lacking(wanted.dependencies), lacking(wanted.devDependencies)];
  const others = Object.entries(wanted.overrides).filter(([name]) => there && there.overrides?.[name] === undefined);
  return [
    ...(path.resolve(folder) === process.cwd()
      ? []
      : [`cd ${shellWord(folder.startsWith("-") ? `./${folder}` : folder)}`]),
    ...others.map(([name, build]) => `npm pkg set ${shellWord(`overrides[${name}]=${build}`)}`),
    packages.length > 0 ? `npm install ${packages.join(" ")}` : "npm install",
    ...(tools.length > 0 ? [`npm install --save-dev ${tools.join(" ")}`] : []),
    "npx gitlab-ci-pusher check",
    "cat help",
  ];
}

const PACKAGE = "gitlab-ci-pusher";

function update(folder: string, { apply = false, json }: Options, { stdout }: CommandContext): ExitCode {
  if (!existsSync(path.join(folder, "cdktf.json"))) {
    const fix = "name its folder, or make one: init without --update";
    throw new CommandError({ got: `${folder} without cdktf.json`, allowed: "an ops repository", fix });
  }
  const found = outdated(folder, ownPackage());
  if (apply) for (const { name, text } of found) writeWhole(path.join(folder, name), text, { option: "init" });
  const names = found.map(({ name }) => name);
  if (json) stdout.json({ outdated: names, applied: apply });
  else if (names.length === 0) stdout.write("Every file that came with the package is this release's.\n");
  else {
    const next = apply ? `Written: ${names.join(", ")}` : "To write that: npx gitlab-ci-pusher init --update --apply";
    stdout.write(`${found.map(({ diff }) => diff).join("")}\n${next}\n`);
  }
  return names.length > 0 && !apply ? ExitCode.finding : ExitCode.ok;
}
