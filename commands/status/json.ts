import { partsOf } from "../../gitlab/placed-problem";
import { describe } from "../../gitlab/problem";
import { slotNumber } from "../../gitlab/slot";
import type { Finding } from "./finding";
import type { Orphan } from "./orphan";
import type { OperatorStatus, SlotStatus, StatusReport } from "./report";
import type { RuleVerdict } from "./rule-state";
import type { RuleStatus } from "./rule-verdict";
import type { TagStatus } from "./tag-verdict";
import type { VariableStatus } from "./variable-verdict";

/**
 * The report for programs. Keys are only added, never renamed, while `version` stays 1; dates are `YYYY-MM-DD` in UTC, and
 * null is what is not known or was not asked.
 */
export function asJson(report: StatusReport, findings: readonly Finding[], failUnder: number | undefined): object {
  return {
    version: 1,
    checked_at: report.checkedAt.toISOString(),
    gitlab: report.gitlab ?? null,
    gitlab_version: report.gitlabVersion ?? null,
    fail_under_days: failUnder ?? null,
    operator_token: report.operator ? operator(report.operator) : null,
    slots: report.slots.map(slot),
    variables: report.variables.map(variable),
    rules: report.rules.map(rule),
    tags: report.tags.map(tag),
    orphans: report.orphans.map(orphan),
    not_seen: report.notSeen,
    findings: findings.map(({ code, subject, location, problem }) => ({
      code,
      subject,
      location: location ?? null,
      message: describe(problem),
      ...partsOf(problem),
    })),
  };
}

const operator = ({ token, daysLeft }: OperatorStatus): object => ({
  token_id: token.id,
  token_name: token.name,
  user_id: token.user_id,
  expires: token.expires_at,
  days_left: daysLeft ?? null,
});

function slot({ slot, daysLeft, gitlabDaysLeft, carried, verdict }: SlotStatus): object {
  const token = verdict?.token;
  return {
    stack: slot.stack,
    pusher: slot.pusher,
    slot: slotNumber(slot.slot),
    project: slot.project,
    token_name: slot.name,
    role: slot.role,
    expires: slot.expires.text,
    days_left: daysLeft,
    in_variable: slot.carried,
    carried,
    gitlab: verdict
      ? {
          state: verdict.state,
          token_id: token?.id ?? null,
          user_id: token?.user_id ?? null,
          access_level: token?.access_level ?? null,
          expires: token?.expires_at ?? null,
          days_left: gitlabDaysLeft ?? null,
          created_at: token?.created_at ?? null,
          last_used_at: token?.last_used_at ?? null,
        }
      : null,
  };
}

function variable({ variable, verdict }: VariableStatus): object {
  return {
    stack: variable.stack,
    pusher: variable.pusher,
    [variable.home.kind]: variable.home.path,
    key: variable.key,
    environment: variable.environment,
    gitlab: verdict ? { state: verdict.state, differences: verdict.differences, carries: verdict.carries } : null,
  };
}

const rule = ({ rule, verdict }: RuleStatus): object => ({
  stack: rule.stack,
  pusher: rule.pusher,
  project: rule.project,
  branch: rule.branch,
  gitlab: verdict ? ruleInGitLab(verdict) : null,
});

const tag = ({ tag, verdict }: TagStatus): object => ({
  stack: tag.stack,
  pusher: tag.pusher,
  project: tag.project,
  tag: tag.tag,
  gitlab: verdict ? ruleInGitLab(verdict) : null,
});

const ruleInGitLab = <Rule extends { readonly name: string; readonly inherited?: boolean }>({
  state,
  opened,
  closes,
}: RuleVerdict<Rule>): object => ({
  state,
  opened_by: opened.map(({ rule: { name, inherited }, opens }) => ({
    rule: name,
    inherited: inherited ?? false,
    opens,
  })),
  closes,
});

const orphan = ({ project, token, reason }: Orphan): object => ({
  project,
  token_id: token.id,
  token_name: token.name,
  description: token.description,
  user_id: token.user_id,
  expires: token.expires_at,
  created_at: token.created_at ?? null,
  last_used_at: token.last_used_at ?? null,
  reason,
});
