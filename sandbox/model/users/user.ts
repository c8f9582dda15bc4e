/** A person, or the bot GitLab makes for a project or group access token. */
export interface User {
  readonly id: number;
  username: string;
  name: string;
  email: string;
  admin: boolean;
  state: "active" | "blocked";
  /** External users see internal projects only where they are members; a bot takes it from who made its token. */
  external: boolean;
  readonly userType: "human" | "project_bot" | "ghost";
  /** Only for bots: the project or group whose token made it. */
  readonly botOf?: { readonly source: "project" | "group"; readonly id: number };
  /** Only for people: their personal namespace. */
  readonly namespaceId?: number;
  readonly createdAt: string;
  /** Everything else administrators may set and read back, by API name. */
  readonly attributes: Record<string, unknown>;
}
