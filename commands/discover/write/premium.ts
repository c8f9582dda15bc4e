import type { Estate } from "../../../estate/estate";
import { whoOf } from "../../../estate/who";
import type { AccessEntry, ProtectedBranch } from "../../../gitlab/protected-branch";
import { MAINTAINER } from "../../../gitlab/role";

/**
 * Tells whether something is in use that needs Premium. That GitLab tells of code owners and of who may unprotect proves nothing: an Enterprise
 * Edition without a licence does too, and ignores what it may not do.
 */
export const usesPremium = ({ projects, variables }: Estate): boolean =>
  projects.some(
    ({ rules, tags }) =>
      rules?.some(isPremium) === true ||
      tags?.some(({ create }) => create.some(({ kind }) => kind === "user" || kind === "group")) === true,
  ) || variables.some(({ home, environment }) => home.kind === "group" && environment !== "*");

function isPremium(rule: ProtectedBranch): boolean {
  const { unprotect_access_levels: unprotect = [] } = rule;
  return (
    rule.code_owner_approval_required === true ||
    rule.inherited === true ||
    [...rule.push_access_levels, ...rule.merge_access_levels, ...unprotect].some(isPerson) ||
    whoOf(unprotect).some((who) => who.kind === "role" && who.level !== MAINTAINER)
  );
}

const isPerson = ({ user_id, group_id }: AccessEntry): boolean => Boolean(user_id || group_id);
