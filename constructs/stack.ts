import { type TerraformResource, TerraformStack } from "cdktf";
import type { IConstruct } from "constructs";
import { describe } from "../gitlab/problem";
import type { ProviderMajor } from "../gitlab/provider-major";
import type { DeployedState } from "../state/deployed-state";
import type { OtherState } from "../state/other-states";
import type { Fleet } from "./fleet";
import type { Edition, Package } from "./stack-checks";
import type { Thing, ToldThing } from "./thing";
import { ValidationError } from "./validation";

/** Marks the stacks that pushers can be declared in, whichever copy of this library made them. */
export const STACK_MARK: unique symbol = Symbol.for("gitlab-ci-pusher/PusherStack");

/** A stack as its constructs and checks know it. */
export interface Stack extends TerraformStack {
  readonly [STACK_MARK]: true;
  readonly edition: Edition;
  readonly package: Package;
  /** The major version of the provider it is written for. */
  readonly provider: ProviderMajor;
  /** The name it was first deployed under. */
  readonly mark: string;
  readonly lifetimeLimit: number;
  readonly deletionProtection: boolean;
  /** The instant all dates are checked against. */
  readonly now: Date;
  /** Tells where a construct was written (`file:line`), by its path below the stack. */
  readonly locate: (path: readonly string[]) => string | undefined;
  /** All that the constructs of this stack declare, in the order of declaration. */
  readonly fleet: Fleet;
  /** Tells whether the synth looks into the state. Where it was told not to, the stack is only compared with another, or not planned. */
  readonly readsState: boolean;
  /** The things that the last deploy left, as far as the state tells. */
  readonly deployed: DeployedState;
  /** The ids that renamed pushers had, by those they have. */
  readonly formerIds: Map<string, string>;
  /** States beside its own that were read to find owners. */
  others: readonly OtherState[];
  /** Tells whether a synth cannot know what Terraform manages. To be asked once the stack is complete. */
  readonly hidesState: boolean;
  /** The address under which the state has this now: its own, or an earlier one. Undefined when the state does not have it. */
  deployedAt(thing: Thing): string | undefined;
  /** Adopts what exists in GitLab under `id`. What the state has under another address moves instead. */
  adopt(thing: Thing, id: string): void;
  /** Lists what is declared and neither known to the state nor adopted, after a deploy was begun: what one may have left unnoted. */
  unrecorded(): readonly ToldThing[];
  /** Takes over the rendering of a resource, whose texts are data. */
  renderLiterally(resource: TerraformResource): void;
}

/** Tells whether a construct is a stack that pushers can be declared in. */
export const isStack = (construct: IConstruct): construct is Stack => STACK_MARK in construct;

/** The stack a construct belongs to. @throws ValidationError when pushers cannot be declared in it */
export function stackOf(construct: IConstruct): Stack {
  const stack = TerraformStack.of(construct);
  if (isStack(stack)) return stack;
  throw new ValidationError(
    `[${construct.node.path}] ${describe({
      got: `a ${stack.constructor.name} as its stack`,
      allowed: "a PusherStack",
      fix: 'declare pushers in `new PusherStack(app, "name")`',
    })}`,
  );
}
