import { instanceVariableRoutes } from "./ci/instance-variables";
import { jobArtifactRoutes } from "./ci/job-artifacts";
import { jobTokenScopeRoutes } from "./ci/job-token-scope";
import { ciLintRoutes } from "./ci/lint";
import { pipelineRoutes } from "./ci/pipelines";
import { runnerRoutes } from "./ci/runners";
import { variableRoutes } from "./ci/variables";
import { groupRoutes } from "./groups/groups";
import { namespaceRoutes } from "./groups/namespaces";
import { groupTransferRoutes } from "./groups/transfer";
import { applicationSettingsRoutes } from "./instance/application-settings";
import { metadataRoutes } from "./instance/metadata";
import { memberRoutes } from "./members/members";
import { mergeRoutes } from "./merge-requests/merge";
import { mergeRequestRoutes } from "./merge-requests/merge-requests";
import { noteRoutes } from "./merge-requests/notes";
import { deployKeyRoutes } from "./projects/deploy-keys";
import { projectRoutes } from "./projects/projects";
import { shareRoutes } from "./projects/share";
import { protectedBranchRoutes } from "./protected-refs/protected-branches";
import { protectedTagRoutes } from "./protected-refs/protected-tags";
import { branchRoutes } from "./repository/branches";
import { commitRoutes } from "./repository/commits";
import { fileRoutes } from "./repository/files";
import { tagRoutes } from "./repository/tags";
import { repositoryTreeRoutes } from "./repository/tree";
import type { Route } from "./route";
import { terraformStateRoutes } from "./terraform/state";
import { accessTokenRoutes } from "./tokens/access-tokens";
import { deployTokenRoutes } from "./tokens/deploy-tokens";
import { personalAccessTokenRoutes } from "./tokens/personal-access-tokens";
import { userRoutes } from "./users/users";

/** Every endpoint; the first that fits a request answers it, so fixed segments come before `:names`. */
export const ENDPOINTS: readonly Route[] = [
  ...metadataRoutes,
  ...applicationSettingsRoutes,
  ...userRoutes,
  ...personalAccessTokenRoutes,
  ...namespaceRoutes,
  ...groupRoutes,
  ...groupTransferRoutes,
  ...projectRoutes,
  ...shareRoutes,
  ...memberRoutes,
  ...accessTokenRoutes,
  ...deployTokenRoutes,
  ...variableRoutes,
  ...instanceVariableRoutes,
  ...protectedBranchRoutes,
  ...protectedTagRoutes,
  ...branchRoutes,
  ...tagRoutes,
  ...fileRoutes,
  ...commitRoutes,
  ...repositoryTreeRoutes,
  ...runnerRoutes,
  ...ciLintRoutes,
  ...jobTokenScopeRoutes,
  ...mergeRequestRoutes,
  ...mergeRoutes,
  ...noteRoutes,
  ...pipelineRoutes,
  ...jobArtifactRoutes,
  ...deployKeyRoutes,
  ...terraformStateRoutes,
];
