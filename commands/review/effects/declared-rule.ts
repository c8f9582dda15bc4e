import { type AccessLevel, levelOf } from "../../../gitlab/access-level";
import type { AccessEntry, ProtectedBranch } from "../../../gitlab/protected-branch";
import type { Attributes } from "../../stacks/plan";

/** Number of a bot that comes with the deploy, which GitLab has not numbered yet. No user has it. */
export const NEW_BOT = -1;

/** A rule of a plan in the words of GitLab's API. @param names of those that GitLab has shown, from {@link namesIn} */
export function declaredRule(after: Attributes, names: ReadonlyMap<string, string> = new Map()): ProtectedBranch {
  const who = (right: string) => declaredEntries(after, right, names);
  return {
    name: String(after.branch),
    push_access_levels: who("push"),
    merge_access_levels: who("merge"),
    unprotect_access_levels: who("unprotect"),
    allow_force_push: after.allow_force_push === true,
    code_owner_approval_required: after.code_owner_approval_required === true,
  };
}

/** A level and those who are let in beside it. */
export function declaredEntries(after: Attributes, right: string, names: ReadonlyMap<string, string>): AccessEntry[] {
  const listed = after[`allowed_to_${right}`];
  const level = after[`${right}_access_level`] ?? "maintainer";
  return [
    { access_level: levelOf(level as AccessLevel) },
    ...(Array.isArray(listed) ? (listed as Attributes[]) : []).map((entry) => entryOf(entry, names)),
  ];
}

function entryOf(entry: Attributes, names: ReadonlyMap<string, string>): AccessEntry {
  const number = (key: string) => (entry[key] ? Number(entry[key]) : undefined);
  const who = {
    user_id: number("user_id"),
    group_id: number("group_id"),
    deploy_key_id: number("deploy_key_id"),
  };
  const name = names.get(subjectKey(who));
  if (Object.values(who).some((each) => each !== undefined))
    return { access_level: null, access_level_description: name, ...who };
  if (entry.access_level) return { access_level: levelOf(entry.access_level as AccessLevel) };
  return { access_level: null, user_id: NEW_BOT };
}

/** All whom a rule names, for whatever, as far as GitLab tells. */
export const entriesOf = (rule: ProtectedBranch): AccessEntry[] => [
  ...(rule.push_access_levels ?? []),
  ...(rule.merge_access_levels ?? []),
  ...(rule.unprotect_access_levels ?? []),
];

/** Names of users, groups and deploy keys that GitLab tells beside their numbers. */
export const namesIn = (entries: readonly AccessEntry[]): Map<string, string> =>
  new Map(
    entries.flatMap((entry): [string, string][] =>
      entry.access_level_description === undefined ? [] : [[subjectKey(entry), entry.access_level_description]],
    ),
  );

type Subject = { readonly [key in "user_id" | "group_id" | "deploy_key_id"]?: unknown };

/** The key that tells those apart whom a rule lists by number; numbers that are none, 0 and null, are nobody's. */
export const subjectKey = ({ user_id: user, group_id: group, deploy_key_id: key }: Subject): string =>
  `${user || ""}/${group || ""}/${key || ""}`;
