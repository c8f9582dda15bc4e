import { samePath } from "../../../gitlab/project-path";
import { markedPath } from "../../../gitlab/token-mark";
import type { InventoryFile } from "../../../inventory/load";
import type { Attributes, Plan } from "../../stacks/plan";
import type { SynthesizedStack } from "../../stacks/synthesis";
import { entries, RULE, TAG_RULE } from "../effects/rule-effects";
import { TOKEN } from "../effects/token-effects";

/** Everything that the stacks of a project declare in targets. Paths are the same whatever their case. */
export interface Declared {
  /** Full paths of the targets of the stacks that were planned. */
  readonly targets: readonly string[];
  /** Those of all stacks, as {@link samePath}. */
  readonly allTargets: ReadonlySet<string>;
  /** {@link thingKey} rules by their names, tokens by their marks, and deploy keys that a rule lets in by their numbers. */
  readonly things: ReadonlySet<string>;
  /** Users of the tokens that the planned stacks' states have, by the tokens' marks: a description alone is anybody's. */
  readonly bots: ReadonlyMap<string, ReadonlySet<unknown>>;
}

export type DeclaredKind = "branch rule" | "tag rule" | "token" | "deploy key";

export const thingKey = (kind: DeclaredKind, project: string, name: string | number): string =>
  JSON.stringify([kind, samePath(project), String(name)]);

/** The declarations of all stacks, those that are not planned too; and of the inventory rules that wait for the next deploy. */
export function declaredBy(
  stacks: readonly Pick<SynthesizedStack, "configuration">[],
  plans: readonly Plan[],
  inventory: readonly InventoryFile[],
): Declared {
  const all = stacks.flatMap(({ configuration }) => resourcesIn(configuration));
  const planned = plans.flatMap(({ changes }) => changes.filter(({ type }) => TYPES.has(type)));
  const targets = planned.flatMap(({ after }) => (typeof after?.project === "string" ? [after.project] : []));
  return {
    targets: [...new Map(targets.map((path) => [samePath(path), path])).values()],
    allTargets: new Set(all.map(([, { project }]) => samePath(String(project)))),
    things: new Set([...all.flatMap(thingsOf), ...inventory.flatMap(written)]),
    bots: botsOf(planned.filter(({ type }) => type === TOKEN).map(({ before, after }) => [before, after])),
  };
}

const TYPES: ReadonlySet<string> = new Set([RULE, TAG_RULE, TOKEN]);

type Resource = readonly [type: string, attributes: Attributes];

/** The rules and tokens of a stack as it is synthesized. */
function resourcesIn(configuration: string): Resource[] {
  const [{ resource = {} }] = JSON.parse(configuration) as [{ resource?: Record<string, Record<string, Attributes>> }];
  return [...TYPES].flatMap((type) => Object.values(resource[type] ?? {}).map((each): Resource => [type, each]));
}

function thingsOf([type, attributes]: Resource): string[] {
  const project = String(attributes.project);
  if (type === TAG_RULE) return [thingKey("tag rule", project, String(attributes.tag))];
  if (type === RULE) {
    const keys = entries(attributes, "allowed_to_push").flatMap(({ deploy_key_id: id }) => (id ? [Number(id)] : []));
    return [
      thingKey("branch rule", project, String(attributes.branch)),
      ...keys.map((id) => thingKey("deploy key", project, id)),
    ];
  }
  const mark = markedPath(attributes.description as string | undefined);
  return mark === undefined ? [] : [thingKey("token", project, mark)];
}

const written = ({ content }: InventoryFile): string[] =>
  Object.values(content.pushers).flatMap(({ target, branches, tags }) => [
    ...Object.keys(branches).map((name) => thingKey("branch rule", target, name)),
    ...Object.keys(tags).map((name) => thingKey("tag rule", target, name)),
  ]);

function botsOf(tokens: readonly (readonly (Attributes | null)[])[]): Map<string, Set<unknown>> {
  const bots = new Map<string, Set<unknown>>();
  for (const [before, after] of tokens) {
    const mark = markedPath((after ?? before)?.description as string | undefined);
    if (mark !== undefined) bots.set(mark, new Set([...(bots.get(mark) ?? []), before?.user_id]));
  }
  return bots;
}
