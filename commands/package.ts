import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";

/** This package as npm describes it: installed, or in its own checkout. */
export interface Package {
  readonly root: string;
  readonly version: string;
  /** Packages that it is developed and tested with, by name. */
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Packages that are taken in place of others, by the name of those. */
  readonly overrides: Readonly<Record<string, string>>;
}

/** Reads the package that this file belongs to, wherever it was compiled to. */
export function ownPackage(): Package {
  for (let root = __dirname; ; root = path.dirname(root)) {
    const file = path.join(root, "package.json");
    if (existsSync(file)) return { root, ...JSON.parse(readFileSync(file, "utf8")) };
    if (root === path.dirname(root)) throw new Error(`no package.json above ${__dirname}`);
  }
}
