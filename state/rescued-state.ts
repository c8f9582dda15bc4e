import { existsSync } from "node:fs";
import * as path from "node:path";
import { describe } from "../gitlab/problem";

/** What Terraform calls the state that it could not store, in the folder it runs in. */
export const ERRORED_STATE = "errored.tfstate";

/** Where `pusher deploy` keeps that state, beside the stack's own. */
export const rescueOf = (directory: string, stack: string): string => path.join(directory, `${stack}.${ERRORED_STATE}`);

/** Where states that were not stored are looked for. */
export interface RescuePlaces {
  /** Folder of local states. */
  readonly directory: string;
  /** Where cdktf has Terraform run, `cdktf.out`. */
  readonly outdir: string;
}

/** The states of a stack that Terraform could not store: what they alone know is lost to every deploy until they are. */
export function rescuedStates(stack: string, { directory, outdir }: RescuePlaces): string[] {
  const places = [rescueOf(directory, stack), path.join(outdir, "stacks", stack, ERRORED_STATE)];
  return places.filter((file) => existsSync(file));
}

/** Why a stack with such a state must not be planned. */
export const rescueProblem = (stack: string, file: string): string =>
  describe({
    got: `${file}, the state of ${stack} after a deploy whose state could not be stored`,
    allowed: "a stack whose last state is stored, because a deploy from an older one makes tokens a second time",
    fix: `npx pusher state push ${stack}`,
  });
