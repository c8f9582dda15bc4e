import type { Resource } from "./resource";
import { branchProtection } from "./resources/branch-protection";
import { groupVariable } from "./resources/group-variable";
import { projectAccessToken } from "./resources/project-access-token";
import { projectVariable } from "./resources/project-variable";
import { tagProtection } from "./resources/tag-protection";

/** The resource types the stand-in has, by name. */
export const RESOURCE_TYPES: ReadonlyMap<string, Resource> = new Map(
  [projectAccessToken, projectVariable, groupVariable, branchProtection, tagProtection].map((resource) => [
    resource.typeName,
    resource,
  ]),
);
