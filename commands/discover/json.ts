import type { BranchPicture, Estate, PushPicture, TokenPicture, VariablePicture } from "../../estate/estate";
import type { Finding } from "../../estate/findings/finding";
import type { Who } from "../../estate/who";

/**
 * The estate for programs. Keys are only added, never renamed, while `version` stays 1; ids of findings are stable. null is what GitLab did
 * not show or does not have.
 */
export function asJson(estate: Estate, findings: readonly Finding[]): object {
  return {
    version: 1,
    read_at: estate.readAt.toISOString(),
    gitlab: estate.gitlab,
    projects: estate.projects.map((project) => ({
      id: project.id,
      path: project.path,
      default_branch: project.defaultBranch,
      branches: project.branches?.map(branchJson) ?? null,
      tags: project.tags?.map(({ name, create }) => ({ name, create: create.map(whoJson) })) ?? null,
      all_tokens_seen: project.allTokensSeen,
      deploy_keys:
        project.deployKeys?.map((key) => ({
          id: key.id,
          title: key.title,
          created_at: key.createdAt,
          expires_at: key.expiresAt,
          last_used_at: key.lastUsedAt ?? null,
        })) ?? null,
      job_token: {
        push: project.jobToken.push ?? null,
        cross_project_push: project.jobToken.crossProject ?? null,
        limited: project.jobToken.limited ?? null,
        projects: project.jobToken.projects ?? null,
        groups: project.jobToken.groups ?? null,
      },
      pushes: project.pushes?.map(pushJson) ?? null,
    })),
    tokens: estate.tokens.map(tokenJson),
    variables: estate.variables.map(variableJson),
    findings: findings.map(({ rule, place, subject, got }) => ({
      id: rule.id,
      severity: rule.severity,
      title: rule.title,
      place: place ?? null,
      subject,
      got,
      allowed: rule.allowed,
      fix: rule.fix,
    })),
    not_seen: estate.notSeen,
  };
}

const whoJson = (who: Who): object =>
  who.kind === "role"
    ? { kind: "role", level: who.level }
    : { kind: who.kind.replace(" ", "_"), id: who.id, name: who.name ?? null };

const branchJson = (branch: BranchPicture): object => ({
  name: branch.name,
  kind: branch.kind,
  protected: branch.protected,
  inherited: branch.inherited,
  guard: branch.guard,
  push: branch.push.map(whoJson),
  merge: branch.merge.map(whoJson),
  unprotect: branch.unprotect?.map(whoJson) ?? null,
  force_push: branch.forcePush,
  code_owners: branch.codeOwners ?? null,
  tokens: branch.tokens,
});

const pushJson = (push: PushPicture): object => ({
  job: push.job,
  project: push.project ?? null,
  branch: push.branch ?? null,
  tags: push.tags,
  with: push.with.replace(" ", "_"),
  key: push.key ?? null,
  pipelines: push.pipelines,
});

const tokenJson = (token: TokenPicture): object => ({
  id: token.id,
  name: token.name,
  kind: token.kind,
  home: token.home ?? null,
  user_id: token.userId,
  username: token.username ?? null,
  scopes: token.scopes,
  level: token.level ?? null,
  created_at: token.createdAt ?? null,
  expires_at: token.expiresAt,
  last_used_at: token.lastUsedAt ?? null,
  slot: token.slot ?? null,
});

const variableJson = ({ key, home, environment, carries, ...flags }: VariablePicture): object => ({
  key,
  home,
  environment,
  protected: flags.protected,
  masked: flags.masked,
  hidden: flags.hidden,
  alone: flags.alone,
  carries: {
    kind: carries.kind.replace(" ", "_"),
    token: carries.kind === "token" ? carries.token : null,
    status: carries.kind === "dead" ? carries.status : null,
    reason: carries.kind === "not known" ? carries.reason : null,
  },
});
