import { type Problem, quoted } from "./problem";
import { writtenTextProblem } from "./written-text";

/** GitLab keeps each segment in 255 characters. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;

/**
 * Says why `text` is no full path of a project (`namespace/…/project`), or undefined when it is one.
 *
 * Ids are refused: the provider replaces a token when its project changes from id to path, so there is one spelling only.
 */
export function projectPathProblem(text: string): Problem | undefined {
  return pathProblem(text, 2, "the full path of a project, such as xlink/xlink-k8s-gitops");
}

/** Says why `text` is no full path of a group (`group/…/subgroup`), or undefined when it is one. */
export function groupPathProblem(text: string): Problem | undefined {
  return pathProblem(text, 1, "the full path of a group, such as xlink/apps");
}

/** GitLab compares paths without regard to case. */
export const samePath = (path: string): string => path.toLowerCase();

function pathProblem(text: string, atLeast: number, allowed: string): Problem | undefined {
  const written = writtenTextProblem(text);
  if (written) return written;
  const segments = text.split("/");
  if (/^\d+$/.test(text)) {
    return {
      got: `the id ${text}`,
      allowed,
      fix: "write the path: going from id to path later would replace the token and its bot",
    };
  }
  if (
    segments.length >= atLeast &&
    segments.every((segment) => SEGMENT.test(segment) && !/\.(git|atom)$/.test(segment))
  ) {
    return undefined;
  }
  return { got: quoted(text), allowed, fix: fixOf(text) };
}

function fixOf(text: string): string {
  const [, inside] = ADDRESS.exec(text) ?? [];
  if (inside) return `write ${quoted(inside)}, without host and .git`;
  if (text.split("/").some(({ length }) => length > 255)) return "shorten it: each part has up to 255 characters";
  return "copy the path from the project's address in the browser";
}

/** A project's address in the browser or of a clone. */
const ADDRESS = /^(?:(?:https?|ssh):\/\/[^/]+\/|[\w.-]+@[\w.-]+:)(.+?)(?:\.git)?\/?$/;
