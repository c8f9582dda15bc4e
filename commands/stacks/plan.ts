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
}

/** Whether anything happens to the resource, in GitLab or in the state. */
export const happens = ({ actions, importing, previousAddress }: Change): boolean =>
  importing !== undefined ||
  previousAddress !== undefined ||
  !actions.every((action) => action === "no-op" || action === "read");

export const isEmpty = ({ changes, outputs }: Plan): boolean =>
  !changes.some(happens) && Object.keys(outputs).length === 0;

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
    readonly importing?: { readonly id?: string };
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
  readonly configuration?: {
    readonly provider_config?: unknown;
    readonly root_module?: ModuleJson;
  };
}

/**
 * The plan in what `terraform show -json` printed. Secrets are left behind here, before anything else looks at it.
 * @throws Error when the text is no plan; without the text, which holds tokens
 */
export function planOf(stack: string, json: string): Plan {
  const parsed = parse(stack, json);
  const { provider_config: providers, root_module: root } = parsed.configuration ?? {};
  const configured = new Map(configuredIn(root));
  const outputs = Object.entries(parsed.output_changes ?? {}).filter(([, { actions }]) => actions.join() !== "no-op");
  return {
    stack,
    changes: (parsed.resource_changes ?? []).map((each) =>
      changeOf(each, configured.get(each.address.replace(INSTANCE, "")) ?? { given: [] }),
    ),
    outputs: Object.fromEntries(outputs.map(([name, { actions }]) => [name, actions])),
    providers: visible(providers),
  };
}

function parse(stack: string, json: string): PlanJson {
  try {
    const parsed = JSON.parse(json) as PlanJson & { readonly format_version?: unknown };
    if (typeof parsed.format_version === "string") return parsed;
  } catch {
    // Said below.
  }
  throw new Error(`got no plan of ${stack} from terraform show -json; allowed: Terraform 1.7 or later, OpenTofu 1.10`);
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
    importing: change.importing ? (change.importing.id ?? "an id known after the apply") : undefined,
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

/** Names alone: the constants beside them may be secret. */
function referencesIn(expression: unknown): string[] {
  if (!isObject(expression)) return [];
  if (Array.isArray(expression.references)) return expression.references.map(String);
  return Object.values(expression).flatMap(referencesIn);
}
