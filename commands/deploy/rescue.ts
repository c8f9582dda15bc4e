import { existsSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ERRORED_STATE, rescueOf } from "../../state/rescued-state";
import { STATE_DIRECTORY } from "../../state/stack-states";
import { CommandError } from "../exit-code";
import { stateNameOf } from "../stacks/state-name";
import type { SynthesizedStack } from "../stacks/synthesis";
import { terraformTyped } from "../stacks/terraform-program";
import { storeRescue } from "../state/store-rescue";
import { StoredState } from "../state/stored-state";
import { keepRescue } from "./kept-rescue";
import type { OwnLock } from "./own-lock";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

export interface RescueOptions {
  readonly lock: OwnLock;
  /** The time to try, in milliseconds. */
  readonly patience: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

/** The fate of a state that Terraform could not store: stored in the end, or kept in a file. */
export type Rescue =
  | { readonly kind: "stored" }
  | { readonly kind: "kept"; readonly file: string /** The command that stores it. */; readonly fix: string };

/**
 * Stores a state that Terraform left in its folder because it could not store it; while GitLab fails, again and again. It is kept in a
 * file before anything else.
 * @returns undefined when there is none
 */
export async function rescue(stack: SynthesizedStack, options: RescueOptions): Promise<Rescue | undefined> {
  const found = path.join(stack.folder, ERRORED_STATE);
  if (!existsSync(found)) return undefined;
  const file = keepRescue(found, stateNameOf(stack), stack.project);
  const { lock, patience, now, signal, onLine } = options;
  const until = now().getTime() + patience;
  let held: string | undefined;
  onLine(`the state could not be stored, and is kept in ${path.relative("", file)}: trying again …`);
  for (let wait = FIRST_WAIT; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    held = await lock.end();
    const refusal = await tryToStore(stack, file, options);
    if (refusal === undefined) {
      rmSync(file);
      onLine("the state is stored after all");
      return { kind: "stored" };
    }
    onLine(refusal);
    if (now().getTime() + wait > until) break;
    await sleep(wait, undefined, { signal }).catch(() => undefined);
  }
  return {
    kind: "kept",
    file,
    fix: fixOf(stack, file, { held, terraform: await terraformTyped(options.environment) }),
  };
}

/** @returns why it was not stored */
async function tryToStore(
  stack: SynthesizedStack,
  file: string,
  { environment, signal }: RescueOptions,
): Promise<string | undefined> {
  try {
    const place = { name: stateNameOf(stack), where: "where its backend is", backend: backendOf(stack) };
    await storeRescue(await StoredState.at(place, { folder: stack.folder, environment, signal }), file);
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
}

interface Configuration {
  readonly terraform: { readonly backend: Readonly<Record<string, { readonly path?: string }>> };
}

/** Another folder has another way to a local state. */
function backendOf({ folder }: SynthesizedStack): Readonly<Record<string, object>> {
  const { terraform } = JSON.parse(readFileSync(path.join(folder, "cdk.tf.json"), "utf8")) as Configuration;
  const { local, ...others } = terraform.backend;
  return local?.path === undefined ? others : { local: { ...local, path: path.resolve(folder, local.path) } };
}

function fixOf(
  stack: SynthesizedStack,
  file: string,
  { held, terraform }: { held?: string; terraform: string },
): string {
  const { name, project } = stack;
  const stateName = stateNameOf(stack);
  const [type = ""] = Object.keys(backendOf(stack));
  if (!["local", "http"].includes(type)) {
    return `npx cdktf synth, then ${terraform} init and ${terraform} state push ${file} in cdktf.out/stacks/${name}, then remove the file`;
  }
  const elsewhere = file === rescueOf(path.join(project, STATE_DIRECTORY), stateName) ? "" : ` --file ${file}`;
  return `npx gitlab-ci-pusher state push ${stateName}${elsewhere}${held === undefined ? "" : ` --unlock ${held}`}`;
}
