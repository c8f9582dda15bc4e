import { CommandError } from "../exit-code";

/** One entry of a plan's `resource_changes`, without anything that is or may be secret. */
export interface Change {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  /** Terraform's: `["no-op"]`, `["update"]`, `["delete", "create"]`, `["forget"]`, … */
  readonly actions: readonly string[];
  /** Null when there was, or will be, nothing. */
  readonly before: Attributes | null;
  readonly after: Attributes | null;
  /** Names of the attributes that are known after the apply only, `value` and `token` among them. */
  readonly unknown: ReadonlySet<string>;
  /** What the import is by. */
  readonly importing?: string;
  readonly previousAddress?: string;
  /** What is left of an earlier replacement, and not the resource itself. */
  readonly deposed: boolean;
  /** The attributes that force a replacement. */
  readonly replacedFor: readonly string[];
  /** What the configuration takes an attribute from, by attribute. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  /** What the modules around it are given, from the outermost in. */
  readonly given: readonly (readonly string[])[];
  /** Which of the stack's provider configurations it is made with. */
  readonly provider?: string;
  /** What the configuration has done before it. */
  readonly dependsOn: readonly string[];
  /** Commands the configuration has run beside the change. */
  readonly provisioners: unknown;
  /** As it is synthesized, where something in it is known after the apply only. @default - all is known */
  readonly declared?: unknown;
}

export type Attributes = Readonly<Record<string, unknown>>;

/** What Terraform would do to one stack. */
export interface Plan {
  readonly stack: string;
  /** All resources, those that stay as they are too. */
  readonly changes: readonly Change[];
  /** Names and actions of outputs that change. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  /** How the providers are configured. */
  readonly providers: unknown;
  /** Terraform's actions (1.14) that are run beside the changes. */
  readonly invocations: readonly { readonly address?: string }[];
  /** What the changes may take values from, as it is synthesized: data sources, locals, modules, outputs, providers. */
  readonly surroundings: unknown;
  /** Address of the GitLab that it is for. @default - not known */
  readonly gitlab?: string;
}

/** What Terraform's plan does not tell. */
export interface PlanSource {
  /** The stack as it is synthesized. @default - not known */
  readonly configuration?: SynthesizedConfiguration;
  /** Address of the GitLab that it is for. @default - not known */
  readonly gitlab?: string;
}

/** The parts of a `cdk.tf.json` that are read here. */
export interface SynthesizedConfiguration {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly [part: string]: unknown;
}

/** Whether anything happens to the resource, in GitLab or in the state. */
export const happens = ({ actions, importing, previousAddress }: Change): boolean =>
  importing !== undefined ||
  previousAddress !== undefined ||
  !actions.every((action) => action === "no-op" || action === "read");

export const isEmpty = ({ changes, outputs, invocations }: Plan): boolean =>
  !changes.some(happens) && Object.keys(outputs).length === 0 && invocations.length === 0;

/** What is never looked at, wherever it stands: values of tokens and variables, also where no schema calls them sensitive. */
const SECRET = new Set(["token", "value"]);

interface ChangeJson {
  readonly address: string;
  readonly previous_address?: string;
  readonly type: string;
  readonly name: string;
  readonly deposed?: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before?: unknown;
    readonly after?: unknown;
    readonly after_unknown?: unknown;
    readonly before_sensitive?: unknown;
    readonly after_sensitive?: unknown;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
    readonly importing?: { readonly id?: string; readonly identity?: unknown };
  };
}

interface ResourceJson {
  readonly address: string;
  readonly expressions?: Record<string, unknown>;
  readonly provisioners?: unknown;
  readonly provider_config_key?: string;
  readonly depends_on?: readonly string[];
}

interface ModuleJson {
  readonly resources?: readonly ResourceJson[];
  readonly module_calls?: Readonly<Record<string, { readonly module?: ModuleJson; readonly expressions?: unknown }>>;
}

/** A resource of the configuration, and what the modules around it are given. */
interface Configured extends Partial<ResourceJson> {
  readonly given: readonly (readonly string[])[];
}

