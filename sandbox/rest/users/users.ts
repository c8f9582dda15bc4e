import { GitLabError } from "../../model/gitlab-error";
import { deleteProject } from "../../model/projects/projects";
import type { Store } from "../../model/store";
import type { User } from "../../model/users/user";
import { createUser, deleteUser, requireUsername } from "../../model/users/users";
import { AttributeTable } from "../attribute-table";
import type { Call } from "../call";
import { filledText, flag, integer, oneOf, required, text } from "../parameters";
import { del, get, post, put } from "../route";

/** The attributes that administrators write of a user, and that people tell of themselves. `can_create_group` alone changes something. */
const ATTRIBUTES = new AttributeTable({
  bio: "",
  location: "",
  linkedin: "",
  twitter: "",
  discord: "",
  skype: "",
  website_url: "",
  organization: "",
  job_title: "",
  pronouns: null,
  public_email: null,
  theme_id: 1,
  color_scheme_id: 1,
  projects_limit: 100_000,
  can_create_group: true,
  private_profile: false,
  note: null,
});

/** Of these, what only administrators and the user themself see; the note is for administrators. */
const PRIVATE = ["theme_id", "color_scheme_id", "projects_limit", "can_create_group", "private_profile", "note"];

/** The part of a user that everyone may see. */
export function presentUserBasic(store: Store, user: User): Record<string, unknown> {
  return {
    id: user.id,
    username: user.username,
    public_email: ATTRIBUTES.shown(user.attributes).public_email,
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: null,
    web_url: `${store.url}/${user.username}`,
  };
}

/** A user by id, null when nobody has it. */
export function presentUserId(store: Store, id: number | null): Record<string, unknown> | null {
  const user = id === null ? undefined : store.users.get(id);
  return user ? presentUserBasic(store, user) : null;
}

function presentUser(store: Store, user: User): Record<string, unknown> {
  const told = Object.entries(ATTRIBUTES.shown(user.attributes)).filter(([name]) => !PRIVATE.includes(name));
  return {
    ...presentUserBasic(store, user),
    created_at: user.createdAt,
    ...Object.fromEntries(told),
    bot: user.userType !== "human",
    work_information: null,
    local_time: null,
  };
}

/** The part of a user that they see themself, and administrators of anyone. */
function presentFullUser(store: Store, user: User, forAdmin: boolean): Record<string, unknown> {
  const { note, ...attributes } = ATTRIBUTES.shown(user.attributes);
  return {
    ...presentUser(store, user),
    ...attributes,
    last_sign_in_at: null,
    confirmed_at: user.createdAt,
    last_activity_on: null,
    email: user.email,
    current_sign_in_at: null,
    identities: [],
    can_create_project: Number(attributes.projects_limit) > 0,
    two_factor_enabled: false,
    external: user.external,
    commit_email: user.email,
    is_admin: user.admin,
    namespace_id: user.namespaceId ?? null,
    created_by: null,
    ...(forAdmin ? { note } : {}),
  };
}

function currentUser({ store, user }: Call): unknown {
  return presentFullUser(store, user, user.admin);
}

function listUsers(call: Call): unknown {
  const { store, currentUser: caller } = call;
  const query = call.read({
    username: text(),
    search: text(),
    active: flag(),
    blocked: flag(),
    humans: flag(),
    exclude_internal: flag(),
    without_project_bots: flag(),
    admins: flag(),
    order_by: oneOf(["id", "name", "username", "created_at", "updated_at"]),
    sort: oneOf(["asc", "desc"]),
  });
  // Anonymous callers may only look one name up.
  if (!caller && query.username === undefined) throw GitLabError.forbidden("Not authorized to access /api/v4/users");
  const candidates =
    query.username === undefined ? store.users.all() : [store.userByUsername(query.username.toLowerCase())];
  const needle = query.search?.toLowerCase();
  const found = candidates
    .filter((user): user is User => user !== undefined)
    .filter(
      (user) =>
        needle === undefined ||
        [user.name, user.username, user.email].some((field) => field.toLowerCase().includes(needle)),
    )
    .filter((user) => !query.active || user.state === "active")
    .filter((user) => !query.blocked || user.state === "blocked")
    .filter((user) => !query.admins || user.admin)
    .filter((user) => !(query.humans || query.without_project_bots) || user.userType === "human");
  if (query.sort !== "asc") found.reverse();
  return call.page(found, (user) =>
    caller?.admin ? presentFullUser(store, user, true) : presentUserBasic(store, user),
  );
}

