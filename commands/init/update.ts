import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import type { Package } from "../package";
import { unifiedDiff } from "../unified-diff";
import { opsFiles } from "./files";

/** A file that this release of the package has another text for. */
export interface Outdated {
  readonly name: string;
  readonly text: string;
  /** The change, as a unified diff. */
  readonly diff: string;
}

/**
 * The changes that an upgrade of the package brings to an ops repository: of the files that came with it those that are there, and the release of the
 * pipeline's component. What people of the repository own is left alone.
 */
export function outdated(folder: string, own: Package): Outdated[] {
  const read = (name: string) =>
    existsSync(path.join(folder, name)) ? readFileSync(path.join(folder, name), "utf8") : undefined;
  const [, gitlab = "https://gitlab.example.com"] = /^\s*export GITLAB_BASE_URL=(\S+)$/m.exec(read("help") ?? "") ?? [];
  const settings = { gitlab, edition: "free" } as const;
  const fresh = opsFiles({ settings, own, folder: "", today: new Date(0) }).filter(({ owner }) => owner === "package");
  const pipeline = read(PIPELINE)?.replace(COMPONENT, `$1${own.version}`);
  const texts = [...fresh, ...(pipeline === undefined ? [] : [{ name: PIPELINE, text: pipeline }])];
  return texts.flatMap(({ name, text }) => {
    const there = read(name);
    if (there === undefined || there === text) return [];
    return [{ name, text, diff: unifiedDiff({ name: `a/${name}`, text: there }, { name: `b/${name}`, text }) }];
  });
}

const PIPELINE = ".gitlab-ci.yml";

/** The component of this package in a pipeline, by the file that `init` writes. */
const COMPONENT = /^(\s*- component: \S+\/ops@)[\w.~-]+$/m;
