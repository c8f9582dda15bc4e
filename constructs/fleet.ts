import type { IConstruct } from "constructs";
import type { ExpiryDate } from "../gitlab/expiry-date";
import type { Rule, TagCreation } from "../gitlab/rule";
import type { Thing, ToldThing } from "./thing";
import type { VariableHome } from "./variable-home";

/** Everything that the constructs of a stack declare, in the order of declaration: all that its checks know of them. */
export interface Fleet {
  readonly tokens: FleetToken[];
  readonly variables: FleetVariable[];
  readonly rules: FleetRule[];
  readonly tags: FleetTag[];
}

/** A token of a fleet. */
export interface FleetToken extends Thing, IConstruct {
  readonly project: string;
  /** Path of the construct, or an earlier one: it tells the token from others in GitLab. */
  readonly mark: string;
  /** Undefined where it is no date, which fails the synth. */
  readonly expires: ExpiryDate | undefined;
}

/** A thing that may have been there before it was declared. */
export interface Adoptable extends Thing, IConstruct {
  /** Tells whether it is declared as one that exists already. */
  readonly adopts: boolean;
}

/** A CI/CD variable of a fleet. */
export interface FleetVariable extends Adoptable {
  readonly in: VariableHome;
  /** Full path of the project or group that holds it. */
  readonly home: string;
  readonly key: string;
  readonly environment: string;
  declared(): ToldThing;
}

/** A branch rule of a fleet, with its guard. */
export interface FleetRule extends Adoptable {
  readonly project: string;
  readonly branch: string;
  /** Undefined where the branch is no pattern, which fails the synth. */
  readonly rule: Rule | undefined;
  /** Name of the guard rule in GitLab. */
  readonly guard: string | undefined;
  readonly guardThing: Thing | undefined;
  /** Tells whether it waits for the next deploy. */
  readonly deferred: boolean;
  declared(): ToldThing[];
}

/** A tag rule of a fleet, with its guard. */
export interface FleetTag extends Thing, IConstruct {
  readonly project: string;
  readonly tag: string;
  /** Undefined where the tag is no pattern, which fails the synth. */
  readonly rule: TagCreation | undefined;
  readonly guard: string | undefined;
  readonly guardThing: Thing | undefined;
}
