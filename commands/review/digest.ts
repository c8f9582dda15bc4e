import { createHash } from "node:crypto";
import { isDeletionProtection } from "../stacks/foreign";
import { type Attributes, type Change, happens, isEmpty, type Plan } from "../stacks/plan";

/** Resources whose lists are sets, and whose attributes are partly GitLab's. */
const NORMALIZED = /^gitlab_(project_access_token|project_variable|group_variable|branch_protection)$/;

/** Attributes of these that GitLab decides: they may differ between two plans of the same change, and say nothing of what is done. */
const GIVEN_BY_GITLAB = new Set([
  "id",
  "user_id",
  "branch_protection_id",
  "created_at",
  "last_used_at",
  "active",
  "revoked",
]);

/**
 * SHA-256, in hexadecimal, over all that the plans would do: the same for each plan of the same change, another one for any other
 * change, or another GitLab. Stacks that stay as they are do not count, so the digest of a fleet's plans is that of the changed ones. It holds no secret,
 * and nothing that is known after the apply only.
 *
 * @param gone names of stacks that the app no longer has, although their states have something; @default - none
 */
export function digestOf(plans: readonly Plan[], gone: readonly string[] = []): string {
  const acting = plans.filter((plan) => !isEmpty(plan)).sort((a, b) => compare(a.stack, b.stack));
  return createHash("sha256")
    .update(
      JSON.stringify([
        ...acting.map(canonicalPlan),
        ...[...gone].sort(compare).map((stack) => ({ stack, gone: true })),
      ]),
    )
    .digest("hex");
}

/** The parts that are the same in every plan that is deployed stay in the text, so that the digests of earlier releases stay what they are. */
const canonicalPlan = ({ stack, changes, foreign, providers, surroundings, gitlab }: Plan): unknown => ({
  stack,
  gitlab,
  changes: changes
    .filter(happens)
    .map(canonicalChange)
    .map((change) => JSON.stringify(change))
    .sort(compare),
  outputs: {},
  providers: ordered(providers),
  invocations: [],
  surroundings: ordered(surroundings),
  // Nothing of the kind is deployed, so that its digest need not tell more.
  ...(foreign.length > 0 ? { foreign: foreign.map(ordered) } : {}),
});

function canonicalChange(change: Change): unknown {
  const [before, after] = difference(change);
  return ordered({
    address: change.address,
    type: change.type,
    actions: change.actions,
    deposed: change.deposed,
    importing: change.importing,
    previousAddress: change.previousAddress,
    before,
    after,
    references: change.references,
    given: [],
    provider: isDeletionProtection(change) ? "terraform" : "gitlab",
    ...change.configured,
  });
}

/** The attributes that change, from and to; of a resource that comes or goes, all of them. */
function difference({ type, before, after, unknown, actions }: Change): [Attributes | null, Attributes | null] {
  const isReplaced = actions.includes("create") && actions.includes("delete");
  const counts = (key: string): boolean => {
    if ((isNormalized && GIVEN_BY_GITLAB.has(key)) || unknown.has(key)) return false;
    return !before || !after || isReplaced || textOf(before[key]) !== textOf(after[key]);
  };
  const isNormalized = NORMALIZED.test(type);
  const normal = isNormalized ? asSet : ordered;
  const textOf = (value: unknown): string => JSON.stringify(ordered(normal(value ?? null)));
  const only = (attributes: Attributes): Attributes =>
    Object.fromEntries(
      Object.entries(attributes)
        .filter(([key, value]) => counts(key) && value !== null)
        .map(([key, value]) => [key, normal(value)]),
    );
  return [before && only(before), after && only(after)];
}

/** Lists of our resources (scopes, people of a rule) are sets: their order is nobody's decision. */
const asSet = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(ordered).sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b))) : value;

/** The same value with the keys of its objects in order. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => compare(a, b));
  return Object.fromEntries(entries.map(([key, each]) => [key, ordered(each)]));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
