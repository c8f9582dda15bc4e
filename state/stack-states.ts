import * as path from "node:path";
import { Limiter } from "../gitlab/limiter";
import type { Problem } from "../gitlab/problem";
import { DeployedState } from "./deployed-state";
import { GitLabState } from "./gitlab-state";
import { initializedBackend } from "./initialized-backend";
import { LEFT_OUT } from "./left-out-states";
import { readLocalState, stateFileOf } from "./local-state";
import { ownerOnly } from "./owner-only";
import { type RescuePlaces, rescuedNames, rescuedStates, rescueProblem } from "./rescued-state";
import type { NamedState, StackState } from "./stack-state";
import { StateError } from "./state-error";
import type { StateSettings } from "./state-settings";

/** States in GitLab read at once. */
const CONCURRENCY = 8;

/** Most problems told: a dead token is the same one for each of a thousand stacks. */
const MOST_TOLD = 5;

/** The folder of local states, below the ops repository's. */
export const STATE_DIRECTORY = ".state";

/** The folder where the cdktf command line has stacks written. */
export const OUTDIR = "cdktf.out";

export interface StatesOptions {
  /** Folder of local state files, relative to the working directory. @default ".state" */
  readonly directory?: string;
  /** The folder where the app writes its stacks and Terraform runs: `App.outdir`. @default "cdktf.out" */
  readonly outdir?: string;
  /** Nothing will be deployed: a state that a deploy would forget is looked at all the same. @default false */
  readonly onlyLooks?: boolean;
  /** Waits so many milliseconds. @default - the machine's clock */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Reads the states of these stacks, before the stacks are declared, and changes none. Those that the settings leave out are not looked
 * into. When GitLab does not answer for one, it is not asked for those that have not been begun.
 *
 * @returns the states by the stacks' names
 * @throws StateError with what is wrong with them, and what mends each
 */
export async function readStackStates(
  settings: StateSettings,
  stacks: readonly NamedState[],
  options: StatesOptions = {},
): Promise<ReadonlyMap<string, StackState>> {
  const read = stateReader(settings, options);
  if (!settings.stacks && !options.onlyLooks) noneMayBeStray(stacks, options);
  const readOne = async (named: NamedState): Promise<readonly [string, StackState]> => {
    if (settings.stacks?.includes(named.stack) === false) return [named.stack, await read(named)];
    if (!options.onlyLooks) mustBeStored(named, options);
    const found = await read(named);
    return [named.stack, { ...found, notices: [...(found.notices ?? []), ...openFolders(named, options)] }];
  };
  const results = await Promise.allSettled(stacks.map(readOne));
  const problems = results.flatMap((result) => (result.status === "rejected" ? [result.reason as StateError] : []));
  const defect = problems.find((problem) => !(problem instanceof StateError));
  if (defect) throw defect;
  refuse(problems);
  return new Map(results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])));
}

/** @throws StateError when Terraform could not store the state at the end of a deploy */
function mustBeStored(named: NamedState, options: StatesOptions): void {
  const [file] = rescuedStates(named, rescuePlaces(options));
  if (file !== undefined) throw new StateError(rescueProblem(named, file));
}

/**
 * The cdktf command line removes the folders of stacks that are gone, with what Terraform left there.
 * @throws StateError when one that is gone, or was renamed, has a state that was not stored
 */
function noneMayBeStray(stacks: readonly NamedState[], options: StatesOptions): void {
  const places = rescuePlaces(options);
  const known = new Set(stacks.flatMap(({ stack, stateName }) => [stack, stateName]));
  const problems = rescuedNames(places)
    .filter((name) => !known.has(name))
    .flatMap((name) => {
      const named = { stack: name, stateName: name };
      return rescuedStates(named, places).map((file) => new StateError(rescueProblem(named, file)));
    });
  refuse(problems);
}

