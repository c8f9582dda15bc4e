import type { Home } from "../gitlab/home";
import type { ProtectedBranch } from "../gitlab/protected-branch";
import type { TokenRecord } from "./identities";
import type { TagRule } from "./reader";

/** A project access token with our mark, living or not. */
export type ObservedToken = TokenRecord & { readonly description: string };

/** A CI/CD variable that somebody declares. */
export interface NamedVariable {
  readonly home: Home;
  readonly key: string;
  readonly environment: string;
}

/** A CI/CD variable as GitLab shows it, its value reduced to what may be told. */
export interface ObservedVariable {
  readonly protected: boolean;
  readonly masked: boolean;
  readonly hidden: boolean;
  readonly type: string;
  /** null = none; undefined = this GitLab does not tell. */
  readonly description?: string | null;
  /** `hidden`: GitLab shows the value to nobody. */
  readonly value: "set" | "empty" | "hidden";
  /** Undefined when it was not to be found out, or nobody can know. */
  readonly token?: IdentifiedToken;
}

/** The living token that is a variable's value: by the state and GitLab's list, else by GitLab's own answer to it. */
export type IdentifiedToken = LivingToken | { readonly refused: string };

export interface LivingToken {
  readonly id: number;
  /** null = none; undefined = this GitLab does not tell. */
  readonly description?: string | null;
}

/** Somebody whom a rule lets in by username or path. */
export interface Person {
  readonly kind: "user" | "group";
  readonly name: string;
}

/** A part of a project or group that GitLab would not show to this operator. */
export interface Refused extends Home {
  readonly what: "access tokens" | "variables" | "branch rules" | "tag rules";
  readonly status: number;
  readonly message: string;
}

/** A GitLab's part of pushers that somebody declares. What it did not show has no entry. */
export interface Observed {
  /** GitLab's version, `18.8.2-ee`; undefined when it does not say. */
  readonly version: string | undefined;
  /** Tells whether this GitLab knows descriptions of tokens: ours are told by theirs. */
  readonly describesTokens: boolean;
  /** The token GitLab was asked with: a personal one, also of a service account, or a project's or group's. Undefined when GitLab does not say. */
  readonly operator: TokenRecord | undefined;
  /** Tokens with our mark, by `samePath` of their project. */
  readonly tokens: ReadonlyMap<string, readonly ObservedToken[]>;
  /** By what was asked for; null: there is none of that key and environment. */
  readonly variables: ReadonlyMap<NamedVariable, ObservedVariable | null>;
  /** All rules of a project, by `samePath` of it. */
  readonly rules: ReadonlyMap<string, readonly ProtectedBranch[]>;
  /** All rules for tags likewise. */
  readonly tagRules: ReadonlyMap<string, readonly TagRule[]>;
  /** Numbers of people and groups, by `personKey`; no entry = nobody has the name, or it is not shown. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly notSeen: readonly Refused[];
}
