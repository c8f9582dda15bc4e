import type { ProviderVersion, Resource } from "./resource";
import { branchProtection } from "./resources/branch-protection";
import { branchProtection19 } from "./resources/branch-protection-19";
import { groupVariable } from "./resources/group-variable";
import { projectAccessToken } from "./resources/project-access-token";
import { projectVariable } from "./resources/project-variable";
import { tagProtection } from "./resources/tag-protection";

const typesWith = (rules: Resource): ReadonlyMap<string, Resource> =>
  new Map(
    [projectAccessToken, projectVariable, groupVariable, rules, tagProtection].map((resource) => [
      resource.typeName,
      resource,
    ]),
  );

/** The resource types the stand-in has, by name, for each version of the provider. Of what it has, 19 changed the rules of branches only. */
export const RESOURCE_TYPES: Readonly<Record<ProviderVersion, ReadonlyMap<string, Resource>>> = {
  18: typesWith(branchProtection),
  19: typesWith(branchProtection19),
};
