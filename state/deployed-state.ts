import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Problem } from "../gitlab/problem";
import { markedPath } from "../gitlab/token-mark";
import { type Identity, identityOf } from "./identity";
import { ruleInLevels } from "./rule-in-levels";
import { StateError } from "./state-error";

/** A token as the last deploy left it. Its value is not taken out of the state. */
export interface DeployedToken {
  /** GitLab's id; missing when the token could not be finished. */
  readonly id?: number;
  /** Full path of the target project. */
  readonly project?: string;
  /** `YYYY-MM-DD`. */
  readonly expires: string;
  /** The moment it was made or last rotated; undefined where the state does not say. */
  readonly made?: Date;
  /** Revoked when Terraform last looked. */
  readonly revoked: boolean;
  /** Tells whether a variable held its value when Terraform last looked. */
  readonly carried: boolean;
  /** The bot that GitLab made for it. @default - the state does not say */
  readonly bot?: DeployedBot;
}

/** A bot, and what of its token would make another one of it when it changed. */
export interface DeployedBot {
  readonly userId: number;
  readonly project: unknown;
  readonly name: unknown;
  readonly role: unknown;
}

/** A rule of branches or tags as the last deploy left it. */
export interface DeployedRule {
  readonly project: string;
  /** The branch, tag or pattern it is for. */
  readonly branch: string;
  /** Tells whether it is for tags: who may create them stands at `push`. */
  readonly isForTags: boolean;
  /** The number of those whom it lets in by name. */
  readonly listed: number;
  readonly listedToMerge: number;
  readonly listedToUnprotect: number;
  /** Levels as the provider spells them; missing in states of other tools. */
  readonly push?: unknown;
  readonly merge?: unknown;
  readonly unprotect?: unknown;
}

type Attributes = Readonly<Record<string, unknown>>;

/** The part of a Terraform state file (format 4) that is read here. */
interface StateFile {
  readonly version?: number;
  readonly resources?: readonly StateResource[];
  /** OpenTofu's, when it encrypts states. */
  readonly encrypted_data?: unknown;
}

interface StateResource {
  readonly mode?: string;
  readonly module?: string;
  readonly type?: string;
  readonly name?: string;
  readonly instances?: readonly { readonly attributes?: Attributes; readonly deposed?: string }[];
}

const VARIABLES = ["gitlab_project_variable", "gitlab_group_variable"];

/** The place that the text of a state came from, and what gives a good one back when it is broken; for messages. */
export interface StateSource {
  readonly name: string;
  readonly mend: string;
}

/** The last deploy as a Terraform state tells of it: enough to tell what the next one would take away. */
export class DeployedState {
  /** Addresses of all managed resources that exist. */
  readonly addresses: ReadonlySet<string>;
  /** Our tokens by construct path, `stack/pusher/Token` or `…/TokenB`. */
  readonly tokens: ReadonlyMap<string, DeployedToken>;
  private readonly rules: ReadonlyMap<string, DeployedRule>;
  private readonly identities: ReadonlyMap<string, Identity>;
  private readonly owned: ReadonlyMap<Identity, string>;
  /** Construct paths of our tokens by {@link digest} of their values. */
  private readonly byValue: ReadonlyMap<string, string>;
  /** Construct paths of the tokens whose values variables hold. */
  private readonly held: ReadonlyMap<Identity, string>;

  private constructor(
    state: StateFile | undefined,
    /** Tells whether a deploy was ever begun: Terraform makes the file, or the lock, before anything else. */
    readonly begun: boolean,
  ) {
    const { resources = [], encrypted_data: encrypted } = state ?? {};
    this.written = state !== undefined;
    this.encrypted = encrypted !== undefined;
    // A resource that was being made when Terraform was killed is listed without an instance.
    const own = resources.filter(({ mode, module, instances }) => mode === "managed" && !module && instances?.length);
    this.addresses = new Set(own.map(({ type, name }) => `${type}.${name}`));
    const attributesOf = (types: readonly string[]) =>
      own.filter(({ type = "" }) => types.includes(type)).flatMap(current);
    const values = new Set(attributesOf(VARIABLES).map(({ value }) => value));
    const tokens = attributesOf(["gitlab_project_access_token"]);
    this.tokens = new Map(tokens.flatMap((found) => token(found, values)));
    this.byValue = new Map(tokens.flatMap(valued));
    this.held = new Map(own.flatMap((resource) => this.holding(resource)));
    this.rules = new Map(own.flatMap(rule));
    const identities = own.flatMap(identified);
    this.identities = new Map(identities);
    this.owned = new Map(identities.map(([address, identity]) => [identity, address]));
  }

