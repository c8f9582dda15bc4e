import type { ApiClient, ApiPath } from "../../gitlab/api-client";
import { ApiError } from "../../gitlab/api-error";
import { samePath } from "../../gitlab/project-path";
import type { ProtectedBranch } from "../../gitlab/protected-branch";
import { DESCRIBED_TOKENS, isBefore } from "../../gitlab/release";
import { MAINTAINER } from "../../gitlab/role";
import { markedPath } from "../../gitlab/token-mark";
import type { DeclaredRule, DeclaredVariable, Home, Listed } from "../../inventory/pushers";
import { type Declared, distinctPaths } from "./declared";

/** A project access token with our mark, as GitLab lists it: living or not, never its value. */
export interface ObservedToken {
  readonly id: number;
  readonly name: string;
  readonly description: string;
  /** The bot. */
  readonly user_id: number;
  readonly active: boolean;
  readonly revoked: boolean;
  /** `YYYY-MM-DD`; null = never. */
  readonly expires_at: string | null;
  readonly created_at: string;
  /** GitLab notes a use at most every ten minutes or so. */
  readonly last_used_at: string | null;
  /** Role of the bot in the project, 30 or 40 here; 0 or null when it is no member any more. */
  readonly access_level: number | null;
}

/** A CI/CD variable as GitLab shows it, its value reduced to what may be told. */
export interface ObservedVariable {
  readonly variable: DeclaredVariable;
  /** undefined when there is none of that key and environment. */
  readonly found?: {
    readonly protected: boolean;
    readonly masked: boolean;
    readonly hidden: boolean;
    readonly type: string;
    /** null = none; undefined = this GitLab does not tell. */
    readonly description?: string | null;
    /** `hidden`: GitLab shows the value to nobody. */
    readonly value: "set" | "empty" | "hidden";
    /** Undefined when it was not to be found out, or nobody can know. */
    readonly token?: IdentifiedToken;
  };
}

/** Which living token a variable's value is: by the state and GitLab's list, else by GitLab's own answer to it. */
export type IdentifiedToken = LivingToken | { readonly refused: string };

export interface LivingToken {
  readonly id: number;
  /** null = none; undefined = this GitLab does not tell. */
  readonly description?: string | null;
}

/** The token GitLab was asked with: a personal one, also of a service account, or a project's or group's. */
export interface OperatorToken {
  readonly id: number;
  readonly name: string;
  readonly user_id: number;
  /** `YYYY-MM-DD`; null = never. */
  readonly expires_at: string | null;
}

/** What GitLab would not show to this operator. */
export interface NotSeen extends Home {
  readonly what: "access tokens" | "variables" | "branch rules";
  readonly status: number;
  readonly message: string;
}

export interface Observed {
  /** GitLab's version, `18.8.2-ee`; undefined when it does not say. */
  readonly version: string | undefined;
  /** Whether this GitLab knows descriptions of tokens: ours are told by theirs. */
  readonly describesTokens: boolean;
  /** Undefined when GitLab does not say. */
  readonly operator: OperatorToken | undefined;
  /** Tokens with our mark, by {@link samePath} of their project; no entry = not seen. */
  readonly tokens: ReadonlyMap<string, readonly ObservedToken[]>;
  /** No entry = not seen. */
  readonly variables: ReadonlyMap<DeclaredVariable, ObservedVariable>;
  /** All rules of a project, by {@link samePath} of it; no entry = not seen. */
  readonly rules: ReadonlyMap<string, readonly ProtectedBranch[]>;
  /** Numbers of whom rules let in by name, by {@link nameOf}; no entry = nobody has the name, or it is not shown. */
  readonly numbers: ReadonlyMap<string, number>;
  readonly notSeen: readonly NotSeen[];
}

/** Who a user or a group is, as the inventory names it: `user anna`, `group xlink/apps`. */
export const nameOf = (kind: "user" | "group", name: string): string => `${kind} ${samePath(name)}`;

export interface ObserveOptions {
  /** Look for tokens in every project where the operator can, not in the target projects only. */
  readonly all: boolean;
  /** Find out which token each variable's value is; GitLab is asked with that value, a use of the token, where the states do not know it. */
  readonly checkValues: boolean;
  /** The token that has this value by the states, which may be dead. */
  readonly known: (value: string) => LivingToken | undefined;
}

