type Attributes = Readonly<Record<string, unknown>>;

const RIGHTS = ["push", "merge", "unprotect"] as const;

/**
 * A `gitlab_branch_protection` with a level beside each list, as provider 18 has it and 19 on Community Edition. Where 19 has levels in the
 * lists, the lowest one, which lets in most, is taken out of each; where a list names people alone, the level is `no one`. What is not known
 * yet stays out.
 */
export function ruleInLevels(attributes: Attributes): Attributes {
  const hasLevels = RIGHTS.some((right) => typeof attributes[`${right}_access_level`] === "string");
  // An import of provider 18 has no level yet, but the attribute.
  const hasLists = !hasLevels && !("unprotect_access_level" in attributes);
  const rights = hasLists ? RIGHTS.filter((right) => Array.isArray(attributes[`allowed_to_${right}`])) : [];
  return { ...attributes, ...Object.fromEntries(rights.flatMap((right) => taken(attributes, right))) };
}

function taken(attributes: Attributes, right: string): [string, unknown][] {
  const list = attributes[`allowed_to_${right}`] as readonly unknown[];
  const [level] = list.filter(isLevel).sort((a, b) => rank(a) - rank(b));
  const others = list.filter((entry) => entry !== level);
  const nobody = others.length > 0 || right !== "unprotect" ? "no one" : undefined;
  const named = level?.access_level ?? nobody;
  return [
    [`allowed_to_${right}`, others],
    ...(named === undefined ? [] : [[`${right}_access_level`, named] as [string, unknown]]),
  ];
}

interface Level {
  readonly access_level: unknown;
}

function isLevel(entry: unknown): entry is Level {
  if (typeof entry !== "object" || entry === null) return false;
  const { access_level: level, user_id: user, group_id: group, deploy_key_id: key } = entry as Attributes;
  return typeof level === "string" && !user && !group && !key;
}

const ORDER = ["developer", "maintainer", "admin", "no one"];

const rank = ({ access_level: level }: Level): number => {
  const found = ORDER.indexOf(String(level));
  return found < 0 ? ORDER.length : found;
};
