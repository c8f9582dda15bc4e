import type { BotRole } from "../../gitlab/access-level";
import { BranchPattern } from "../../gitlab/branch-pattern";
import { carriedSlot, ExpiryDate } from "../../gitlab/expiry-date";
import { samePath } from "../../gitlab/project-path";
import { letsIn } from "../../gitlab/rule";
import { slotPath } from "../../gitlab/token-mark";
import type { InventoryFile } from "../../inventory";
import type { Pusher } from "../pushers/pusher";

/** Stands for the default branch of a target, as long as GitLab has not been asked. */
export const DEFAULT_BRANCH = "";

/** One way from a job to a branch that is looked at. */
export interface Walk {
  /** Full path of the project the push goes to. */
  readonly target: string;
  /** A branch, or a pattern of the inventory. */
  readonly branch: string;
  /** Whether the operator asked for exactly this branch. */
  readonly asked: boolean;
  /** Whose jobs push. */
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

export interface Source {
  readonly kind: "project" | "group";
  /** Full path. */
  readonly path: string;
}

/** What the inventory says of the pusher. */
export interface DeclaredPusher {
  /** `stack/id`. */
  readonly name: string;
  readonly role: BotRole;
  /** `stack/id/Token` or `…/TokenB`: the slot the variable carries. */
  readonly slot: string;
  /** The date that slot dies. */
  readonly expires: string;
  /** Where its variables are. */
  readonly homes: readonly Source[];
  /** How many branches the pusher has that let its bot in. */
  readonly branches: number;
}

/** What the operator asked to look at, beside ids. */
export interface Question {
  readonly project?: string;
  readonly branch?: string;
  readonly source?: string;
  readonly key?: string;
  readonly ref?: string;
  readonly job?: string;
  readonly environment?: string;
}

/** A pusher by its name, `stack/id`, and by what marks its tokens. */
type NamedPusher = Pick<Pusher, "name" | "mark">;

type PusherContent = InventoryFile["content"]["pushers"][string];

/** The walks of one pusher: every branch that lets its bot in, from every source. */
export function walksOf(named: NamedPusher, pusher: PusherContent, question: Question): Walk[] {
  const homes = (pusher.variable.in ?? [pusher.target]).map(sourceOf);
  const branches = branchesOf(pusher, question.branch);
  const sources = question.source ? [projectSource(question.source)] : homes;
  const declared = { ...declaredPusher(named, pusher), homes, branches: branches.length };
  return branches.flatMap((branch) =>
    sources.map((source) => ({
      target: pusher.target,
      branch,
      asked: question.branch !== undefined,
      source,
      key: question.key ?? pusher.variable.key,
      ref: question.ref,
      job: question.job,
      environment: question.environment,
      scope: pusher.variable.environment,
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

function sourceOf(home: string | { project: string } | { group: string }): Source {
  if (typeof home === "string") return projectSource(home);
  return "project" in home ? projectSource(home.project) : { kind: "group", path: home.group };
}

/** Branches that are closed on purpose are no way to push. */
function branchesOf({ branches, token }: PusherContent, asked: string | undefined): string[] {
  if (asked !== undefined) return [asked];
  const bot = { id: "bot", role: token.role };
  const open = Object.entries(branches)
    .filter(([name, { push, merge, force_push }]) =>
      letsIn(
        {
          pattern: BranchPattern.parse(name),
          push: push === "bot" ? "no one" : push,
          bots: push === "bot" ? [bot] : [],
          merge,
          allowForcePush: force_push,
        },
        bot,
      ),
    )
    .map(([name]) => name);
  return open.length > 0 ? open : [DEFAULT_BRANCH];
}

function declaredPusher({ name, mark }: NamedPusher, { token }: PusherContent) {
  const dates = [token.expires].flat().map((date) => ExpiryDate.parse(date));
  const slot = carriedSlot(dates[0], dates[1]);
  return {
    name,
    role: token.role,
    slot: slotPath(mark, slot),
    expires: (dates[slot] as ExpiryDate).text,
  };
}

export const isSame = (a: string, b: string): boolean => samePath(a) === samePath(b);
