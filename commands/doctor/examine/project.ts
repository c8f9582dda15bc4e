import { isAbsent } from "../../../estate/reader";
import { DEVELOPER, MAINTAINER } from "../../../gitlab/role";
import type { Facts } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";

/** Tells whether the target is there and takes pushes at all. */
export function examineProject({ target, walk, token }: Facts): Link[] {
  if (isAbsent(target)) return [wrong("project", "project-missing", `${walk.target}: 404`)];
  if (!target.seen) return [unknown("project", `${walk.target} is not shown to this token`)];
  const { archived, empty_repo, repository_access_level } = target.value;
  if (archived) return [wrong("project", "project-archived", `${walk.target} is archived`)];
  if (repository_access_level === "disabled") {
    return [wrong("project", "repository-missing", `the repository of ${walk.target} is switched off`)];
  }
  if (!empty_repo) return [ok("project", `${walk.target} takes pushes`)];
  const { level } = token;
  if (typeof level === "number" && level >= MAINTAINER)
    return [ok("project", `${walk.target} is empty; a Maintainer may make the first push`)];
  if (typeof level === "number" && level >= DEVELOPER)
    return [wrong("project", "repository-empty", `${walk.target} has no commit yet`)];
  return [unknown("project", `${walk.target} has no commit yet: a Developer may not make the first push`)];
}
