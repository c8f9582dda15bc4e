import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import { inventoryOf, ROOT, withFolder, writeInventory } from "./ops-repository";
import { run } from "./run";

const PACKAGE = "gitlab-ci-pusher";

/**
 * Hands `use` a throw-away ops repository that `gitlab-ci-pusher init` wrote, with an inventory of one pusher and this package compiled as
 * it is published; and how its cdktf.json runs the app.
 */
export function withPackage<T>(use: (folder: string, app: readonly string[]) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    await initialize(folder);
    writeInventory(folder, "fleet", inventoryOf(1));
    await install(path.join(folder, "node_modules"));
    const { app } = JSON.parse(readFileSync(path.join(folder, "cdktf.json"), "utf8")) as { app: string };
    const [program, ...args] = app.split(" ");
    if (program !== "node") throw new Error(`expected an app that node runs; got ${app}`);
    return use(folder, args);
  });
}

/**
 * Makes a folder an ops repository as `gitlab-ci-pusher init` writes it, with an empty inventory.
 * @param state as the command takes it: `local`, or the project that keeps the states
 */
export async function initialize(folder: string, state = "local"): Promise<void> {
  const answers = ["--gitlab", "http://127.0.0.1", "--state", state, "--edition", "free"];
  await run([path.join(ROOT, "bin/gitlab-ci-pusher.js"), "init", ".", ...answers], { cwd: folder });
  rmSync(path.join(folder, "pushers"), { recursive: true });
  mkdirSync(path.join(folder, "pushers"));
}

/** The command of an installed package. */
export const commandIn = (modules: string): string => path.join(modules, PACKAGE, "bin/gitlab-ci-pusher.js");

/** Installs all packages of this repository by links, and itself compiled. */
export async function install(modules: string): Promise<void> {
  mkdirSync(modules);
  for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
    if (name !== PACKAGE && name !== ".bin")
      symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
  }
  const own = path.join(modules, PACKAGE);
  for (const name of ["bin", "inventory"]) mkdirSync(path.join(own, name), { recursive: true });
  for (const name of ["package.json", "bin/gitlab-ci-pusher.js", "inventory/pushers.schema.json"]) {
    copyFileSync(path.join(ROOT, name), path.join(own, name));
  }
  const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
  await run([tsc, "--project", "tsconfig.build.json", "--outDir", path.join(own, "dist")], { cwd: ROOT });
}
