import * as path from "node:path";
import type { InventoryFile } from "../../../inventory/load";
import type { Attributes } from "../../stacks/plan";
import { code } from "../effects/change-in-words";

/** Something that a deploy would make, and GitLab has already. */
export interface InTheWay {
  readonly stack: string;
  readonly pusher: string | null;
  /** The attributes that are declared. */
  readonly after: Attributes;
  /** The rule is there for another one's sake. @default - it is not */
  readonly guarded?: Attributes;
  /** Tells whether all that the pusher makes of this kind is there already, so that it can be adopted in one go. */
  readonly whole: boolean;
}

/** The cure: the line to add, with its place in the inventory where that has it. */
export function wayOut(found: InTheWay, inventory: readonly InventoryFile[]): string {
  const pusher = pusherIn(found, inventory);
  return found.after.branch === undefined ? forVariable(found, pusher) : forRule(found, pusher);
}

/** The inventory of a project; nothing where its stacks are declared otherwise. Its packages are loaded when it is asked for. */
export function inventoryOf(project: string): InventoryFile[] {
  const { InventoryError, loadInventory } =
    require("../../../inventory/load") as typeof import("../../../inventory/load");
  try {
    return loadInventory(path.relative("", path.join(project, "pushers")));
  } catch (error) {
    if (error instanceof InventoryError) return [];
    throw error;
  }
}

interface Written {
  readonly file: InventoryFile;
  readonly id: string;
}

/** Tokens and variables bear the id that their pusher had first. */
function pusherIn({ stack, pusher }: InTheWay, inventory: readonly InventoryFile[]): Written | undefined {
  const file = inventory.find((each) => each.stack === stack);
  const pushers = Object.entries(file?.content.pushers ?? {});
  const [id] = pushers.find(([own]) => own === pusher) ?? pushers.find(([, { was }]) => was === pusher) ?? [];
  return file && id !== undefined ? { file, id } : undefined;
}

function forRule({ after, guarded }: InTheWay, pusher: Written | undefined): string {
  const branch = String((guarded ?? after).branch);
  const setting = guarded ? "guard: false" : pusher ? "import: true" : "adopt: true";
  const place = pusher ? rulePlace(pusher, branch) : `at the rule for ${code(branch)}`;
  if (guarded) return `add ${code(setting)} ${place}: what stands there does what it did`;
  const rules = pusher?.file.content.pushers[pusher.id]?.branches ?? [];
  const isGuarded = [...rules].find(([{ text }]) => text === branch)?.[1].guard !== false;
  return `import it: add ${code(setting)} ${place}${isGuarded ? ", for two deploys: the first makes the guard" : ""}`;
}

/** A rule of `defaults` is for every pusher: one that is adopted is written at its pusher. */
function rulePlace({ file, id }: Written, branch: string): string {
  const place = file.locate(["pushers", id, "branches", branch]);
  const isShared = file.content.defaults?.branches && place === file.locate(["defaults", "branches", branch]);
  return isShared
    ? `to a rule ${code(branch)} of ${code(id)}'s own, under ${file.locate(["pushers", id])}, as that of defaults else`
    : `to the rule at ${place}`;
}

function forVariable({ after, whole }: InTheWay, pusher: Written | undefined): string {
  // GitLab hides what is new, and nothing else.
  if (after.hidden === true) return "delete it in GitLab once no job needs it: a hidden variable cannot be adopted";
  const home = code(after.project ?? after.group);
  const alone = whole
    ? ""
    : `, and let ${home} stand alone in ${code("in")} for that deploy: the others are not there yet`;
  if (!pusher) return `import it: add ${code("adopt: true")} at the variable${alone}`;
  const { file, id } = pusher;
  const own = file.locate(["pushers", id, "variable"]);
  const isOwn = own !== file.locate(["pushers", id]) && own !== file.locate(["defaults", "variable"]);
  return isOwn
    ? `import it: add ${code("import: true")} to the variable at ${own}${alone}`
    : `import it: add ${code("variable: { import: true }")} to the pusher at ${file.locate(["pushers", id])}${alone}`;
}