function findUser(call: Call): User {
  const user = call.store.users.get(call.id("id"));
  if (!user) throw GitLabError.notFound("User");
  return user;
}

function showUser(call: Call): unknown {
  const user = findUser(call);
  return call.user.admin ? presentFullUser(call.store, user, true) : presentUser(call.store, user);
}

function newUser(call: Call): unknown {
  call.requireAdmin();
  const input = call.read({
    email: required(text()),
    username: required(text()),
    name: required(text()),
    password: text(),
    reset_password: flag(),
    force_random_password: flag(),
    admin: flag(),
    external: flag(),
    skip_confirmation: flag(),
    ...ATTRIBUTES.parameters,
  });
  if (input.password === undefined && !input.reset_password && !input.force_random_password) {
    throw new GitLabError(400, {
      error: "password, reset_password, force_random_password are missing, at least one parameter must be provided",
    });
  }
  if (input.password !== undefined && input.password.length < 8) {
    throw GitLabError.invalid("password", "is too short (minimum is 8 characters)");
  }
  if (!/^[^@\s]+@[^@\s]+$/.test(input.email)) throw GitLabError.invalid("email", "is invalid");
  const { email, username, name, admin, external } = input;
  const attributes = ATTRIBUTES.written(call, input);
  const user = createUser(call.store, { email, username, name, admin, external, attributes });
  return presentFullUser(call.store, user, true);
}

/** A user's name of the namespace, too, is that of the user. Errors: 409 when username or e-mail is taken. */
function editUser(call: Call): unknown {
  const { store } = call;
  call.requireAdmin();
  const user = findUser(call);
  const input = call.read({
    email: filledText(),
    username: filledText(),
    name: filledText(),
    password: text(),
    reset_password: flag(),
    admin: flag(),
    external: flag(),
    skip_reconfirmation: flag(),
    ...ATTRIBUTES.parameters,
  });
  const { email = user.email, username = user.username } = input;
  if ((store.userByEmail(email.toLowerCase()) ?? user) !== user) {
    throw GitLabError.conflict("Email has already been taken");
  }
  requireUsername(username);
  const namespace = user.namespaceId === undefined ? undefined : store.namespaces.get(user.namespaceId);
  const taken = store.namespaceByPath(username);
  if ((store.userByUsername(username.toLowerCase()) ?? user) !== user || (taken && taken !== namespace)) {
    throw GitLabError.conflict("Username has already been taken");
  }
  store.users.update(user, (row) => {
    Object.assign(row, { email, username, name: input.name ?? row.name });
    row.admin = input.admin ?? row.admin;
    row.external = input.external ?? row.external;
    Object.assign(row.attributes, ATTRIBUTES.written(call, input));
  });
  if (namespace) store.namespaces.update(namespace, (row) => Object.assign(row, { path: username, name: user.name }));
  return presentFullUser(store, user, true);
}

async function removeUser(call: Call): Promise<void> {
  call.requireAdmin();
  const user = findUser(call);
  for (const project of call.store.projectsIn(user.namespaceId ?? -1)) await deleteProject(call.store, project);
  deleteUser(call.store, user);
}

function setState(state: User["state"]): (call: Call) => unknown {
  return (call) => {
    call.requireAdmin();
    findUser(call).state = state;
    return true;
  };
}

function userStatus(call: Call): unknown {
  const { user } = call;
  return { id: user.id, emoji: "speech_balloon", message: null, message_html: "", availability: "not_set" };
}

function userEmails(call: Call): unknown {
  call.read({ page: integer() });
  return call.page([call.user], (user) => ({ id: user.id, email: user.email, confirmed_at: user.createdAt }));
}

const READ_USER = { scopes: ["read_user"] };

export const userRoutes = [
  get("/user", currentUser, READ_USER),
  get("/user/status", userStatus, READ_USER),
  get("/user/emails", userEmails, READ_USER),
  get("/users", listUsers, { ...READ_USER, anonymous: true }),
  get("/users/:id", showUser, READ_USER),
  post("/users", newUser),
  put("/users/:id", editUser),
  del("/users/:id", removeUser),
  post("/users/:id/block", setState("blocked")),
  post("/users/:id/unblock", setState("active")),
];
