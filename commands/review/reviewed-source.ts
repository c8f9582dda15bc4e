import { readFileSync } from "node:fs";
import * as path from "node:path";
import type { CommandContext } from "../context";
import { CommandError } from "../exit-code";
import { digestIn, isDigest } from "./digest-file";
import { mergeRequestSource } from "./merge-request-plan";
import type { Reviewed, ReviewedSource } from "./reviewed";

/**
 * The source of what was reviewed: a digest itself, `merge-request` for what the merge request showed that brought HEAD, else a folder
 * that `gitlab-ci-pusher review --out` wrote. All but GitLab is looked at here, so that mistakes show before anything is planned.
 * @throws CommandError
 */
export function reviewedSource(what: string, context: Pick<CommandContext, "environment" | "now">): ReviewedSource {
  if (isDigest(what)) return async () => ({ digest: what, origin: "the digest that was given" });
  if (what === "merge-request") return mergeRequestSource(context);
  const reviewed = inFolder(what);
  return async () => reviewed;
}

function inFolder(folder: string): Reviewed {
  const digest = read(folder, "digest");
  if (digest !== undefined) {
    return {
      digest: digestIn(digest, path.join(folder, "digest")),
      summary: read(folder, "summary.md"),
      origin: folder,
    };
  }
  throw new CommandError({
    got: `--reviewed ${JSON.stringify(folder)}, where no file digest is`,
    allowed: "a digest of 64 hexadecimal characters, merge-request, or a folder of `npx gitlab-ci-pusher review --out`",
    fix: "correct the path; in a pipeline let the job need the one that planned, so that it gets its artifacts",
  });
}

/** Undefined when the file is not there. */
function read(folder: string, name: string): string | undefined {
  const file = path.join(folder, name);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new CommandError({
      got: `${code} at ${file}`,
      allowed: "a file that can be read",
      fix: "check its permissions",
    });
  }
}
