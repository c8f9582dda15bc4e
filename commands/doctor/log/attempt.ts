import { type Recognised, refusalOf } from "../../../gitlab/refusal";
import { type GitLine, gitLine, projectOf, type RefusedRef } from "./git-line";
import { type JobLine, jobLine } from "./job-line";
import type { LogLine } from "./line";

/** A line with what stands in it. */
export interface ReadLine extends LogLine {
  readonly git?: GitLine;
  /** The push job's own words about its doing. */
  readonly job?: JobLine;
  readonly known?: Recognised;
}

/** One command, or one call of Git inside a script that the log does not show, and what came of it. */
export interface Attempt {
  /** The command as the log shows it; undefined before the first. */
  readonly command?: string;
  /** Line of the log that shows it, from 1. */
  readonly number: number;
  /** Its doing, as far as a shell shows. */
  readonly does: Doing;
  readonly lines: readonly ReadLine[];
}

/**
 * The doing of a shown command with Git: push; fetch, by whatever name; write in the checkout only; read; run something that may push
 * inside (`script`), or something that surely does not ask GitLab for a push (`other`); `unseen`: the log shows no command.
 */
export type Doing = "push" | "fetch" | "write" | "read" | "script" | "other" | "unseen";

const GIT = "(?:^|[\\s;&|({`'\"/_-])git(?:\\.exe)?\\b[^;&|]*?\\s";

/** @see Doing */
export function doingOf(command: string | undefined): Doing {
  if (command === undefined) return "unseen";
  const does = (verbs: string) => new RegExp(`${GIT}(?:${verbs})\\b`).test(command);
  if (does("push")) return "push";
  if (does("clone|fetch|pull|ls-remote|submodule")) return "fetch";
  if (does("add|commit|tag|remote|config|checkout|switch|branch|merge|rebase|rm|mv|init|am|cherry-pick|reset|stash"))
    return "write";
  if (new RegExp(GIT).test(`${command} `)) return "read";
  if (PUSHES_BY_NAME.test(command)) return "script";
  return RUNS_SOMETHING.test(command) && !BUILDS_BY_NAME.test(command) ? "script" : "other";
}

/** Names of scripts and tools that push, as people call them. */
export const PUSHES_BY_NAME =
  /collapsed multi-line command|release|deploy|push|publish|bump|version|sync|mirror|gitops|promote|\bcommit/i;
const RUNS_SOMETHING =
  /\bnpx\b|\brun\b|\b(?:make|task|just|sh|bash|python3?|node|ruby|perl)\b|\.(?:sh|py|[cm]?js|ts|rb|pl|ps1)\b|^\.?\//;
const BUILDS_BY_NAME = /build|test|lint|install|compile|check|\bci\b/i;

/** Cuts a log into what its commands, and Git's calls inside them, came to. */
export function attemptsOf(lines: readonly LogLine[]): Attempt[] {
  const attempts: {
    command?: string;
    number: number;
    does: Doing;
    lines: ReadLine[];
    ended?: boolean;
    resulted?: boolean;
  }[] = [];
  for (const line of lines) {
    if (line.command !== undefined) {
      attempts.push({ command: line.command, number: line.number, does: doingOf(line.command), lines: [] });
      continue;
    }
    const read: ReadLine = { ...line, git: gitLine(line.text), job: jobLine(line.text), known: refusalOf(line.text) };
    let last = attempts.at(-1);
    // A tool tells which call of Git it was.
    const called = /Command failed[^:]*: (git .+)$/.exec(line.text)?.[1];
    const before = last?.lines.at(-1);
    const oneCall = read.git?.kind === "fatal" && before?.git?.kind === "fatal";
    const afterwards =
      oneCall ||
      /^hint: |Could not read from remote repository/.test(line.text) ||
      (read.job && before?.job === undefined);
    // A server speaks before its push has a result: what comes after is of another push.
    const another = last?.resulted && (read.git?.kind === "remote" || read.git?.kind === "to");
    if (!last || called || another || (last.ended && (read.git || read.known) && !afterwards)) {
      const command = called ?? last?.command;
      last = { command, number: line.number, does: doingOf(command), lines: [] };
      attempts.push(last);
    }
    last.lines.push(read);
    if (read.git?.kind === "accepted" || read.git?.kind === "refused") last.resulted = true;
    if (read.git?.kind === "failed" || read.git?.kind === "fatal" || read.job) last.ended = true;
  }
  return attempts;
}

/** The form of a push that only looks whether one would go through, which is none. */
const DRY_RUN = /\bpush\b[^;&|]*\s(?:--dry-run|-n)\b/;

/** The results of a push in an attempt; a fetch has the same form under another header. */
export function pushedRefs({ command, lines }: Attempt): {
  refused: (ReadLine & { git: RefusedRef })[];
  accepted: string[];
} {
  const refused: (ReadLine & { git: RefusedRef })[] = [];
  const accepted: string[] = [];
  let fetching = false;
  for (const line of lines) {
    const { git } = line;
    if (git?.kind === "to") fetching = false;
    if (git?.kind === "from") fetching = true;
    // Only a push is refused by a server, whatever word its header has.
    if (fetching && !(git?.kind === "refused" && git.byServer)) continue;
    if (git?.kind === "refused") refused.push({ ...line, git });
    if (git?.kind === "accepted" && !DRY_RUN.test(command ?? "") && !/^(?:origin|upstream)\/|^FETCH_HEAD$/.test(git.to))
      accepted.push(git.to);
    if (line.job?.kind === "pushed") accepted.push(line.job.branch);
  }
  return { refused, accepted };
}

/** The project that an attempt names, with its host. */
export function addressOf({ lines }: Attempt): { host: string; project: string } | undefined {
  for (const { git, text } of lines) {
    const given = git && "address" in git ? git.address : /'(https?:\/\/[^\s']+)'/.exec(text)?.[1];
    const project = given && projectOf(given);
    if (given && project) return { host: hostOf(given), project };
  }
  return undefined;
}

const hostOf = (address: string): string =>
  URL.canParse(address) && address.includes("://") ? new URL(address).host : (/@([\w.-]+):/.exec(address)?.[1] ?? "");
