import { ruleInLevels } from "../../state/rule-in-levels";
import { CommandError } from "../exit-code";
import { asForeign, type Foreign } from "./foreign";

/**
 * A change, or none, of a token, a variable, a rule or the deletion protection of a stack: one entry of a plan's `resource_changes`, without
 * anything that is or may be secret.
 */
export interface Change {
  /** Its type, a dot, and the name that the configuration has for it. */
  readonly address: string;
  readonly type: string;
  /** Terraform's: `["no-op"]`, `["update"]`, `["delete", "create"]`, `["forget"]`, … */
  readonly actions: readonly string[];
  /** Null when there was, or will be, nothing. */
  readonly before: Attributes | null;
  readonly after: Attributes | null;
  /** Names of the attributes that are known after the apply only, `value` and `token` among them. */
  readonly unknown: ReadonlySet<string>;
  /** The id that it is imported by. @default - it is not */
  readonly importing?: string;
  readonly previousAddress?: string;
  /** True of what an earlier replacement left, which is not the resource itself. */
  readonly deposed: boolean;
  /** The attributes that force a replacement. */
  readonly replacedFor: readonly string[];
  /** Addresses that the configuration takes an attribute from, by attribute. */
  readonly references: Readonly<Record<string, readonly string[]>>;
  /** The rest that the configuration says of it: for the digest alone, which tells two configurations apart. */
  readonly configured: Configured;
}

/** The parts of a resource's configuration that no attribute shows. */
export interface Configured {
  /** Addresses that are to be done before it. */
  readonly dependsOn: readonly string[];
  /** Commands that Terraform runs beside the change: deletion protection fails a destroy by one. */
  readonly provisioners: unknown;
  /** As it is synthesized, where something in it is known after the apply only. @default - all is known */
  readonly declared?: unknown;
}

/** The name that the configuration has for a resource. */
export const nameIn = ({ address, type }: Pick<Change, "address" | "type">): string => address.slice(type.length + 1);

export type Attributes = Readonly<Record<string, unknown>>;

/** Terraform's plan of one stack. */
export interface Plan {
  readonly stack: string;
  /** The resources that this tool reviews, those that stay as they are too. */
  readonly changes: readonly Change[];
  /** All else that happens: with any of it a plan is not deployed here. */
  readonly foreign: readonly Foreign[];
  /** The configuration of the providers. */
  readonly providers: unknown;
  /** The synthesized sources of the changes' values: data sources, locals, modules, outputs, providers. */
  readonly surroundings: unknown;
  /** Address of the GitLab that it is for. @default - not known */
  readonly gitlab?: string;
}

/** Facts that Terraform's plan does not tell. */
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

/** Tells whether anything happens to a resource, in GitLab or in the state. */
export const happens = ({
  actions,
  importing,
  previousAddress,
}: Pick<Change, "actions" | "importing" | "previousAddress">): boolean =>
  importing !== undefined ||
  previousAddress !== undefined ||
  !actions.every((action) => action === "no-op" || action === "read");

export const isEmpty = ({ changes, foreign }: Plan): boolean => !changes.some(happens) && foreign.length === 0;

/** The plan of a stack that stays as it is, of which nothing is to be told. */
export const emptyPlan = (stack: string): Plan => ({
  stack,
  changes: [],
  foreign: [],
  providers: undefined,
  surroundings: undefined,
});

/** Names of attributes that are never looked at, wherever they stand: values of tokens and variables, also where no schema calls them sensitive. */
const SECRET = new Set(["token", "value"]);

interface ChangeJson {
  readonly mode?: string;
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

interface PlanJson {
  readonly resource_changes?: readonly ChangeJson[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
  readonly action_invocations?: readonly { readonly address?: string }[];
  readonly configuration?: {
    readonly provider_config?: unknown;
    readonly root_module?: { readonly resources?: readonly ResourceJson[] };
  };
}

/**
 * The plan in what `terraform show -json` printed. Secrets are left behind here, before anything else looks at it.
 * @throws CommandError when the text is no plan; without the text, which holds tokens
 */
export function planOf(stack: string, json: string, { configuration = {}, gitlab }: PlanSource = {}): Plan {
  const parsed = parse(stack, json);
  const { provider_config: providers, root_module: root } = parsed.configuration ?? {};
  const configured = new Map((root?.resources ?? []).map((each) => [each.address, each]));
  const resources = (parsed.resource_changes ?? []).map((each) => {
    const { provisioners, provider_config_key: provider } = configured.get(each.address) ?? {};
    return { each, foreign: asForeign({ ...each, actions: each.change.actions, provisioners, provider }) };
  });
  return {
    stack,
    changes: resources
      .filter(({ each, foreign }) => foreign === undefined && each.mode !== "data")
      .map(({ each }) => {
        const synthesized = isMarked(each.change.after_unknown)
          ? declared(configuration.resource?.[each.type]?.[each.name])
          : undefined;
        return inLevels(changeOf(each, configured.get(each.address), synthesized));
      }),
    foreign: [
      ...resources.flatMap(({ each, foreign }) => (foreign && isDone(each) ? [foreign] : [])),
      ...Object.entries(parsed.output_changes ?? {}).flatMap(([address, { actions }]): Foreign[] =>
        actions.join() === "no-op" ? [] : [{ what: "output", address, actions }],
      ),
      ...(parsed.action_invocations ?? []).map(
        ({ address }): Foreign => ({ what: "action", address: address ?? "without a name", actions: ["invoke"] }),
      ),
    ],
    providers: visible(providers),
    surroundings: declared(
      Object.fromEntries(SURROUNDINGS.flatMap((part) => (part in configuration ? [[part, configuration[part]]] : []))),
    ),
    gitlab,
  };
}

/** Tells whether anything happens to something foreign: whatever a data source reads at an apply nobody has seen in the plan. */
const isDone = ({ mode, previous_address: previousAddress, change }: ChangeJson): boolean =>
  mode === "data" ||
  happens({ actions: change.actions, importing: change.importing && importedBy(change.importing), previousAddress });

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
    fix: "look at the one that `npx gitlab-ci-pusher terraform` prints: at its version, and whether it is a wrapper with lines of its own",
  });
}

function changeOf(
  { change, ...resource }: ChangeJson,
  configured: Partial<ResourceJson> = {},
  synthesized: unknown,
): Change {
  return {
    address: resource.address,
    type: resource.type,
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
    configured: {
      dependsOn: [...(configured.depends_on ?? [])].sort(),
      provisioners: visible(configured.provisioners),
      declared: synthesized,
    },
  };
}

/** Rules of branches in one spelling, whatever provider they are for. */
function inLevels(change: Change): Change {
  if (change.type !== "gitlab_branch_protection") return change;
  const [before, after] = [change.before, change.after].map(
    (side) => side && ruleInLevels(side),
  ) as (Attributes | null)[];
  const unknown = new Set([...change.unknown].filter((key) => after?.[key] === undefined));
  return { ...change, before: before ?? null, after: after ?? null, unknown };
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

/** The expressions between `${` and `}`, without texts: those may be secret. */
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

/** Tells whether anything in it is marked. */
const isMarked = (marks: unknown): boolean =>
  marks === true || (isObject(marks) && Object.values(marks).some(isMarked));

/** Names alone: the constants beside them may be secret. */
function referencesIn(expression: unknown): string[] {
  if (!isObject(expression)) return [];
  if (Array.isArray(expression.references)) return expression.references.map(String);
  return Object.values(expression).flatMap(referencesIn);
}
