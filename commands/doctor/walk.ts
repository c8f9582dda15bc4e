import { admits, type BotRole } from "../../gitlab/access-level";
import type { Home } from "../../gitlab/home";
import { samePath } from "../../gitlab/project-path";
import type { DeclaredPusher as Pusher } from "../../inventory/pushers";

/** Stands for the default branch of a target, as long as GitLab has not been asked. */
export const DEFAULT_BRANCH = "";

/** One way from a job to a branch that is looked at. */
export interface Walk {
  /** Full path of the project the push goes to. */
  readonly target: string;
  /** A branch, or a pattern of the inventory. */
  readonly branch: string;
  /** Tells whether the operator asked for exactly this branch. */
  readonly asked: boolean;
  /** The project or group whose jobs push. */
  readonly source: Source;
  /** Key of the variable; undefined = the one the job reads. */
  readonly key?: string;
  /** The branch the pipeline runs for; undefined = found out. */
  readonly ref?: string;
  /** The job; undefined = found by its `git push`. */
  readonly job?: string;
  readonly environment?: string;
  /** Environment scope of the pusher's variable; undefined where nothing declares one. */
  readonly scope?: string;
  readonly declared?: DeclaredPusher;
}

/** A project or group whose jobs read a variable. */
export type Source = Home;

/** The pusher as the inventory declares it. */
export interface DeclaredPusher {
  /** `stack/id`. */
  readonly name: string;
  readonly role: BotRole;
  /** `stack/id/Token` or `…/TokenB`: the slot the variable carries. */
  readonly slot: string;
  /** The date that slot dies. */
  readonly expires: string;
  /** The homes of its variables. */
  readonly homes: readonly Source[];
  /** The number of the pusher's branches that let its bot in. */
  readonly branches: number;
}

/** The operator's wishes for what to look at, beside ids. */
export interface Question {
  readonly project?: string;
  readonly branch?: string;
  readonly source?: string;
  readonly key?: string;
  readonly ref?: string;
  readonly job?: string;
  readonly environment?: string;
}

/** The walks of one pusher: every branch that lets its bot in, from every source. */
export function walksOf(pusher: Pusher, question: Question): Walk[] {
  const { variables, carrier } = pusher;
  const branches = branchesOf(pusher, question.branch);
  const declared: DeclaredPusher = {
    name: pusher.name,
    role: carrier.role,
    slot: carrier.path,
    expires: carrier.expires.text,
    homes: variables.map(({ home }) => home),
    branches: branches.length,
  };
  const sources = question.source ? [projectSource(question.source)] : declared.homes;
  return branches.flatMap((branch) =>
    sources.map((source) => ({
      target: pusher.target,
      branch,
      asked: question.branch !== undefined,
      source,
      key: question.key ?? variables[0]?.key,
      ref: question.ref,
      job: question.job,
      environment: question.environment,
      scope: variables[0]?.environment,
      declared,
    })),
  );
}

/** The one walk of a project outside the inventory. */
export function walkOf(question: Question & { readonly project: string }, branch: string): Walk {
  return {
    target: question.project,
    branch,
    asked: question.branch !== undefined,
    source: projectSource(question.source ?? question.project),
    key: question.key,
    ref: question.ref,
    job: question.job,
    environment: question.environment,
  };
}

const projectSource = (path: string): Source => ({ kind: "project", path });

/** Branches that are closed on purpose are no way to push. */
function branchesOf({ rules, slots, carrier }: Pusher, asked: string | undefined): string[] {
  if (asked !== undefined) return [asked];
  const open = rules.filter(
    ({ push, pushers }) => admits(push, carrier.role) || pushers.some((each) => slots.some((slot) => slot === each)),
  );
  return open.length > 0 ? open.map(({ branch }) => branch) : [DEFAULT_BRANCH];
}

export const isSame = (a: string, b: string): boolean => samePath(a) === samePath(b);
