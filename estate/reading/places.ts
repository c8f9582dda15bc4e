import { ExpectedError } from "../../gitlab/expected-error";
import { describe, problemReport, quoted } from "../../gitlab/problem";
import { groupPathProblem, samePath } from "../../gitlab/project-path";
import { ifSeen, type Project, type Reader } from "../reader";

/**
 * The projects that were asked for: those named, and those of the groups named and of the groups below, each once.
 * @param paths full paths of groups and projects
 * @throws ExpectedError with every path that is none, or that GitLab does not show
 */
export async function projectsAt(reader: Reader, paths: readonly string[]): Promise<Project[]> {
  refuse(paths.flatMap((path) => groupPathProblem(path) ?? []));
  const found = await Promise.all(paths.map((path) => projectsNamed(reader, path)));
  refuse(paths.filter((_, index) => found[index] === undefined).map(unseenPath));
  const byPath = found
    .flatMap((projects) => projects ?? [])
    .map((each) => [samePath(each.path_with_namespace), each] as const);
  return [...new Map(byPath).values()];
}

/** A path without `/` is a group's, or a person's, whose projects are named one by one. */
async function projectsNamed(reader: Reader, path: string): Promise<Project[] | undefined> {
  const project = path.includes("/") ? ifSeen(await reader.project(path)) : undefined;
  if (project) return [project];
  return ifSeen(await reader.group(path)) && ifSeen(await reader.projectsOf(path));
}

const unseenPath = (path: string): string =>
  describe({
    got: `${quoted(path)}, where GitLab shows neither a group nor a project`,
    allowed: "full paths of groups and projects that the token's user may see",
    fix: "copy the path from the address in the browser, and make the token's user a member",
  });

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new ExpectedError(problemReport(problems));
}
