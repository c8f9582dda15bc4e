import * as path from "node:path";
import { ApiError } from "../../gitlab/api-error";
import { cdktfContext } from "../../state/cdktf-context";
import type { GitLabStateApi } from "../../state/gitlab-state-api";
import { lockHolder } from "../../state/lock-holder";
import { StateError } from "../../state/state-error";
import { stateSettings } from "../../state/state-settings";
import { stateNameOf } from "../stacks/state-name";
import type { SynthesizedStack } from "../stacks/synthesis";
import { apiOf } from "../state/place";

/** What Terraform says once it has the lock and begins. */
const BEGUN = /^[^\s:]+: (Creating|Modifying|Destroying|Importing)\.\.\./;

/**
 * The lock that a deploy holds in GitLab. Terraform does not tell which one that is; so GitLab is asked while Terraform works, and a lock
 * that a Terraform could not give back can be told from everybody else's.
 */
export class OwnLock {
  private asked: Promise<string | undefined> | undefined;
  private isOver = false;

  constructor(
    private readonly stack: Pick<SynthesizedStack, "name" | "stateName" | "project">,
    private readonly environment: NodeJS.ProcessEnv = process.env,
  ) {}

  /** Hears what Terraform says. */
  hear(line: string): void {
    if (BEGUN.test(line)) this.asked ??= this.ask();
  }

  /** Terraform has ended: who holds a lock from now on may be anybody. */
  ended(): void {
    this.isOver = true;
  }

  /** Ends it. @returns the id of one that may still be held; undefined when it is not, or not known */
  async end(): Promise<string | undefined> {
    const id = await this.asked;
    const api = this.api();
    if (id === undefined || api === undefined) return undefined;
    const answer = await api.unlock(id);
    // 409 tells of another one's lock by now.
    const isFree = !(answer instanceof ApiError) && (answer.status < 300 || answer.status === 409);
    return isFree ? undefined : id;
  }

  private async ask(): Promise<string | undefined> {
    try {
      const api = this.api();
      const holder = api && (await lockHolder(api));
      return this.isOver ? undefined : holder?.id;
    } catch (error) {
      // A GitLab that does not answer is told of where it matters.
      if (error instanceof StateError) return undefined;
      throw error;
    }
  }

  private api(): GitLabStateApi | undefined {
    const { project } = this.stack;
    return apiOf(stateNameOf(this.stack), stateSettings(cdktfContext(path.join(project, "pushers")), this.environment));
  }
}
