import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { createVariable } from "./model/ci/variables";
import { GitLabError } from "./model/gitlab-error";
import { createGroup } from "./model/groups/groups";
import type { Namespace } from "./model/groups/namespace";
import type { Visibility } from "./model/instance/settings";
import { AccessLevel } from "./model/members/access-level";
import type { Source } from "./model/members/member";
import type { Project } from "./model/projects/project";
import { createProject, noteNewCommits, repositoryOf } from "./model/projects/projects";
import { roleEntry } from "./model/protected-refs/protected-refs";
import type { Store } from "./model/store";
import type { User } from "./model/users/user";
import { createUser } from "./model/users/users";

const ROLES = {
  guest: AccessLevel.Guest,
  planner: AccessLevel.Planner,
  reporter: AccessLevel.Reporter,
  developer: AccessLevel.Developer,
  maintainer: AccessLevel.Maintainer,
  owner: AccessLevel.Owner,
} as const;

const LEVELS = {
  "no one": AccessLevel.NoAccess,
  developer: AccessLevel.Developer,
  maintainer: AccessLevel.Maintainer,
  admin: AccessLevel.Admin,
} as const;

const role = z.enum(Object.keys(ROLES) as (keyof typeof ROLES)[]);
const level = z.enum(Object.keys(LEVELS) as (keyof typeof LEVELS)[]);
const visibility = z.enum(["private", "internal", "public"]);

/** Username and role. */
const members = z.record(z.string(), role);

const variable = z.strictObject({
  key: z.string(),
  value: z.string(),
  environment_scope: z.string().optional(),
  masked: z.boolean().optional(),
  protected: z.boolean().optional(),
  raw: z.boolean().optional(),
});

const protectedBranch = z.strictObject({
  name: z.string(),
  push: level.default("maintainer"),
  merge: level.default("maintainer"),
  allow_force_push: z.boolean().default(false),
});

const SEED = z.strictObject({
  users: z
    .array(
      z.strictObject({
        username: z.string(),
        name: z.string().optional(),
        email: z.string().optional(),
        admin: z.boolean().optional(),
        external: z.boolean().optional(),
      }),
    )
    .optional(),
  groups: z
    .array(
      z.strictObject({
        /** Full path; parents are made when missing. */
        path: z.string(),
        visibility: visibility.optional(),
        members: members.optional(),
        variables: z.array(variable).optional(),
      }),
    )
    .optional(),
  projects: z
    .array(
      z.strictObject({
        /** Full path; groups are made when missing. */
        path: z.string(),
        visibility: visibility.optional(),
        /** Path and content of the first commit; none = an empty repository. */
        files: z.record(z.string(), z.string()).optional(),
        /** @default the instance's */
        defaultBranch: z.string().optional(),
        /** More branches, at the first commit. */
        branches: z.array(z.string()).optional(),
        members: members.optional(),
        variables: z.array(variable).optional(),
        /** Replace the rule that GitLab makes for the default branch. */
        protectedBranches: z.array(protectedBranch).optional(),
        archived: z.boolean().optional(),
      }),
    )
    .optional(),
});

/** The contents that a sandbox starts with. */
export type Seed = z.input<typeof SEED>;
type ParsedSeed = z.output<typeof SEED>;

/** Reads a YAML or JSON seed. Errors: a list of every problem, with its place in the file. */
export async function readSeed(file: string): Promise<Seed> {
  try {
    return checkSeed(parse(await readFile(file, "utf8")), file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code) throw new Error(`The seed ${file} cannot be read (${code}); name a YAML or JSON file.`);
    throw message.includes(file) ? error : new Error(`${file} is no YAML: ${message}`);
  }
}

function checkSeed(seed: unknown, where: string): ParsedSeed {
  const result = SEED.safeParse(seed ?? {});
  if (result.success) return result.data;
  throw new Error(`${where} is no seed:\n${z.prettifyError(result.error)}`);
}

/** Fills an empty store; `owner` owns every group and makes every project. */
export async function applySeed(store: Store, seed: Seed, owner: User): Promise<void> {
  const { users = [], groups = [], projects = [] } = checkSeed(seed, "The seed");
  for (const user of users) await named(`user ${user.username}`, () => createUser(store, user));
  for (const { path, visibility, members, variables } of groups) {
    await named(`group ${path}`, () => {
      const group = ensureNamespace(store, path, owner, visibility);
      if (group.kind !== "group") throw new Error("this path belongs to a user");
      addMembers(store, "group", group.id, members, owner);
      addVariables(store, "group", group.id, variables);
    });
  }
  for (const project of projects) await named(`project ${project.path}`, () => addProject(store, project, owner));
}

