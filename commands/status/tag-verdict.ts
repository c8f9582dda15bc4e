import type { TagRule } from "../../estate/reader";
import { levelOf } from "../../gitlab/access-level";
import { type AccessEntry, isRole, opensMore } from "../../gitlab/protected-branch";
import { wildcardCovers } from "../../gitlab/wildcard";
import type { DeclaredTag } from "../../inventory/pushers";
import { type Opened, type RuleVerdict, verdictOf } from "./rule-state";

/** A tag rule beside what GitLab has in its place. */
export interface TagStatus {
  readonly tag: DeclaredTag;
  /** Undefined when GitLab was not asked, or did not show the project's rules. */
  readonly verdict?: RuleVerdict<TagRule>;
}

/**
 * Compares a tag rule with all that the project has, since the most permissive one that matches decides.
 * @param named whom it lets in by name, as GitLab lists them; undefined = nobody can tell, and nobody is compared by name
 */
export function judgeTag(
  declared: DeclaredTag,
  rules: readonly TagRule[],
  named: readonly AccessEntry[] | undefined,
): RuleVerdict<TagRule> {
  const expected = [{ access_level: levelOf(declared.create) }, ...(named ?? [])];
  const creators = ({ create_access_levels: entries }: TagRule) => (named ? entries : entries.filter(isRole));
  const matching = rules.filter(({ name }) => wildcardCovers(name, declared.tag));
  const found = matching.find(({ name }) => name === declared.tag);
  const opened = matching
    .map((rule): Opened<TagRule> => {
      return { rule, opens: opensMore("create", creators(rule), expected), isOwn: rule === found };
    })
    .filter(({ opens }) => opens.length > 0);
  const guard = rules.find(({ name }) => name === declared.guard);
  const isShut = guard?.create_access_levels.every((entry) => isRole(entry) && !entry.access_level);
  return verdictOf(
    {
      found,
      opened,
      closes: found ? opensMore("create", expected, creators(found)) : [],
      isProtected: matching.length > 0,
    },
    { isGuarded: declared.guard === undefined || isShut === true, isKnown: named !== undefined },
  );
}
