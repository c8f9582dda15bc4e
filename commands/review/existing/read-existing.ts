import { ifSeen, Reader, type Seen } from "../../../estate/reader";
import { ApiClient } from "../../../gitlab/api-client";
import { ApiError } from "../../../gitlab/api-error";
import { requireBaseUrl } from "../../../gitlab/base-url";
import { type Change, happens, type Plan } from "../../stacks/plan";
import { RULE, TAG_RULE } from "../effects/rule-effects";
import { TOKEN } from "../effects/token-effects";
import { type Existing, type Home, homeOf, identityOf, NOTHING_ASKED, VARIABLE } from "./existing";

/**
 * Reads what GitLab has where plans change something. Only GETs: up to four for each project or group in which they do, and one more for
 * each further hundred of something. Nothing where nothing changes. What GitLab does not show, or a GitLab that does not answer, is told.
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
  const reader = new Reader(new ApiClient({ baseUrl: requireBaseUrl(environment), token }));
  try {
    const read = [...homes].map(async ([name, own]) => [name, await readHome(reader, own)] as const);
    return { homes: new Map(await Promise.all(read)), leaving: leaving(all), notSeen: reader.refused };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ...NOTHING_ASKED, silent: error.reason };
  }
}

/** Whether what GitLab has beside a change decides what it does: a rule by any change, a bot that comes or goes, what is made under a name. */
const decides = ({ type, actions }: Change): boolean =>
  type === RULE ||
  (type === TOKEN && actions.join() !== "update") ||
  ((type === TAG_RULE || VARIABLE.test(type)) && actions.includes("create"));

async function readHome(reader: Reader, changes: readonly Change[]): Promise<Home> {
  const [{ project, group } = {}] = changes.map(({ before, after }) => after ?? before ?? {});
  const path = String(project ?? group);
  const has = (isMeant: (change: Change) => boolean) => changes.some(isMeant);
  const ask = <T>(isNeeded: boolean, what: () => Promise<Seen<T>>) => (isNeeded ? what() : undefined);
  const [found, rules, tags, variables] = await Promise.all([
    ask(
      has(({ type, actions }) => type === RULE && actions.includes("create")),
      () => reader.project(path),
    ),
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
  return {
    defaultBranch: ifSeen(found)?.default_branch,
    rules: ifSeen(rules),
    tags: ifSeen(tags),
    variables: ifSeen(variables)?.map(({ key, environment_scope, description }) => ({
      key,
      environment_scope,
      description,
    })),
  };
}

const leaving = (changes: readonly Change[]): ReadonlySet<string> =>
  new Set(
    changes.flatMap(({ type, actions, before }) =>
      actions.includes("delete") && before ? [identityOf(type, before)] : [],
    ),
  );
