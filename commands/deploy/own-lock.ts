import * as path from "node:path";
import { ApiError } from "../../gitlab/api-error";
import { cdktfContext } from "../../state/cdktf-context";
import { stateSettings } from "../../state/state-settings";
import { stateNameOf } from "../stacks/state-name";
import type { SynthesizedStack } from "../stacks/synthesis";
import { apiOf } from "../state/place";

/** The address that a state was to be written to, which names the lock it was to be written under. */
const WRITTEN_UNDER = /\/terraform\/state\/[^\s?]+\?ID=([\w-]+)/;

/**
 * The lock in GitLab that a deploy could not give back. Terraform does not tell which one that is but where it could not write the state;
 * so it can be told from everybody else's, or is left for a person to look at.
 */
export class OwnLock {
  private id: string | undefined;

  constructor(
    private readonly stack: Pick<SynthesizedStack, "name" | "project" | "configuration">,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Hears what Terraform says. */
  hear(line: string): void {
    this.id ??= WRITTEN_UNDER.exec(line)?.[1];
  }

  /** Ends it. @returns the id of one that may still be held; undefined when it is not, or not known */
  async end(): Promise<string | undefined> {
    const { id, stack, environment } = this;
    if (id === undefined) return undefined;
    const settings = stateSettings(cdktfContext(path.join(stack.project, "pushers")), environment);
    const answer = await apiOf(stateNameOf(stack), settings)?.unlock(id);
    if (answer === undefined) return undefined;
    // 409 tells of another one's lock by now.
    const isFree = !(answer instanceof ApiError) && (answer.status < 300 || answer.status === 409);
    return isFree ? undefined : id;
  }
}
