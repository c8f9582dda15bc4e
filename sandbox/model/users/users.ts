import { GitLabError } from "../gitlab-error";
import type { Store } from "../store";
import { deleteBot } from "../tokens/retention";
import type { User } from "./user";

export interface NewUser {
  readonly username: string;
  /** @default `<username>@example.com` */
  readonly email?: string;
  /** @default the username */
  readonly name?: string;
  /** @default false */
  readonly admin?: boolean;
  /** @default false */
  readonly external?: boolean;
  readonly attributes?: Record<string, unknown>;
}

/** Makes a person with a personal namespace. Errors: 409 when the username, e-mail or namespace is taken. */
export function createUser(store: Store, options: NewUser): User {
  const { username } = options;
  const email = options.email ?? `${username}@example.com`;
  const name = options.name ?? username;
  requireUsername(username);
  if (store.userByEmail(email.toLowerCase())) throw GitLabError.conflict("Email has already been taken");
  if (store.userByUsername(username.toLowerCase()) || store.namespaceByPath(username)) {
    throw GitLabError.conflict("Username has already been taken");
  }
  const id = store.users.nextId();
  const namespaceId = store.namespaces.nextId();
  store.namespaces.insert({ kind: "user", id: namespaceId, userId: id, name, path: username });
  return store.users.insert({
    id,
    username,
    name,
    email,
    admin: options.admin ?? false,
    state: "active",
    external: options.external ?? false,
    userType: "human",
    namespaceId,
    createdAt: store.clock.timestamp(),
    attributes: options.attributes ?? {},
  });
}

/** Errors: 400 when it is no name. */
export function requireUsername(username: string): void {
  if (/^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/.test(username) && !/(\.git|\.atom|[.])$/.test(username)) return;
  throw GitLabError.invalid(
    "username",
    "can contain only letters, digits, '_', '-' and '.'. It must not start with '-', or end in '.', '.git' or '.atom'",
  );
}

/** Tells whether a user may make groups of the top level: administrators, and those whom no administrator forbade it. */
export function mayCreateGroups(user: User): boolean {
  return user.admin || user.attributes.can_create_group !== false;
}

/** Removes a person, their tokens and memberships; their personal projects must be gone before. */
export function deleteUser(store: Store, user: User): void {
  const namespace = user.namespaceId === undefined ? undefined : store.namespaces.get(user.namespaceId);
  deleteBot(store, user);
  if (namespace) store.namespaces.delete(namespace);
}
