/** The kinds of effects, in our words. */
export type EffectKind =
  | "created"
  /** GitLab has it already: a deploy would fail on it. */
  | "exists"
  | "rotated"
  | "switched"
  | "opened"
  | "closed"
  | "changed"
  | "replaced"
  | "adopted"
  | "destroyed"
  | "forgotten";

/** One thing a deploy does. */
export interface Effect {
  readonly stack: string;
  /** The pusher's id, or the resource's name where no pusher has it; null for the stack as a whole. */
  readonly pusher: string | null;
  readonly kind: EffectKind;
  /** The thing that it happens to, with Markdown's code spans. Never a secret. */
  readonly what: string;
  /** A reason why people should look twice. @default - no reason */
  readonly danger?: string;
  /** Tells whether a deploy fails on it, now and again. @default - not that anybody knows */
  readonly fails?: boolean;
}

export type Found = Pick<Effect, "kind" | "what" | "danger" | "fails">;