/**
 * Reads what GitLab has of an inventory. What one project or group refuses is noted, not fatal.
 * @throws ApiError when GitLab cannot be reached, or does not take the operator's token at all
 */
export async function observe(client: ApiClient, inventory: Declared, options: ObserveOptions): Promise<Observed> {
  const user = await client.get<{ is_admin?: boolean }>(["user"]);
  const targets = distinctPaths(inventory.slots.map(({ project }) => project));
  const projects = options.all ? distinctPaths([...targets, ...(await everyProject(client, user))]) : targets;
  const notSeen: NotSeen[] = [];
  const [operator, version, numbers, listed, rules] = await Promise.all([
    operatorToken(client),
    gitlabVersion(client),
    numbersOf(client, inventory.rules),
    collect(projects, async (path) => {
      const what = { kind: "project", path, what: "access tokens" } as const;
      const seen = await unlessRefused(() => listedTokens(client, path), what, notSeen);
      return seen && ([samePath(path), seen] as const);
    }),
    collect(distinctPaths(inventory.rules.map(({ project }) => project)), async (path) => {
      const what = { kind: "project", path, what: "branch rules" } as const;
      const read = () => client.list<ProtectedBranch>(["projects", path, "protected_branches"]);
      const seen = await unlessRefused(read, what, notSeen);
      return seen && ([samePath(path), seen] as const);
    }),
  ]);
  const tokens = listed.map(([path, all]) => [path, all.filter(isMarked)] as const);
  const identify = options.checkValues ? identifier(client, tokens, options.known) : undefined;
  const variables = await collect(inventory.variables, async (variable) => {
    const what = { ...variable.home, what: "variables" } as const;
    const seen = await unlessRefused(() => readVariable(client, variable, identify), what, notSeen);
    return seen && ([variable, seen] as const);
  });
  return {
    operator,
    version,
    describesTokens:
      !isBefore(version ?? "", DESCRIBED_TOKENS) &&
      listed.every(([, all]) => all.every(({ description }) => description !== undefined)),
    tokens: new Map(tokens),
    variables: new Map(variables),
    rules: new Map(rules),
    numbers,
    notSeen: distinct(notSeen),
  };
}

/** The numbers of whom rules let in by username or path: each is asked for once. */
async function numbersOf(client: ApiClient, rules: readonly DeclaredRule[]): Promise<Map<string, number>> {
  const named = rules.flatMap(({ pushers, mergers }) => [...pushers, ...mergers]).flatMap(namesIn);
  const each = [...new Map(named.map((one) => [nameOf(...one), one])).values()];
  const found = await collect(each, async ([kind, name]) => {
    const number = await ifTold(() => (kind === "user" ? userNumber(client, name) : groupNumber(client, name)));
    return number === undefined ? undefined : ([nameOf(kind, name), number] as const);
  });
  return new Map(found);
}

function namesIn(listed: Listed): (readonly [kind: "user" | "group", name: string])[] {
  if ("user" in listed && typeof listed.user === "string") return [["user", listed.user]];
  if ("group" in listed && typeof listed.group === "string") return [["group", listed.group]];
  return [];
}

const userNumber = async (client: ApiClient, username: string): Promise<number | undefined> =>
  (await client.list<{ id: number }>(["users"], { username }))[0]?.id;

const groupNumber = async (client: ApiClient, path: string): Promise<number> =>
  (await client.get<{ id: number }>(["groups", path], { with_projects: false })).id;

/** Every token that may read the API may ask. @see https://docs.gitlab.com/api/version/ */
const gitlabVersion = async (client: ApiClient): Promise<string | undefined> =>
  (await ifTold(() => client.get<{ version?: string }>(["version"])))?.version;

/** GitLab before 15.5 does not say, nor of what is no access token. @see https://docs.gitlab.com/api/personal_access_tokens/ */
const operatorToken = (client: ApiClient): Promise<OperatorToken | undefined> =>
  ifTold(() => client.get<OperatorToken>(["personal_access_tokens", "self"]));

async function ifTold<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError && error.status !== undefined) return undefined;
    throw error;
  }
}

