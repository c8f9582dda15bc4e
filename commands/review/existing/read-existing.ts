import { ifSeen, Reader, type Seen } from "../../../estate/reader";
import { ApiClient } from "../../../gitlab/api-client";
import { ApiError } from "../../../gitlab/api-error";
import { requireBaseUrl } from "../../../gitlab/base-url";
import { CALLS_AT_ONCE } from "../../stacks/each-stack";
import { type Attributes, type Change, happens, type Plan } from "../../stacks/plan";
import { entriesOf, namesIn, subjectKey } from "../effects/declared-rule";
import { botsIn, listedIn } from "../effects/named-entries";
import { RULE, TAG_RULE } from "../effects/rule-effects";
import { TOKEN } from "../effects/token-effects";
import { type Existing, type Home, homeOf, identityOf, NOTHING_ASKED, VARIABLE } from "./existing";

/**
 * Reads what GitLab has where plans change something. Only GETs: up to four for each project or group in which they do, one more for each
 * further hundred of something, and one for each user or group that a changed rule lists by number and no rule of today names. Nothing where nothing changes. What GitLab does not show, or a GitLab that does not answer, is told.
 */
export async function readExisting(plans: readonly Plan[], environment: NodeJS.ProcessEnv): Promise<Existing> {
  const all = plans.flatMap(({ changes }) => changes).filter(happens);
  const homes = new Map<string, Change[]>();
  for (const change of all.filter(decides)) {
    const home = homeOf(change.after ?? change.before ?? {});
    if (home !== undefined) homes.set(home, [...(homes.get(home) ?? []), change]);
  }
  if (homes.size === 0) return NOTHING_ASKED;
  const { GITLAB_TOKEN: token } = environment;
  if (!token) return { ...NOTHING_ASKED, silent: "there is no GITLAB_TOKEN" };
  const reader = new Reader(new ApiClient({ baseUrl: requireBaseUrl(environment), token, concurrency: CALLS_AT_ONCE }));
  try {
    const bots = botsIn(plans.flatMap(({ changes }) => changes));
    const read = [...homes].map(async ([name, own]) => [name, await readHome(reader, own, bots)] as const);
    return { homes: new Map(await Promise.all(read)), leaving: leaving(all), notSeen: reader.refused };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ...NOTHING_ASKED, silent: error.reason };
  }
}

/** Tells whether what GitLab has beside a change decides what it does: a rule by any change, a bot that comes or goes, what is made under a name. */
const decides = ({ type, actions }: Change): boolean =>
  type === RULE ||
  (type === TOKEN && actions.join() !== "update") ||
  ((type === TAG_RULE || VARIABLE.test(type)) && actions.includes("create"));

async function readHome(reader: Reader, changes: readonly Change[], bots: ReadonlyMap<unknown, string>): Promise<Home> {
  const [{ project, group } = {}] = changes.map(({ before, after }) => after ?? before ?? {});
  const path = String(project ?? group);
  const has = (isMeant: (change: Change) => boolean) => changes.some(isMeant);
  const ask = <T>(isNeeded: boolean, what: () => Promise<Seen<T>>) => (isNeeded ? what() : undefined);
  const [rules, tags, variables] = await Promise.all([
    ask(
      has(({ type }) => type === RULE || type === TOKEN),
      () => reader.rules(path),
    ),
    ask(
      has(({ type }) => type === TAG_RULE),
      () => reader.tagRules(path),
    ),
    ask(
      has(({ type }) => VARIABLE.test(type)),
      () => reader.variables(project === undefined ? "groups" : "projects", path),
    ),
  ]);
  const names = new Set(ifSeen(rules)?.flatMap(({ name, inherited }) => (inherited ? [] : [name])));
  // What the default branch is matters only where its rule, or another, stands in the way of a new one.
  const found = await ask(
    has(({ type, actions, after }) => type === RULE && actions.includes("create") && names.has(String(after?.branch))),
    () => reader.project(path),
  );
  const entries = [
    ...(ifSeen(rules) ?? []).flatMap(entriesOf),
    ...(ifSeen(tags) ?? []).flatMap(({ create_access_levels: create }) => create),
  ];
  return {
    defaultBranch: ifSeen(found)?.default_branch,
    rules: ifSeen(rules),
    tags: ifSeen(tags),
    names: await readNames(
      reader,
      path,
      listedIn(changes).filter(({ user_id: user }) => !bots.has(user)),
      namesIn(entries),
    ),
    variables: ifSeen(variables)?.map(({ key, environment_scope, description }) => ({
      key,
      environment_scope,
      description,
    })),
  };
}

/** Names of those whom changed rules list: what GitLab tells beside its rules, and of the others what it tells when it is asked. */
async function readNames(
  reader: Reader,
  path: string,
  listed: readonly Attributes[],
  known: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, string>> {
  const asked = listed.filter((entry) => !known.has(subjectKey(entry)));
  const told = await Promise.all(
    asked.map(async (entry) => {
      const name = await nameOf(reader, path, entry);
      return name === undefined ? [] : [[subjectKey(entry), name] as const];
    }),
  );
  return new Map([...known, ...told.flat()]);
}

async function nameOf(reader: Reader, path: string, entry: Attributes): Promise<string | undefined> {
  const { user_id: user, group_id: group, deploy_key_id: key } = entry;
  if (user) return ifSeen(await reader.user(Number(user)))?.name;
  if (group) return ifSeen(await reader.group(String(group)))?.full_path;
  if (key) return ifSeen(await reader.deployKeys(path))?.find(({ id }) => id === Number(key))?.title;
  return undefined;
}

const leaving = (changes: readonly Change[]): ReadonlySet<string> =>
  new Set(
    changes.flatMap(({ type, actions, before }) =>
      actions.includes("delete") && before ? [identityOf(type, before)] : [],
    ),
  );