  /** Tells whether the state cannot be looked into, so that all above is empty. */
  readonly encrypted: boolean;
  /** Tells whether Terraform has written a state: one that was only locked, or cut off, is begun and not written. */
  readonly written: boolean;

  /** The state of which nothing is known. */
  static nothing(): DeployedState {
    return new DeployedState(undefined, false);
  }

  /**
   * Reads a state; undefined where there is none, so that nothing has been deployed.
   * @throws StateError when the text is no Terraform state; its message does not hold the text.
   */
  static fromText(text: string | undefined, source: StateSource): DeployedState {
    return new DeployedState(text?.trim() ? parse(text, source) : undefined, text !== undefined);
  }

  /** Reads a state file, or undefined where nothing can be known from it: there is none, it is encrypted, or no state. */
  static known(file: string): DeployedState | undefined {
    try {
      const state = DeployedState.fromText(readFileSync(file, "utf8"), { name: file, mend: "" });
      return state.written && !state.encrypted ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** The construct path of our token with this value. */
  tokenWith(value: string): string | undefined {
    return this.byValue.get(digest(value));
  }

  /** The construct path of our token whose value this variable held when Terraform last looked. */
  tokenIn(variable: Identity): string | undefined {
    return this.held.get(variable);
  }

  private holding(resource: StateResource): [Identity, string][] {
    if (!VARIABLES.includes(resource.type ?? "")) return [];
    return current(resource).flatMap((attributes): [Identity, string][] => {
      const variable = identityOf(resource.type ?? "", attributes);
      const held = typeof attributes.value === "string" ? this.tokenWith(attributes.value) : undefined;
      return variable === undefined || held === undefined ? [] : [[variable, held]];
    });
  }

  /** The address under which the state has what this is in GitLab, or undefined when it does not have it. */
  addressOf(identity: Identity): string | undefined {
    return this.owned.get(identity);
  }

  /** The identity of the thing that the state has at an address. */
  identityAt(address: string): Identity | undefined {
    return this.identities.get(address);
  }

  /** The rule of branches or tags that was deployed at this address. */
  rule(address: string): DeployedRule | undefined {
    return this.rules.get(address);
  }
}

/** The instances that are the resource still: what a replacement left behind, and the next deploy destroys, is not. */
const current = ({ instances = [] }: StateResource): Attributes[] =>
  instances.filter(({ deposed }) => deposed === undefined).map(({ attributes = {} }) => attributes);

/** A token by its construct path; `values` are those of all variables. */
function token(attributes: Attributes, values: ReadonlySet<unknown>): [string, DeployedToken][] {
  const { id, project, description, expires_at: expires, created_at: made, revoked, token: value } = attributes;
  const construct = typeof description === "string" ? markedPath(description) : undefined;
  if (construct === undefined || typeof expires !== "string") return [];
  const found = {
    id: idOf(id),
    project: typeof project === "string" ? project : undefined,
    expires,
    made: instant(made),
    revoked: revoked === true,
    carried: typeof value === "string" && values.has(value),
    bot: bot(attributes),
  };
  return [[construct, found]];
}

function bot({ user_id: userId, project, name, access_level: role }: Attributes): DeployedBot | undefined {
  return typeof userId === "number" ? { userId, project, name, role } : undefined;
}

/** A token's construct path by the digest of its value. */
function valued({ description, token: value }: Attributes): [string, string][] {
  const construct = typeof description === "string" ? markedPath(description) : undefined;
  return construct === undefined || typeof value !== "string" ? [] : [[digest(value), construct]];
}

/** The trace of a value that is kept here: enough to know it again. */
const digest = (value: string): string => createHash("sha256").update(value).digest("base64");

/** The identity of a resource in GitLab, by its address. */
function identified(resource: StateResource): [string, Identity][] {
  const { type = "", name } = resource;
  return current(resource).flatMap((attributes): [string, Identity][] => {
    const { description } = attributes;
    const mark = typeof description === "string" ? markedPath(description) : undefined;
    const identity = identityOf(type, attributes, mark);
    return identity === undefined ? [] : [[`${type}.${name}`, identity]];
  });
}

/** The provider's ids are `<project>:<token id>`. */
function idOf(id: unknown): number | undefined {
  const number = typeof id === "string" ? Number(id.split(":").at(-1)) : 0;
  return number > 0 ? number : undefined;
}

/** The provider keeps Go's spelling, `2026-11-20 05:55:41.123 +0000 UTC`; others may keep GitLab's. */
function instant(text: unknown): Date | undefined {
  const [, day, time, zone] = /^(\d{4}-\d{2}-\d{2})[T ]([\d:.]+?) ?(Z|[+-]\d{2}:?\d{2})/.exec(String(text)) ?? [];
  const date = new Date(`${day}T${time}${zone?.replace(/(\d{2}):?(\d{2})$/, "$1:$2")}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** A rule by its address; nothing for other resources. */
function rule(resource: StateResource): [string, DeployedRule][] {
  const { type } = resource;
  const isForTags = type === "gitlab_tag_protection";
  const attributes = current(resource)[0] ?? {};
  const { project, branch, tag, ...levels } = isForTags ? attributes : ruleInLevels(attributes);
  const name = isForTags ? tag : branch;
  if (!isForTags && type !== "gitlab_branch_protection") return [];
  if (typeof project !== "string" || typeof name !== "string") return [];
  const { merge_access_level: merge, unprotect_access_level: unprotect } = levels;
  const push = isForTags ? levels.create_access_level : levels.push_access_level;
  const list = isForTags ? levels.allowed_to_create : levels.allowed_to_push;
  const lengthOf = (each: unknown): number => (Array.isArray(each) ? each.length : 0);
  const named = {
    listed: lengthOf(list),
    listedToMerge: lengthOf(levels.allowed_to_merge),
    listedToUnprotect: lengthOf(levels.allowed_to_unprotect),
  };
  return [[`${type}.${resource.name}`, { project, branch: name, isForTags, ...named, push, merge, unprotect }]];
}

function parse(text: string, source: StateSource): StateFile {
  const state = objectIn(text);
  if (state?.encrypted_data !== undefined) return state;
  if (state?.version === FORMAT && hasResources(state)) return state;
  // Without the text: a state holds tokens.
  throw new StateError(notAState(state, text, source));
}

/** Tells whether its resources are what Terraform writes, as far as they are looked at here. */
function hasResources({ resources = [] }: StateFile): boolean {
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isList = (value: unknown) => Array.isArray(value) && value.every(isObject);
  return isList(resources) && resources.every(({ instances = [] }) => isList(instances));
}

/** The format of states since Terraform 0.12, OpenTofu's too. */
const FORMAT = 4;

function objectIn(text: string): StateFile | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function notAState(state: StateFile | undefined, text: string, { name, mend }: StateSource): Problem {
  const { version } = state ?? {};
  if (typeof version === "number" && version > FORMAT) {
    return {
      got: `${name}, a state of version ${version}, which a newer Terraform wrote`,
      allowed: `version ${FORMAT}`,
      fix: "use a release of gitlab-ci-pusher that knows it; nothing in the state is broken",
    };
  }
  const isCutOff = state === undefined && text.trimStart().startsWith("{");
  return {
    got: `${name}, which is ${isCutOff ? "cut off: Terraform was killed while it wrote it, or writes it just now" : `no Terraform state (version ${FORMAT})`}`,
    allowed: "what Terraform wrote",
    fix: mend,
  };
}
