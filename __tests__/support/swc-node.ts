import { readFileSync } from "node:fs";
import * as path from "node:path";

const PROJECT = path.join(__dirname, "../..");

/** Loads TypeScript from then on. */
export const SWC_REGISTER = path.join(__dirname, "swc-register.js");

/** Runs TypeScript, with a folder in TYPESCRIPT_CACHE; ts-node, with which users run it, takes twice as long to start. */
export const SWC_NODE = [process.execPath, "--require", SWC_REGISTER] as const;

/** The command line as a process. What npm installs, `bin/gitlab-ci-pusher.js`, is slower here, and a few tests have it. */
export const FAST_PUSHER = [...SWC_NODE, path.join(PROJECT, "commands/main.ts")] as const;

/** This project's cdktf.json with an app that starts faster. @param context in place of its own */
export function fastCdktfJson(context?: object): string {
  const settings = JSON.parse(readFileSync(path.join(PROJECT, "cdktf.json"), "utf8"));
  const app = [...SWC_NODE.map((word) => `"${word}"`), "main.ts"].join(" ");
  return JSON.stringify({ ...settings, app, ...(context && { context }) });
}
