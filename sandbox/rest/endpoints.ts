import { accessTokenRoutes } from "./access-tokens";
import { applicationSettingsRoutes } from "./application-settings";
import { branchRoutes } from "./branches";
import { ciLintRoutes } from "./ci-lint";
import { commitRoutes } from "./commits";
import { deployKeyRoutes } from "./deploy-keys";
import { fileRoutes } from "./files";
import { groupRoutes } from "./groups";
import { jobArtifactRoutes } from "./job-artifacts";
import { jobTokenScopeRoutes } from "./job-token-scope";
import { memberRoutes } from "./members";
import { mergeRoutes } from "./merge";
import { mergeRequestRoutes } from "./merge-requests";
import { metadataRoutes } from "./metadata";
import { namespaceRoutes } from "./namespaces";
import { noteRoutes } from "./notes";
import { personalAccessTokenRoutes } from "./personal-access-tokens";
import { pipelineRoutes } from "./pipelines";
import { projectRoutes } from "./projects";
import { protectedBranchRoutes } from "./protected-branches";
import { protectedTagRoutes } from "./protected-tags";
import { repositoryTreeRoutes } from "./repository-tree";
import type { Route } from "./route";
import { runnerRoutes } from "./runners";
import { tagRoutes } from "./tags";
import { terraformStateRoutes } from "./terraform-state";
import { userRoutes } from "./users";
import { variableRoutes } from "./variables";

/** Every endpoint; the first that fits a request answers it, so fixed segments come before `:names`. */
export const ENDPOINTS: readonly Route[] = [
  ...metadataRoutes,
  ...applicationSettingsRoutes,
  ...userRoutes,
  ...personalAccessTokenRoutes,
  ...namespaceRoutes,
  ...groupRoutes,
  ...projectRoutes,
  ...memberRoutes,
  ...accessTokenRoutes,
  ...variableRoutes,
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
