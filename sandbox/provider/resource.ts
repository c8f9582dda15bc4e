import type { GitLabClient } from "./gitlab-client";
import type { Diagnostic } from "./protocol/diagnostic";
import type { PlanRequest, ResourcePlan } from "./protocol/resource-plan";
import type { Schema } from "./protocol/schema";
import type { ObjectValue } from "./protocol/value";

/** A released version whose documented bugs are wanted; none means 18.8 to 18.11, or 19. */
export type Quirks = "18.6";

/** The major versions of the real provider that there are. */
export const PROVIDER_VERSIONS = [18, 19] as const;
export type ProviderVersion = (typeof PROVIDER_VERSIONS)[number];

/** The means that a resource works with: the configured connection, the time, and the version it imitates. */
export interface ResourceContext {
  readonly client: GitLabClient;
  readonly now: () => Date;
  readonly quirks?: Quirks;
}

/** One managed resource type. Methods throw `DiagnosticError` where the real provider adds an error. */
export interface Resource {
  readonly typeName: string;
  readonly schema: Schema;
  /** Checks across attributes, after the attributes' own validators. */
  validate?(config: ObjectValue): Diagnostic[];
  /** Changes a plan that the schema alone does not settle; not called for a destroy. */
  modifyPlan?(plan: ResourcePlan, request: PlanRequest, context: ResourceContext): void | Promise<void>;
  /** Null when the object is gone. */
  read(context: ResourceContext, state: ObjectValue): Promise<ObjectValue | null>;
  create(context: ResourceContext, plan: ObjectValue): Promise<ObjectValue>;
  /** Null when the object turned out to be gone. */
  update(context: ResourceContext, plan: ObjectValue, state: ObjectValue): Promise<ObjectValue | null>;
  delete(context: ResourceContext, state: ObjectValue): Promise<void>;
  /** Brings a state of an older schema version to the current one. */
  upgrade?(state: ObjectValue, version: number): ObjectValue;
}
