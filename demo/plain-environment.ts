import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import * as path from "node:path";

/**
 * The environment in which nothing of the caller's settings gets in, and nothing gets out: no telemetry, no update checks, no file in
 * anybody's home.
 * @param directory that the home folder is made in
 */
export async function plainEnvironment(directory: string): Promise<Record<string, string>> {
  const home = path.join(directory, "home");
  await mkdir(home);
  return {
    PATH: process.env.PATH ?? "",
    TMPDIR: tmpdir(),
    HOME: home,
    // Git's texts are looked for, so they have to be English.
    LC_ALL: "C",
    // cdktf prints plain lines instead of a moving picture.
    CI: "true",
    NO_COLOR: "1",
    FORCE_COLOR: "0",
    CHECKPOINT_DISABLE: "1",
    DISABLE_VERSION_CHECK: "1",
    // cdktf asks the system for the home folder, not HOME.
    CDKTF_HOME: path.join(home, ".cdktf"),
    CDKTF_DISABLE_PLUGIN_CACHE_ENV: "1",
    V8_COMPILE_CACHE_CACHE_DIR: home,
    GIT_CONFIG_GLOBAL: path.join(home, ".gitconfig"),
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
  };
}
