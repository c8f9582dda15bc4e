import type { IConstruct } from "constructs";
import type { ApiPath, Query } from "../gitlab/api-client";
import type { Identity } from "../state/identity";

/** A thing in GitLab that Terraform manages. */
export interface Thing {
  /** Terraform address. */
  readonly address: string;
  /** Name of the thing in GitLab, whatever its address. */
  readonly identity: Identity;
}

/** A thing, and the construct that declares it. */
export interface DeclaredThing extends Thing {
  readonly at: IConstruct;
  /** Id of the resource below that construct. @default "Default" */
  readonly resource?: string;
}

/** A rule or variable as the stack declares it, in the words of GitLab's API. */
export interface ToldThing extends Thing {
  /** Id by which Terraform imports it. */
  readonly id: string;
  /** Path below GitLab's API at which GitLab tells of it. */
  readonly path: ApiPath;
  readonly query?: Query;
  /** Tells whether what GitLab tells is what a deploy of this stack makes there. */
  readonly isOurs: (found: Readonly<Record<string, unknown>>) => boolean;
  /** The thing that must be in the state before this may be adopted. @default - nothing */
  readonly after?: Thing;
}
