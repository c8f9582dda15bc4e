import type { CiVariable } from "../../gitlab/variable-exposure";

/** GitLab's own prefix of access tokens that can push; alone, in an address, or in a file. */
const TOKEN = /glpat-[\w.-]{16,}/g;

/** A value that is one word and could be a token of an instance with a prefix of its own. */
const WORD = /^[\w.-]{20,}$/;

/** Keys that people give to tokens that push. */
const NAMED =
  /(?:^|_)(?:GITLAB|GL|GIT|GITOPS|PUSH|PUSHER|REPO|REPOSITORY|BOT|RELEASE)_(?:\w+_)?(?:TOKEN|PAT|PASSWORD|SECRET)$|^(?:TOKEN|PAT)$/i;
const DESCRIBED = /\bpush|(?:project|group|personal) access token/i;

/** A part of a variable that may be a token that pushes. Values stay in memory, and are asked about at most. */
export type Suspicion =
  /** It has the form of a token. */
  | { readonly by: "value"; readonly values: readonly string[] }
  /** The key, the description or a job tells; the value has no form that would. */
  | { readonly by: "name"; readonly value: string | undefined };

/**
 * The reason to look at a variable; undefined: nothing points to a token that pushes. What only may be one is asked about where its name says so,
 * so that no secret of another system is sent.
 * @param pushKeys keys that jobs push with
 */
export function suspicionOf(
  { key, value, description }: CiVariable,
  pushKeys: ReadonlySet<string>,
): Suspicion | undefined {
  const found = [...new Set(value?.match(TOKEN) ?? [])];
  if (found.length > 0) return { by: "value", values: found };
  const isNamed = pushKeys.has(key) || NAMED.test(key) || DESCRIBED.test(description ?? "");
  if (!isNamed || value === "") return undefined;
  if (value === null || value === undefined) return { by: "name", value: undefined };
  return WORD.test(value) ? { by: "name", value } : undefined;
}
