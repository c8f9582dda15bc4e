import type { ApiClient } from "../gitlab/api-client";
import { Limiter } from "../gitlab/limiter";
import type { CiVariable } from "../gitlab/variable-exposure";
import type { Carried, Estate, ProjectPicture, TokenPicture, VariablePicture } from "./estate";
import { Identities, type Identity, type TokenRecord } from "./identities";
import { defaultBranchOf, ifSeen, type NotSeen, type Project, Reader } from "./reader";
import { branchPictures } from "./reading/branches";
import { suspicionOf } from "./reading/carried";
import { projectsAt } from "./reading/places";
import { type ProjectReading, readProject } from "./reading/project";
import { canPush, type Owner, ownerOf, tokenPicture } from "./reading/tokens";

/** Projects that are read at once; the client limits their calls. */
const PROJECTS_AT_ONCE = 8;

export interface ReadOptions {
  readonly now: Date;
  /** Ask GitLab which token a variable carries, with its value: it counts as a use of the token. */
  readonly checkValues: boolean;
  /** Also read what carries tokens: variables, and the jobs that push. @default true */
  readonly carriers?: boolean;
  /** Told after each project. */
  readonly progress?: (read: number, all: number) => void;
}

/**
 * Reads what GitLab holds of groups and projects. Only GETs: two for each path that is named and for each group, those of
 * {@link readProject} for each project, up to two for each token that variables carry.
 * @throws ExpectedError when a path is none, GitLab cannot be reached, or takes the operator's token for dead
 */
export async function readEstate(client: ApiClient, paths: readonly string[], options: ReadOptions): Promise<Estate> {
  const identities = new Identities(client);
  const shared = new Reader(client, identities);
  await shared.requireLiving();
  const projects = await projectsAt(shared, paths);
  // Of a path that is a group's GitLab says that it is no project.
  const asked = new Set(shared.refused.map(({ what }) => what));
  const { notSeen, ...estate } = await pictureOf(shared, client, identities, projects, options);
  return { ...estate, notSeen: notSeen.filter(({ what }) => !asked.has(what)) };
}