interface PlanJson {
  readonly resource_changes?: readonly ChangeJson[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
  readonly action_invocations?: readonly { readonly address?: string }[];
  readonly configuration?: {
    readonly provider_config?: unknown;
    readonly root_module?: ModuleJson;
  };
}

/**
 * The plan in what `terraform show -json` printed. Secrets are left behind here, before anything else looks at it.
 * @throws CommandError when the text is no plan; without the text, which holds tokens
 */
export function planOf(stack: string, json: string, { configuration = {}, gitlab }: PlanSource = {}): Plan {
  const parsed = parse(stack, json);
  const { provider_config: providers, root_module: root } = parsed.configuration ?? {};
  const configured = new Map(configuredIn(root));
  const outputs = Object.entries(parsed.output_changes ?? {}).filter(([, { actions }]) => actions.join() !== "no-op");
  return {
    stack,
    changes: (parsed.resource_changes ?? []).map((each) => {
      const change = changeOf(each, configured.get(each.address.replace(INSTANCE, "")) ?? { given: [] });
      if (!isMarked(each.change.after_unknown)) return change;
      return { ...change, declared: declared(configuration.resource?.[change.type]?.[change.name]) };
    }),
    outputs: Object.fromEntries(outputs.map(([name, { actions }]) => [name, actions])),
    providers: visible(providers),
    invocations: visible(parsed.action_invocations ?? []) as Plan["invocations"],
    surroundings: declared(
      Object.fromEntries(SURROUNDINGS.flatMap((part) => (part in configuration ? [[part, configuration[part]]] : []))),
    ),
    gitlab,
  };
}

const SURROUNDINGS = ["data", "locals", "module", "output", "provider"];

function parse(stack: string, json: string): PlanJson {
  try {
    const parsed = JSON.parse(json) as PlanJson & { readonly format_version?: unknown };
    if (typeof parsed.format_version === "string") return parsed;
  } catch {
    // Said below.
  }
  throw new CommandError({
    got: `no plan of ${stack} from show -json`,
    allowed: "Terraform 1.7 or later, OpenTofu 1.10",
    fix: "look at the version of the one that `npx gitlab-ci-pusher terraform` prints",
  });
}

/** The key of one of several instances in an address: `[0]`, `["a"]`. The configuration has them once. */
const INSTANCE = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g;

/** The resources of a configuration by their address in it, those of its modules too. */
function configuredIn(
  { resources = [], module_calls: calls = {} }: ModuleJson = {},
  place = "",
  given: Configured["given"] = [],
): [string, Configured][] {
  const own = resources.map((each): [string, Configured] => [`${place}${each.address}`, { ...each, given }]);
  const called = Object.entries(calls).flatMap(([name, { module, expressions }]) =>
    configuredIn(module, `${place}module.${name}.`, [...given, referencesIn(expressions)]),
  );
  return [...own, ...called];
}

function changeOf({ change, ...resource }: ChangeJson, configured: Configured): Change {
  const { address, type, name } = resource;
  return {
    address,
    type,
    name,
    actions: change.actions,
    before: visible(change.before ?? null, change.before_sensitive) as Attributes | null,
    after: visible(change.after ?? null, change.after_sensitive) as Attributes | null,
    unknown: new Set(keysOf(change.after_unknown, (mark) => mark === true)),
    importing: change.importing && importedBy(change.importing),
    previousAddress: resource.previous_address,
    deposed: resource.deposed !== undefined,
    replacedFor: (change.replace_paths ?? []).map((steps) => steps.join(".")),
    references: Object.fromEntries(
      Object.entries(configured.expressions ?? {}).flatMap(([key, expression]) => {
        const found = [...new Set(referencesIn(expression))].sort();
        return found.length > 0 ? [[key, found]] : [];
      }),
    ),
    given: configured.given,
    provider: configured.provider_config_key,
    dependsOn: [...(configured.depends_on ?? [])].sort(),
    provisioners: visible(configured.provisioners),
  };
}

const importedBy = ({ id, identity }: NonNullable<ChangeJson["change"]["importing"]>): string =>
  id ?? (identity === undefined ? "an id known after the apply" : JSON.stringify(identity));

/** Synthesized text without cdktf's notes, and of what is secret by its name the references alone. */
function declared(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(declared);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => key !== "//");
  return Object.fromEntries(kept.map(([key, each]) => [key, SECRET.has(key) ? expressionsIn(each) : declared(each)]));
}

/** What is between `${` and `}`, without texts: those may be secret. */
const expressionsIn = (value: unknown): string[] =>
  (JSON.stringify(value)?.match(/\$\{[^}]*\}/g) ?? []).map((found) => found.replace(/\\?"[^"]*"/g, '""'));

/** A value without what is secret by its name or by a mark at the same place. */
function visible(value: unknown, marks?: unknown): unknown {
  if (marks === true) return undefined;
  if (Array.isArray(value)) return value.map((each, i) => visible(each, at(marks, i)));
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !SECRET.has(key) && at(marks, key) !== true);
  return Object.fromEntries(kept.map(([key, each]) => [key, visible(each, at(marks, key))]));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const at = (marks: unknown, key: string | number): unknown =>
  isObject(marks) ? (marks as Record<string | number, unknown>)[key] : undefined;

const keysOf = (value: unknown, test: (each: unknown) => boolean): string[] =>
  isObject(value) ? Object.keys(value).filter((key) => test(value[key])) : [];

/** Whether anything in it is marked. */
const isMarked = (marks: unknown): boolean =>
  marks === true || (isObject(marks) && Object.values(marks).some(isMarked));

/** Names alone: the constants beside them may be secret. */
function referencesIn(expression: unknown): string[] {
  if (!isObject(expression)) return [];
  if (Array.isArray(expression.references)) return expression.references.map(String);
  return Object.values(expression).flatMap(referencesIn);
}
