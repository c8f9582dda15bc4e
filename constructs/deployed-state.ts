import { existsSync, readFileSync } from "node:fs";

/** A token as the last deploy left it. */
export interface DeployedToken {
  /** `YYYY-MM-DD`. */
  readonly expires: string;
  /** Revoked when Terraform last looked. */
  readonly revoked: boolean;
}

/** The part of a Terraform state file (format 4) that is read here. */
interface StateFile {
  readonly version?: number;
  readonly resources?: readonly StateResource[];
}

interface StateResource {
  readonly mode?: string;
  readonly module?: string;
  readonly type?: string;
  readonly name?: string;
  readonly instances?: readonly { readonly attributes?: Readonly<Record<string, unknown>> }[];
}

/** What a local state file says of the last deploy: enough to tell what the next one would take away. */
export class DeployedState {
  /** Addresses of all managed resources. */
  readonly addresses: ReadonlySet<string>;
  private readonly tokens: ReadonlyMap<string, DeployedToken>;

  private constructor(resources: readonly StateResource[]) {
    const own = resources.filter(({ mode, module }) => mode === "managed" && !module);
    this.addresses = new Set(own.map(({ type, name }) => `${type}.${name}`));
    const tokens = own.filter(({ type }) => type === "gitlab_project_access_token");
    this.tokens = new Map(
      tokens.flatMap(({ instances = [] }) => instances.flatMap(({ attributes }) => token(attributes))),
    );
  }

  /**
   * Reads a state file; without one nothing has been deployed.
   * @throws Error when the file is no Terraform state.
   */
  static read(file: string): DeployedState {
    return new DeployedState(existsSync(file) ? (parse(file).resources ?? []) : []);
  }

  /** The token that was deployed with this description, which {@link PushToken} makes of its path. */
  token(description: string): DeployedToken | undefined {
    return this.tokens.get(description);
  }
}

function token(attributes: Readonly<Record<string, unknown>> = {}): [string, DeployedToken][] {
  const { description, expires_at: expires, revoked } = attributes;
  if (typeof description !== "string" || typeof expires !== "string") return [];
  return [[description, { expires, revoked: revoked === true }]];
}

function parse(file: string): StateFile {
  const text = readFileSync(file, "utf8");
  if (text.trim() === "") return {};
  try {
    const state = JSON.parse(text) as StateFile;
    if (state.version === 4) return state;
  } catch {
    // Said below, without the text: a state holds tokens.
  }
  throw new Error(
    `got ${file}, which is no Terraform state (version 4); allowed: what Terraform wrote; fix: restore it from ${file}.backup`,
  );
}