/** The estate of projects that somebody has named elsewhere. */
export interface NamedProjects {
  readonly estate: Estate;
  /** Full paths by those that were asked for: others where a project was moved, none where GitLab does not show it. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * Reads the same of projects that may be gone or out of sight, which {@link Estate.notSeen} tells. One call, one for each project, and those
 * of {@link readEstate}.
 * @throws ExpectedError when GitLab cannot be reached, or takes the operator's token for dead
 */
export async function readProjects(
  client: ApiClient,
  asked: readonly string[],
  options: ReadOptions,
): Promise<NamedProjects> {
  const identities = new Identities(client);
  const shared = new Reader(client, identities);
  await shared.requireLiving();
  const found = await Promise.all(asked.map(async (path) => [path, ifSeen(await shared.project(path))] as const));
  const shown = found.flatMap(([path, project]) => (project ? [[path, project] as const] : []));
  const projects = [...new Map(shown.map(([, project]) => [project.id, project])).values()];
  return {
    estate: await pictureOf(shared, client, identities, projects, options),
    paths: new Map(shown.map(([path, project]) => [path, project.path_with_namespace])),
  };
}

async function pictureOf(
  shared: Reader,
  client: ApiClient,
  identities: Identities,
  projects: readonly Project[],
  options: ReadOptions,
): Promise<Estate> {
  const { carriers = true } = options;
  const groups = await readGroups(shared, projects, carriers);
  const limiter = new Limiter(PROJECTS_AT_ONCE);
  let read = 0;
  const readings = await Promise.all(
    projects.map((project) =>
      limiter.run(async () => {
        const keys = groupsOf(project)
          .flatMap((path) => groups.get(path)?.variables ?? [])
          .map(({ key }) => key);
        const reading = await readProject(new Reader(client, identities), project, new Set(keys), carriers);
        read += 1;
        options.progress?.(read, projects.length);
        return reading;
      }),
    ),
  );
  const tokens = listedTokens(readings, groups);
  const variables = await readVariables(shared, readings, groups, tokens, options);
  return {
    gitlab: client.baseUrl,
    readAt: options.now,
    projects: readings.map((reading) => projectPicture(reading, groups, tokens)),
    tokens: [...tokens.values()],
    variables,
    notSeen: notSeen([...shared.refused, ...readings.flatMap((each) => each.notSeen)]),
  };
}

/** The part of a reading that a group's projects share. */
interface GroupReading {
  readonly path: string;
  readonly tokens: readonly TokenRecord[] | undefined;
  readonly variables: readonly CiVariable[] | undefined;
}

async function readGroups(
  reader: Reader,
  projects: readonly Project[],
  carriers: boolean,
): Promise<ReadonlyMap<string, GroupReading>> {
  const paths = [...new Set(projects.flatMap(groupsOf))];
  const read = await Promise.all(
    paths.map(async (path) => {
      const [tokens, variables] = await Promise.all([
        reader.livingTokens("groups", path),
        carriers ? reader.variables("groups", path) : undefined,
      ]);
      return [path, { path, tokens: ifSeen(tokens), variables: ifSeen(variables) }] as const;
    }),
  );
  return new Map(read);
}

/** The group of a project and those above it; none of a person's project. */
function groupsOf({ namespace: { kind, full_path: path } }: Project): string[] {
  if (kind !== "group") return [];
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

function listedTokens(
  readings: readonly ProjectReading[],
  groups: ReadonlyMap<string, GroupReading>,
): Map<number, TokenPicture> {
  const listed = [
    ...readings.map(({ project, tokens }) => ({ kind: "project" as const, home: project.path_with_namespace, tokens })),
    ...[...groups.values()].map(({ path, tokens }) => ({ kind: "group" as const, home: path, tokens })),
  ];
  return new Map(
    listed.flatMap(({ kind, home, tokens }) =>
      (tokens ?? [])
        .filter(canPush)
        .map((record) => [record.id, tokenPicture(record, { kind, home, username: undefined })] as const),
    ),
  );
}

/** Adds to `tokens` what variables carry and no list has: a person's, or one of a project that was not asked for. */
async function readVariables(
  reader: Reader,
  readings: readonly ProjectReading[],
  groups: ReadonlyMap<string, GroupReading>,
  tokens: Map<number, TokenPicture>,
  { checkValues }: ReadOptions,
): Promise<VariablePicture[]> {
  const pushKeys = new Set(readings.flatMap(({ pushes }) => (pushes ?? []).flatMap(({ key }) => key ?? [])));
  const homes = [
    ...readings.map(({ project, variables }) => ({
      kind: "project" as const,
      path: project.path_with_namespace,
      variables,
    })),
    ...[...groups.values()].map(({ path, variables }) => ({ kind: "group" as const, path, variables })),
  ];
  const all = homes.flatMap(({ kind, path, variables }) =>
    (variables ?? []).map((variable) => ({ home: { kind, path }, variable })),
  );
  const found = await Promise.all(
    all.map(async ({ home, variable }) => {
      const carried = await carriedBy(reader, variable, { pushKeys, tokens, checkValues });
      return carried.map((carries) => variablePicture(home, variable, carries));
    }),
  );
  return found.flat();
}

interface Looking {
  readonly pushKeys: ReadonlySet<string>;
  readonly tokens: Map<number, TokenPicture>;
  readonly checkValues: boolean;
}

/** Nothing of a variable that carries no token that pushes. */
async function carriedBy(
  reader: Reader,
  variable: CiVariable,
  { pushKeys, tokens, checkValues }: Looking,
): Promise<Carried[]> {
  const suspicion = suspicionOf(variable, pushKeys);
  if (!suspicion) return [];
  const values = suspicion.by === "value" ? suspicion.values : suspicion.value === undefined ? [] : [suspicion.value];
  if (values.length === 0) return [{ kind: "by name" }];
  if (!checkValues) return [{ kind: "not known", reason: "GitLab was not asked with its value" }];
  const found: Carried[] = [];
  for (const value of values) {
    const identity = await reader.identify(value);
    if (identity.kind === "token") {
      if (!canPush(identity.token)) continue;
      await addToken(reader, identity.token, tokens);
      found.push({ kind: "token", token: identity.token.id });
    } else if (identity.kind === "unclear") found.push({ kind: "not known", reason: identity.reason });
    // Of a value that has no form of a token's, a refusal says that it is a secret of something else.
    else if (isDead(identity, suspicion.by)) found.push({ kind: "dead", status: identity.status });
  }
  return found;
}

const isDead = ({ status }: Extract<Identity, { kind: "refused" }>, by: "value" | "name"): boolean =>
  by === "value" || status !== "unknown";

async function addToken(reader: Reader, record: TokenRecord, tokens: Map<number, TokenPicture>): Promise<void> {
  if (tokens.has(record.id)) return;
  const user = ifSeen(await reader.user(record.user_id));
  const owner: Owner = user
    ? ownerOf(user.username, user.bot)
    : { kind: "unknown", home: undefined, username: undefined };
  tokens.set(record.id, tokenPicture(record, owner));
}

const variablePicture = (home: VariablePicture["home"], variable: CiVariable, carries: Carried): VariablePicture => ({
  key: variable.key,
  home,
  environment: variable.environment_scope,
  protected: variable.protected,
  masked: variable.masked,
  hidden: variable.hidden === true,
  alone: variable.variable_type === "env_var" && /^[\w.-]*$/.test(variable.value ?? ""),
  carries,
});

function projectPicture(
  reading: ProjectReading,
  groups: ReadonlyMap<string, GroupReading>,
  tokens: ReadonlyMap<number, TokenPicture>,
): ProjectPicture {
  const { project, rules, tags, deployKeys, jobToken, pushes } = reading;
  const path = project.path_with_namespace;
  const defaultBranch = defaultBranchOf(project);
  const above = groupsOf(project);
  const homes = [path, ...above];
  const own = [...tokens.values()].filter(({ home }) => home !== undefined && homes.includes(home));
  return {
    id: project.id,
    path,
    defaultBranch,
    rules,
    branches: rules && branchPictures(rules, defaultBranch, own),
    allTokensSeen: reading.tokens !== undefined && above.every((group) => groups.get(group)?.tokens !== undefined),
    tags,
    deployKeys,
    jobToken,
    pushes,
  };
}

/** Each once. */
const notSeen = (all: readonly NotSeen[]): NotSeen[] => [...new Map(all.map((each) => [each.what, each])).values()];