const rescuePlaces = ({ directory = STATE_DIRECTORY, outdir = OUTDIR }: StatesOptions): RescuePlaces => ({
  directory,
  outdirs: [outdir, OUTDIR],
});

/** Finds what is the matter with the folders that states and plans are in: both hold tokens. */
function openFolders({ stack }: NamedState, { directory = STATE_DIRECTORY, outdir = OUTDIR }: StatesOptions): string[] {
  return [directory, path.join(outdir, "stacks", stack)].flatMap((folder) => ownerOnly(folder) ?? []);
}

type Reader = (named: NamedState) => Promise<StackState>;

/** The reader of one stack's state. @throws StateError with what is wrong with that one, in one line */
export const stateReader = (settings: StateSettings, options: StatesOptions = {}): Reader =>
  settings.kind === "local" ? localReader(settings, options) : remoteReader(settings, options);

function localReader({ stacks }: StateSettings, { directory = STATE_DIRECTORY, wait }: StatesOptions): Reader {
  return async ({ stack, stateName }) => {
    if (stacks?.includes(stack) !== false) return readLocalState(stateName, directory, wait);
    const backend = { kind: "local", file: stateFileOf(directory, stateName) } as const;
    return { backend, deployed: DeployedState.nothing(), hidden: LEFT_OUT };
  };
}

function remoteReader(settings: Extract<StateSettings, { kind: "gitlab" }>, options: StatesOptions): Reader {
  const limiter = new Limiter(CONCURRENCY);
  let unreachable: string | undefined;
  return async (named) => {
    const { stack, stateName } = named;
    const state = new GitLabState(settings, stateName, options.wait);
    if (settings.stacks?.includes(stack) === false) return state.unread(LEFT_OUT);
    const found = await limiter.run(async () => {
      const answer = unreachable === undefined ? await state.read() : state.unread(unreachable);
      unreachable ??= answer.hidden;
      return answer;
    });
    const isThere = found.hidden !== undefined || found.deployed.written;
    return isThere ? found : unmoved(named, found, options);
  };
}

/**
 * Looks at what is about to move to GitLab where it still is.
 * @throws StateError when a deploy would not move it: Terraform would not miss a state it does not know of, and make everything again
 */
async function unmoved(
  { stack, stateName }: NamedState,
  found: StackState,
  options: StatesOptions,
): Promise<StackState> {
  const { directory = STATE_DIRECTORY, outdir = OUTDIR, onlyLooks = false, wait } = options;
  const { deployed } = await readLocalState(stateName, directory, wait);
  if (deployed.addresses.size === 0 && !deployed.encrypted) return found;
  const [file, runsIn] = [stateFileOf(directory, stateName), path.resolve(outdir, "stacks", stack)];
  if (!onlyLooks && initializedBackend(runsIn) !== "local") throw new StateError(forgotten(file, runsIn));
  const notice = `the state is still in ${file}: \`npx gitlab-ci-pusher state move\` moves it to GitLab (docs/state.md)`;
  return { ...found, deployed, notices: [notice] };
}

const forgotten = (file: string, runsIn: string): Problem => ({
  got: `a state in ${file}, none in GitLab, and no Terraform in ${runsIn} that knows of the file and could move it`,
  allowed: "one state, because a deploy from an empty one makes every token a second time",
  fix: "npx gitlab-ci-pusher state move, which moves every stack's; or delete the file if it is out of date",
});

/** @throws StateError with all of them, of which the message tells so many */
function refuse(problems: readonly StateError[]): void {
  if (problems.length === 0) return;
  const lines = problems.slice(0, MOST_TOLD).map(({ message }) => `\n  ${message}`);
  const rest = problems.length > MOST_TOLD ? `\n  and ${problems.length - MOST_TOLD} more` : "";
  const count = `${problems.length} state${problems.length === 1 ? "" : "s"} cannot be used, nothing was changed:`;
  throw new StateError(
    `${count}${lines.join("")}${rest}`,
    problems.flatMap(({ parts }) => parts),
  );
}
