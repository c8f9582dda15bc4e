import type { AccessLevel } from "./access-level";

/**
 * The choices of a protected-tag rule: what an inventory says, a pusher hands on and the resource is made from.
 * @typeParam Who what those are known by whom the rule lets in by name
 */
export interface TagOptions<Who> {
  /** Those who may create such tags: a role and every higher one, `no one`, or `bot`: nobody but the bots of the pusher (Premium). */
  readonly create: AccessLevel | "bot";
  /** Those whom the rule lets create such tags by name, beside the level; no deploy keys (Premium). @default - nobody */
  readonly allowedToCreate?: readonly Who[];
  /**
   * A second rule that closes the tags while GitLab's provider has this one taken away, which it does at every change.
   * @default true
   */
  readonly guard?: boolean;
}
