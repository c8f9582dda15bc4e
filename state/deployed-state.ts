import { existsSync, readFileSync } from "node:fs";
import { describe } from "../gitlab/problem";
import { markedPath } from "../gitlab/token-mark";
import { StateError } from "./state-error";

/** A token as the last deploy left it. Its value is not taken out of the state. */
export interface DeployedToken {
  /** GitLab's id; missing when the token could not be finished. */
  readonly id?: number;
  /** `YYYY-MM-DD`. */
  readonly expires: string;
  /** When it was made or last rotated; undefined where the state does not say. */
  readonly made?: Date;
  /** Revoked when Terraform last looked. */
  readonly revoked: boolean;
  /** Whether a variable held its value when Terraform last looked. */
  readonly carried: boolean;
}

/** A branch rule as the last deploy left it. */
export interface DeployedRule {
  readonly project: string;
  readonly branch: string;
  /** Levels as the provider spells them; missing in states of other tools. */
  readonly push?: unknown;
  readonly merge?: unknown;
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

/** Where the text of a state came from, and how to get a good one back when it is none; for messages. */
export interface StateSource {
  readonly name: string;
  readonly fix: string;
}

/** What a Terraform state says of the last deploy: enough to tell what the next one would take away. */
export class DeployedState {
  /** Addresses of all managed resources that exist. */
  readonly addresses: ReadonlySet<string>;
  /** Our tokens by construct path, `stack/pusher/Token` or `…/TokenB`. */
  readonly tokens: ReadonlyMap<string, DeployedToken>;
  private readonly rules: ReadonlyMap<string, DeployedRule>;

  private constructor(
    state: StateFile | undefined,
    /** Whether a deploy was ever begun: Terraform makes the file, or the lock, before anything else. */
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
    this.tokens = new Map(attributesOf(["gitlab_project_access_token"]).flatMap((found) => token(found, values)));
    this.rules = new Map(own.flatMap(rule));
  }

  /** Whether the state cannot be looked into, so that all above is empty. */
  readonly encrypted: boolean;
  /** Whether Terraform has written a state: one that was only locked, or cut off, is begun and not written. */
  readonly written: boolean;

  /** What is known without a look. */
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

  /**
   * Reads a state file; without one nothing has been deployed.
   * @throws StateError when the file is no Terraform state.
   */
  static read(file: string): DeployedState {
    const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    return DeployedState.fromText(text, { name: file, fix: `restore it from ${file}.backup` });
  }

  /** Reads a state file, or undefined where nothing can be known from it: there is none, it is encrypted, or no state. */
  static known(file: string): DeployedState | undefined {
    try {
      const state = DeployedState.read(file);
      return state.written && !state.encrypted ? state : undefined;
    } catch {
      return undefined;
    }
  }

  /** The branch rule that was deployed at this address. */
  rule(address: string): DeployedRule | undefined {
    return this.rules.get(address);
  }
}

/** What a replacement left behind, and the next deploy destroys, is not the resource any more. */
const current = ({ instances = [] }: StateResource): Attributes[] =>
  instances.filter(({ deposed }) => deposed === undefined).map(({ attributes = {} }) => attributes);

/** A token by its construct path; `values` are those of all variables. */
function token(attributes: Attributes, values: ReadonlySet<unknown>): [string, DeployedToken][] {
  const { id, description, expires_at: expires, created_at: made, revoked, token: value } = attributes;
  const construct = typeof description === "string" ? markedPath(description) : undefined;
  if (construct === undefined || typeof expires !== "string") return [];
  const found = {
    id: idOf(id),
    expires,
    made: instant(made),
    revoked: revoked === true,
    carried: typeof value === "string" && values.has(value),
  };
  return [[construct, found]];
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

/** A branch rule by its address; nothing for other resources. */
function rule(resource: StateResource): [string, DeployedRule][] {
  const { project, branch, push_access_level: push, merge_access_level: merge } = current(resource)[0] ?? {};
  if (resource.type !== "gitlab_branch_protection" || typeof project !== "string" || typeof branch !== "string")
    return [];
  return [[`${resource.type}.${resource.name}`, { project, branch, push, merge }]];
}

function parse(text: string, { name, fix }: StateSource): StateFile {
  try {
    const state = JSON.parse(text) as StateFile;
    if (state.version === 4 || state.encrypted_data !== undefined) return state;
  } catch {
    // Said below, without the text: a state holds tokens.
  }
  throw new StateError(
    describe({ got: `${name}, which is no Terraform state (version 4)`, allowed: "what Terraform wrote", fix }),
  );
}
