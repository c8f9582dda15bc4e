import type { TagRule } from "../../estate/reader";
import { entriesText } from "../../gitlab/protected-branch";
import type { Finding } from "./finding";
import { ruleProblems } from "./rule-problems";
import type { TagStatus } from "./tag-verdict";

/** Findings about a tag rule, as far as GitLab shows it. */
export function tagFindings({ tag, verdict }: TagStatus): Finding[] {
  if (!verdict) return [];
  const words = {
    name: tag.tag,
    guard: tag.guard,
    text: ({ name, create_access_levels: entries }: TagRule) =>
      `${JSON.stringify(name)} (create: ${entriesText(entries)})`,
    unprotected: "every Developer may create such tags, and their jobs get no protected variable",
    settings: "Settings > Repository > Protected tags",
  };
  return ruleProblems(verdict, words).map(([code, problem]) => ({
    code,
    subject: `tag rule ${tag.tag} of ${tag.project}`,
    location: tag.locate(),
    problem,
  }));
}