/** The projects where the operator may list access tokens: all of them for an administrator, those of a Maintainer otherwise. */
async function everyProject(client: ApiClient, user: { is_admin?: boolean }): Promise<string[]> {
  const projects = await client.list<{ path_with_namespace: string }>(["projects"], {
    simple: true,
    order_by: "id",
    sort: "asc",
    pagination: "keyset",
    min_access_level: user.is_admin ? undefined : MAINTAINER,
  });
  return projects.map((project) => project.path_with_namespace);
}

/** A token with whatever description, or none. */
type ListedToken = Omit<ObservedToken, "description"> & { readonly description?: string | null };

const listedTokens = (client: ApiClient, project: string): Promise<ListedToken[]> =>
  client.list<ListedToken>(["projects", project, "access_tokens"]);

const isMarked = (token: ListedToken): token is ObservedToken => markedPath(token.description) !== undefined;

interface VariableAnswer {
  readonly value: string | null;
  readonly hidden?: boolean;
  readonly protected: boolean;
  readonly masked: boolean;
  readonly variable_type: string;
  /** GitLab 16.2. */
  readonly description?: string | null;
}

type Identify = (value: string) => Promise<IdentifiedToken | undefined>;

/** Tells which token a value is. One that the states know and GitLab lists as living is not asked with. */
function identifier(
  client: ApiClient,
  tokens: readonly (readonly [string, readonly ObservedToken[]])[],
  known: ObserveOptions["known"],
): Identify {
  const living = new Set(tokens.flatMap(([, all]) => all.filter(({ active }) => active).map(({ id }) => id)));
  return async (value) => {
    const token = known(value);
    return token && living.has(token.id) ? token : identify(client, value);
  };
}

async function readVariable(
  client: ApiClient,
  variable: DeclaredVariable,
  identify: Identify | undefined,
): Promise<ObservedVariable> {
  const { home, key, environment } = variable;
  const path: ApiPath = [home.kind === "project" ? "projects" : "groups", home.path, "variables", key];
  let answer: VariableAnswer;
  try {
    answer = await client.get<VariableAnswer>(path, { "filter[environment_scope]": environment });
  } catch (error) {
    // The project or group itself can be what is not found.
    if (error instanceof ApiError && error.status === 404 && /variable/i.test(error.reason)) return { variable };
    throw error;
  }
  const { value, ...found } = answer;
  const token = value ? await identify?.(value) : undefined;
  return {
    variable,
    found: {
      protected: found.protected,
      masked: found.masked,
      hidden: found.hidden ?? false,
      type: found.variable_type,
      description: found.description,
      value: value ? "set" : found.hidden ? "hidden" : "empty",
      token,
    },
  };
}

/**
 * Asks GitLab which token a value is. Every token may ask this about itself, whatever its scopes.
 * @see https://docs.gitlab.com/api/personal_access_tokens/
 */
async function identify(client: ApiClient, value: string): Promise<IdentifiedToken | undefined> {
  let owner: ApiClient;
  try {
    owner = client.as(value);
  } catch {
    return { refused: "it has the form of no token" };
  }
  try {
    const { id, description } = await owner.get<LivingToken>(["personal_access_tokens", "self"]);
    return { id, description };
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return { refused: error.reason };
    // Anything else says nothing of the token: it stays unknown.
    if (error instanceof ApiError && error.status !== undefined) return undefined;
    throw error;
  }
}

/** What `read` gives, or undefined when GitLab answered with a refusal, which is noted. */
async function unlessRefused<T>(
  read: () => Promise<T>,
  what: Pick<NotSeen, "kind" | "path" | "what">,
  notSeen: NotSeen[],
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === undefined) throw error;
    const { kind, path, what: part } = what;
    notSeen.push({ kind, path, what: part, status: error.status, message: error.reason });
    return undefined;
  }
}

async function collect<T, R>(items: readonly T[], read: (item: T) => Promise<R | undefined>): Promise<R[]> {
  return (await Promise.all(items.map(read))).filter((result) => result !== undefined);
}

/** Two pushers may put variables into one project: it is refused once. */
const distinct = (all: readonly NotSeen[]): NotSeen[] => [
  ...new Map(all.map((one) => [`${one.kind} ${samePath(one.path)} ${one.what}`, one])).values(),
];
