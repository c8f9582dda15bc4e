import { lstatSync, readdirSync } from "node:fs";
import * as path from "node:path";
import type { Problem } from "../gitlab/problem";
import { ownerOnly } from "./owner-only";
import type { NamedState } from "./stack-state";

/** The name that Terraform gives the state that it could not store, in the folder it runs in. */
export const ERRORED_STATE = "errored.tfstate";

/** The file in which `gitlab-ci-pusher deploy` keeps a state that was not stored, beside the stack's own. */
export const rescueOf = (directory: string, stateName: string): string =>
  path.join(directory, `${stateName}.${ERRORED_STATE}`);

/** The places where states that were not stored are looked for. */
export interface RescuePlaces {
  /** Folder of local states. */
  readonly directory: string;
  /** Folders where cdktf has Terraform run, such as `cdktf.out`. */
  readonly outdirs: readonly string[];
}

/** The states of a stack that Terraform could not store: what they alone know is lost to every deploy until they are. */
export function rescuedStates({ stack, stateName }: NamedState, { directory, outdirs }: RescuePlaces): string[] {
  const names = [...new Set([stack, stateName])];
  const left = [...new Set(outdirs)].flatMap((outdir) => names.map((name) => leftIn(outdir, name)));
  return [rescueOf(directory, stateName), ...left].filter(isThere);
}

/** The names of all stacks and states that have such a state, whether they are there still or not. */
export function rescuedNames({ directory, outdirs }: RescuePlaces): string[] {
  const kept = namesIn(directory).flatMap((name) => (name.endsWith(`.${ERRORED_STATE}`) ? [name.slice(0, -KEPT)] : []));
  const left = [...new Set(outdirs)].flatMap((outdir) =>
    namesIn(path.join(outdir, "stacks")).filter((name) => isThere(leftIn(outdir, name))),
  );
  return [...new Set([...kept, ...left])];
}

const KEPT = `.${ERRORED_STATE}`.length;

const leftIn = (outdir: string, stack: string): string => path.join(outdir, "stacks", stack, ERRORED_STATE);

/** @throws the system's error when that cannot be told */
const isThere = (file: string): boolean => lstatSync(file, { throwIfNoEntry: false }) !== undefined;

function namesIn(folder: string): string[] {
  return isThere(folder) ? readdirSync(folder) : [];
}

/** Says why a stack with such a state must not be planned. Terraform leaves it for everybody to read; that is put right here. */
export function rescueProblem({ stateName }: NamedState, file: string): Problem {
  const open = ownerOnly(file);
  return {
    got: `${file}, the state of ${stateName} after a deploy whose state could not be stored${open === undefined ? "" : ` (and ${open})`}`,
    allowed: "a stack whose last state is stored, because a deploy from an older one makes tokens a second time",
    fix: `npx gitlab-ci-pusher state push ${stateName}`,
  };
}
