import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";

/** One ref a push creates, updates or deletes, and what only the repository could tell about it. */
export interface RefChange {
  /** 40 zeros when the ref is created. */
  readonly oldSha: string;
  /** 40 zeros when the ref is deleted. */
  readonly newSha: string;
  /** `refs/heads/main` */
  readonly ref: string;
  /** The branch existed and the new commit does not descend from the old one. Only known before the push. */
  readonly forced: boolean;
  /** Existing branches that hold the commit a new branch starts at. Only known before the push. */
  readonly within: readonly string[];
}

/** One run of a hook: a whole push, all its refs. */
export interface HookCall {
  readonly hook: string;
  readonly pushOptions: readonly string[];
  readonly changes: readonly RefChange[];
}

/** The lines that the client sees after `remote: `, and whether the push goes on. */
export interface HookAnswer {
  readonly accepted: boolean;
  readonly lines: readonly string[];
}

/**
 * Serves the hooks of one push over the descriptor they inherit. The descriptor belongs to that push alone, so it needs
 * no address, no port and no secret.
 */
export function serveHooks(channel: Duplex, answer: (call: HookCall) => Promise<HookAnswer>): void {
  channel.on("error", () => channel.destroy());
  let lines: string[] = [];
  createInterface({ input: channel }).on("line", (line) => {
    if (line !== "end") {
      lines.push(line);
      return;
    }
    const received = lines;
    lines = [];
    void reply(received, answer).then((text) => channel.write(text));
  });
}

async function reply(lines: readonly string[], answer: (call: HookCall) => Promise<HookAnswer>): Promise<string> {
  try {
    return formatHookAnswer(await answer(parseHookCall(lines)));
  } catch (error) {
    return formatHookAnswer({ accepted: false, lines: [`GitLab: ${(error as Error).message}`] });
  }
}

export function parseHookCall(lines: readonly string[]): HookCall {
  let hook = "";
  const pushOptions: string[] = [];
  const changes: { oldSha: string; newSha: string; ref: string; forced: boolean; within: string[] }[] = [];
  for (const line of lines) {
    const [word, rest] = splitAtSpace(line);
    if (word === "hook") hook = rest;
    else if (word === "option") pushOptions.push(rest);
    else if (word === "forced") changes.at(-1)!.forced = true;
    else if (word === "within") changes.at(-1)!.within.push(rest);
    else if (word === "change") {
      const [oldSha = "", newSha = "", ref = ""] = rest.split(" ");
      changes.push({ oldSha, newSha, ref, forced: false, within: [] });
    } else throw new Error(`The hook sent "${line}"; known are hook, option, change, forced and within.`);
  }
  return { hook, pushOptions, changes };
}

function formatHookAnswer({ accepted, lines }: HookAnswer): string {
  return `${lines.map((line) => `print ${line}\n`).join("")}exit ${accepted ? 0 : 1}\n`;
}

function splitAtSpace(line: string): [string, string] {
  const space = line.indexOf(" ");
  return space < 0 ? [line, ""] : [line.slice(0, space), line.slice(space + 1)];
}
