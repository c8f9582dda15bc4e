import type { ApiClient } from "../gitlab/api-client";
import { distinctPaths, samePath } from "../gitlab/project-path";
import { DESCRIBED_TOKENS, isBefore } from "../gitlab/release";
import { markedPath } from "../gitlab/token-mark";
import type { CiVariable } from "../gitlab/variable-exposure";
import type { TokenRecord } from "./identities";
import type {
  IdentifiedToken,
  LivingToken,
  NamedVariable,
  Observed,
  ObservedToken,
  ObservedVariable,
  Person,
  Refused,
} from "./observed";
import { ifSeen, Reader, type Seen } from "./reader";

/** Things that are declared, and looked for. Paths are full paths of projects, in any spelling and as often as it comes. */
export interface Wanted {
  /** Projects whose access tokens are told. */
  readonly targets: readonly string[];
  readonly variables: readonly NamedVariable[];
  /** Projects whose branch rules are told. */
  readonly ruled: readonly string[];
  /** Projects whose tag rules are told. */
  readonly tagged: readonly string[];
  /** People and groups whose numbers are told. */
  readonly people: readonly Person[];
}

export interface ObserveOptions {
  /** Look for tokens in every project where the operator can, not in the target projects only. */
  readonly all: boolean;
  /** Find out which token each variable's value is; GitLab is asked with that value, a use of the token, where the states do not know it. */
  readonly checkValues: boolean;
  /** The token that has this value by the states, which may be dead. */
  readonly known: (value: string) => LivingToken | undefined;
}

/** The key that a person or group is found under: GitLab takes `Anna` and `anna` for one. */
export const personKey = ({ kind, name }: Person): string => `${kind} ${samePath(name)}`;

/**
 * Reads what GitLab has of pushers that somebody declares. What one project or group refuses is noted, not fatal.
 * @throws ApiError when GitLab cannot be reached, or does not take the operator's token at all
 */
export async function observe(client: ApiClient, wanted: Wanted, options: ObserveOptions): Promise<Observed> {
  const reader = new Reader(client);
  const me = await reader.me();
  const notSeen: Refused[] = [];
  const manageable = options.all ? await reader.manageable(me) : [];
  /** By project, what GitLab shows of each. */
  const ofProjects = async <T>(
    paths: readonly string[],
    what: Refused["what"],
    read: (path: string) => Promise<Seen<T>>,
  ) =>
    collect(distinctPaths(paths), async (path) => {
      const seen = unlessRefused(await read(path), { kind: "project", path, what }, notSeen);
      return seen && ([samePath(path), seen] as const);
    });
  const [operator, version, numbers, listed, rules, tagRules] = await Promise.all([
    reader.ownToken(),
    reader.version(),
    numbersOf(reader, wanted.people),
    ofProjects([...wanted.targets, ...manageable], "access tokens", (path) => reader.tokens(path)),
    ofProjects(wanted.ruled, "branch rules", (path) => reader.rules(path)),
    ofProjects(wanted.tagged, "tag rules", (path) => reader.tagRules(path)),
  ]);
  const tokens = listed.map(([path, all]) => [path, all.filter(isMarked)] as const);
  const identify = options.checkValues ? identifier(reader, tokens, options.known) : undefined;
  const variables = await collect(wanted.variables, async (variable) => {
    const { home } = variable;
    const seen = await reader.variables(home.kind === "project" ? "projects" : "groups", home.path);
    const all = unlessRefused(seen, { ...home, what: "variables" }, notSeen);
    return all && ([variable, await observed(variable, all, identify)] as const);
  });
  return {
    operator: ifSeen(operator),
    version: ifSeen(version)?.version,
    describesTokens:
      !isBefore(ifSeen(version)?.version ?? "", DESCRIBED_TOKENS) &&
      listed.every(([, all]) => all.every(({ description }) => description !== undefined)),
    tokens: new Map(tokens),
    variables: new Map(variables),
    rules: new Map(rules),
    tagRules: new Map(tagRules),
    numbers,
    notSeen: distinct(notSeen),
  };
}

/** Each is asked for once. */
async function numbersOf(reader: Reader, people: readonly Person[]): Promise<Map<string, number>> {
  const each = [...new Map(people.map((one) => [personKey(one), one])).values()];
  const found = await collect(each, async (person) => {
    const { kind, name } = person;
    const number =
      kind === "user" ? ifSeen(await reader.userNamed(name))?.[0]?.id : ifSeen(await reader.group(name))?.id;
    return number === undefined ? undefined : ([personKey(person), number] as const);
  });
  return new Map(found);
}

const isMarked = (token: TokenRecord): token is ObservedToken => markedPath(token.description) !== undefined;

type Identify = (value: string) => Promise<IdentifiedToken | undefined>;

/** Tells which token a value is. One that the states know and GitLab lists as living is not asked with. */
function identifier(
  reader: Reader,
  tokens: readonly (readonly [string, readonly ObservedToken[]])[],
  known: ObserveOptions["known"],
): Identify {
  const living = new Set(tokens.flatMap(([, all]) => all.filter(({ active }) => active).map(({ id }) => id)));
  return async (value) => {
    const token = known(value);
    if (token && living.has(token.id)) return token;
    const identity = await reader.identify(value);
    if (identity.kind === "token") return { id: identity.token.id, description: identity.token.description };
    // Anything else than a refusal says nothing of the token: it stays unknown.
    return identity.kind === "refused" ? { refused: identity.status } : undefined;
  };
}

async function observed(
  { key, environment }: NamedVariable,
  all: readonly CiVariable[],
  identify: Identify | undefined,
): Promise<ObservedVariable | null> {
  const found = all.find((each) => each.key === key && each.environment_scope === environment);
  if (!found) return null;
  const { value, hidden = false } = found;
  return {
    protected: found.protected,
    masked: found.masked,
    hidden,
    type: found.variable_type,
    description: found.description,
    value: value ? "set" : hidden ? "hidden" : "empty",
    token: value ? await identify?.(value) : undefined,
  };
}

/** The value that was seen, or undefined when GitLab answered with a refusal, which is noted. */
function unlessRefused<T>(
  seen: Seen<T>,
  { kind, path, what }: Pick<Refused, "kind" | "path" | "what">,
  notSeen: Refused[],
): T | undefined {
  if (seen.seen) return seen.value;
  notSeen.push({ kind, path, what, status: seen.status, message: seen.reason });
  return undefined;
}

async function collect<T, R>(items: readonly T[], read: (item: T) => Promise<R | undefined>): Promise<R[]> {
  return (await Promise.all(items.map(read))).filter((result) => result !== undefined);
}

/** Two pushers may put variables into one project: it is refused once. */
const distinct = (all: readonly Refused[]): Refused[] => [
  ...new Map(all.map((one) => [`${one.kind} ${samePath(one.path)} ${one.what}`, one])).values(),
];
