import type { DataSource } from "../data-source";
import { messageOf } from "../gitlab-api-error";
import type { GitLabClient } from "../gitlab-client";
import { DiagnosticError } from "../protocol/diagnostic";
import { type Attribute, objectOf, type Schema } from "../protocol/schema";
import { isKnown, type ObjectValue, type Value } from "../protocol/value";

type User = { readonly id: number } & Readonly<Record<string, Value>>;

const TEXTS =
  "avatar_url bio created_at current_sign_in_at extern_uid last_sign_in_at linkedin location name note organization skype state twitter user_provider website_url";
const FLAGS = "can_create_group can_create_project external is_admin is_bot two_factor_enabled";
const NUMBERS = "color_scheme_id projects_limit theme_id";

const computed = (names: string, type: Attribute["type"]): [string, Attribute][] =>
  names.split(" ").map((name) => [name, { type, computed: true }]);

const schema: Schema = {
  version: 0,
  attributes: {
    id: { type: "string", computed: true },
    user_id: { type: "number", optional: true, computed: true },
    username: { type: "string", optional: true, computed: true },
    email: { type: "string", optional: true, computed: true },
    email_exact_match: { type: "bool", optional: true },
    namespace_id: { type: "number", optional: true, computed: true },
    ...Object.fromEntries([...computed(TEXTS, "string"), ...computed(FLAGS, "bool"), ...computed(NUMBERS, "number")]),
  },
};

/** Attributes that the API calls otherwise. */
const RENAMED: Readonly<Record<string, string>> = { is_bot: "bot" };

/** `gitlab_user`: by number, username or address, the first of those that is given. */
export const user: DataSource = {
  typeName: "gitlab_user",
  schema,

  async read({ client }, config) {
    const found = await find(client, config);
    const known = Object.keys(schema.attributes).map((name) => [name, found[RENAMED[name] ?? name] ?? null]);
    const { email_exact_match } = config;
    return objectOf(schema, { ...Object.fromEntries(known), id: `${found.id}`, user_id: found.id, email_exact_match });
  },
};

async function find(client: GitLabClient, { user_id, username, email }: ObjectValue): Promise<User> {
  try {
    if (isKnown(user_id)) return await client.get<User>(`users/${user_id}`);
    // The real provider writes usernames in small letters.
    const name = isKnown(username) ? String(username).toLowerCase() : "";
    const query: Record<string, string> = name === "" ? { search: String(email ?? "") } : { username: name };
    const [found, ...others] = await client.get<User[]>("users", { query });
    if (found && others.length === 0) return found;
    const problem = found ? "more than one user found matching" : "couldn't find a user matching";
    throw new DiagnosticError(`${problem}: ${name}${email ?? ""}`, "");
  } catch (error) {
    if (error instanceof DiagnosticError) throw error;
    throw new DiagnosticError(messageOf(error), "");
  }
}
