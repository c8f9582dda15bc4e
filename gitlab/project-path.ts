import { describe } from "./problem";

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * Why `text` is no full path of a project (`namespace/…/project`), or undefined when it is one.
 *
 * Ids are refused: the provider replaces a token when its project changes from id to path, so there is one spelling only.
 */
export function projectPathProblem(text: string): string | undefined {
  return pathProblem(text, 2, "the full path of a project, such as xlink/xlink-k8s-gitops");
}

/** Why `text` is no full path of a group (`group/…/subgroup`), or undefined when it is one. */
export function groupPathProblem(text: string): string | undefined {
  return pathProblem(text, 1, "the full path of a group, such as xlink/apps");
}

/** GitLab compares paths without regard to case. */
export const samePath = (path: string): string => path.toLowerCase();

function pathProblem(text: string, atLeast: number, allowed: string): string | undefined {
  const segments = text.split("/");
  if (/^\d+$/.test(text)) {
    return describe({
      got: `the id ${text}`,
      allowed,
      fix: "write the path: going from id to path later would replace the token and its bot",
    });
  }
  if (
    segments.length >= atLeast &&
    segments.every((segment) => SEGMENT.test(segment) && !/\.(git|atom)$/.test(segment))
  ) {
    return undefined;
  }
  const host = text.match(/^https?:\/\/[^/]+\/(.+?)(\.git)?\/?$/);
  return describe({
    got: JSON.stringify(text),
    allowed,
    fix: host
      ? `write ${JSON.stringify(host[1])}, without host and .git`
      : "copy the path from the project's address in the browser",
  });
}