type ProjectSeed = NonNullable<ParsedSeed["projects"]>[number];

async function addProject(store: Store, seed: ProjectSeed, owner: User): Promise<void> {
  const slash = seed.path.lastIndexOf("/");
  if (slash < 1) throw new Error("a project's path is <group>/<project> or <user>/<project>");
  const project = await createProject(store, owner, {
    path: seed.path.slice(slash + 1),
    namespace: ensureNamespace(store, seed.path.slice(0, slash), owner, seed.visibility),
    visibility: seed.visibility,
    initialBranch: seed.defaultBranch,
  });
  if (seed.protectedBranches) protect(store, project, seed.protectedBranches);
  if (seed.files) await commitFiles(store, project, seed.files, seed.branches, owner);
  else if (seed.branches?.length) throw new Error("branches need files: an empty repository has no commit to start at");
  addMembers(store, "project", project.id, seed.members, owner);
  addVariables(store, "project", project.id, seed.variables);
  project.archived = seed.archived ?? false;
}

async function commitFiles(
  store: Store,
  project: Project,
  files: Record<string, string>,
  branches: readonly string[] | undefined,
  owner: User,
): Promise<void> {
  await repositoryOf(store, project).writeCommit({
    branch: project.initialBranch,
    branches: branches?.filter((branch) => branch !== project.initialBranch),
    message: "Initial commit",
    changes: Object.entries(files).map(([path, content]) => ({
      action: "create",
      path,
      content: Buffer.from(content),
    })),
    author: { name: owner.name, email: owner.email, date: store.clock.now() },
  });
  await noteNewCommits(store, project, project.initialBranch);
}

function protect(store: Store, project: Project, rules: NonNullable<ProjectSeed["protectedBranches"]>): void {
  for (const { name, push, merge, allow_force_push } of rules) {
    store.protectedBranches.insert({
      id: store.protectedBranches.nextId(),
      source: "project",
      sourceId: project.id,
      name,
      allowForcePush: allow_force_push,
      codeOwnerApprovalRequired: false,
      push: [roleEntry(store, LEVELS[push])],
      merge: [roleEntry(store, LEVELS[merge])],
      unprotect: [],
    });
  }
}

/** The group of a path, made with its parents when missing, or a user's namespace. */
function ensureNamespace(store: Store, path: string, owner: User, visibility?: Visibility): Namespace {
  const found = store.namespaceByPath(path);
  if (found) return found;
  const slash = path.lastIndexOf("/");
  const parent = slash < 0 ? undefined : ensureNamespace(store, path.slice(0, slash), owner, visibility);
  if (parent?.kind === "user") throw new Error(`${path}: a user's namespace has no subgroups`);
  return createGroup(store, owner, { path: path.slice(slash + 1), parent, visibility });
}

function addMembers(
  store: Store,
  source: Source,
  sourceId: number,
  wanted: Record<string, keyof typeof ROLES> | undefined,
  owner: User,
): void {
  for (const [username, role] of Object.entries(wanted ?? {})) {
    const user = store.userByUsername(username.toLowerCase());
    if (!user) throw new Error(`there is no user ${username}; list it under users`);
    store.memberships.set({
      userId: user.id,
      source,
      sourceId,
      accessLevel: ROLES[role],
      expiresAt: null,
      createdAt: store.clock.timestamp(),
      createdById: owner.id,
    });
  }
}

function addVariables(
  store: Store,
  source: Source,
  sourceId: number,
  variables: readonly z.output<typeof variable>[] | undefined,
): void {
  for (const { environment_scope, ...fields } of variables ?? []) {
    createVariable(store, source, sourceId, { ...fields, environmentScope: environment_scope });
  }
}

async function named(what: string, action: () => unknown): Promise<void> {
  try {
    await action();
  } catch (error) {
    const reason = error instanceof GitLabError ? JSON.stringify(error.body) : (error as Error).message;
    throw new Error(`The seed's ${what} cannot be made: ${reason}`);
  }
}
