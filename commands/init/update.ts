import { readFileSync, statSync } from "node:fs";
import * as path from "node:path";
import type { Package } from "../package";
import { unifiedDiff } from "../unified-diff";
import { opsFiles } from "./files";
import { isSameText, withLineEnds } from "./line-ends";

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
    statSync(path.join(folder, name), { throwIfNoEntry: false })?.isFile()
      ? readFileSync(path.join(folder, name), "utf8")
      : undefined;
  const [, gitlab = "https://gitlab.example.com"] = /^\s*export GITLAB_BASE_URL=(\S+)$/m.exec(read("help") ?? "") ?? [];
  const settings = { gitlab, edition: "free" } as const;
  const fresh = opsFiles({ settings, own, folder: "", today: new Date(0) }).filter(({ owner }) => owner === "package");
  const pipeline = withComponent(read(PIPELINE), own.version);
  const texts = [...fresh, ...(pipeline === undefined ? [] : [{ name: PIPELINE, text: pipeline }])];
  return texts.flatMap(({ name, text }) => {
    const there = read(name);
    if (there === undefined || isSameText(there, text)) return [];
    const after = withLineEnds(text, there);
    const diff = unifiedDiff({ name: `a/${name}`, text: there }, { name: `b/${name}`, text: after });
    return [{ name, text: after, diff }];
  });
}

const PIPELINE = ".gitlab-ci.yml";

/**
 * A component called `ops` at a release, by the file that `init` writes. One at a branch or at `~latest` is where its people want it.
 * @see https://docs.gitlab.com/ci/components/#component-versions
 */
const COMPONENT = /^(\s*(?:- )?component: (["']?)[^\s"']+\/ops@)v?\d+\.\d+\.\d+[\w.-]*(?=\2\s*(?:#.*)?$)/gm;

/** The pipeline with this package's release. Of several components of that name nobody knows which one is ours: all stay. */
function withComponent(pipeline: string | undefined, version: string): string | undefined {
  if (pipeline?.match(COMPONENT)?.length !== 1) return pipeline;
  return pipeline.replace(COMPONENT, (_, before: string) => before + version);
}
