import { ExpectedError } from "../../gitlab/expected-error";
import { describe, type Problem, problemReport, quoted } from "../../gitlab/problem";
import { groupPathProblem, samePath } from "../../gitlab/project-path";
import { ifSeen, isAbsent, type Project, type Reader, type Seen } from "../reader";

/**
 * The projects that were asked for: those named, and those of the groups named and of the groups below, each once.
 * @param paths full paths of groups and projects
 * @throws ExpectedError with every path that is none, or that GitLab does not show
 */
export async function projectsAt(reader: Reader, paths: readonly string[]): Promise<Project[]> {
  refuse(paths.flatMap((path) => groupPathProblem(path) ?? []));
  const found = await Promise.all(paths.map((path) => projectsNamed(reader, path)));
  refuse(paths.flatMap((path, index) => unseenProblem(path, found[index] as Seen<Project[]>)));
  const byPath = found
    .flatMap((projects) => ifSeen(projects) ?? [])
    .map((each) => [samePath(each.path_with_namespace), each] as const);
  return [...new Map(byPath).values()];
}

/** A path without `/` is a group's, or a person's, whose projects are named one by one. */
async function projectsNamed(reader: Reader, path: string): Promise<Seen<Project[]>> {
  const project = path.includes("/") ? await reader.project(path) : undefined;
  if (project?.seen) return { seen: true, value: [project.value] };
  const group = await reader.group(path);
  if (group.seen) return reader.projectsOf(path);
  return project && !isAbsent(project) ? project : group;
}

function unseenProblem(path: string, projects: Seen<Project[]>): Problem[] {
  if (projects.seen) return [];
  const got = isAbsent(projects)
    ? "where GitLab shows neither a group nor a project"
    : `of which GitLab says ${projects.reason}`;
  return [
    {
      got: `${quoted(path)}, ${got}`,
      allowed: "full paths of groups and projects that the token's user may see",
      fix: "copy the path from the address in the browser, and make the token's user a member",
    },
  ];
}

function refuse(problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const parts = problems.map((problem) => ({ problem }));
  throw new ExpectedError(problemReport(problems.map(describe)), parts);
}
