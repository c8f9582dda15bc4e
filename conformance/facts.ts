import { ExpectedError } from "../gitlab/expected-error";
import type { ServerFacts } from "./result";
import { field, type Server } from "./server";
import { type Project, type Stage, succeeded } from "./stage";
import type { Subgroup } from "./subgroup";

/** The token's user. @throws ExpectedError when the server does not know the token */
export async function operatorOf(server: Server): Promise<{ readonly id: number; readonly username: string }> {
  const { status, body } = await server.get(["user"]);
  const id = field(body, "id");
  if (status === 200 && typeof id === "number") return { id, username: String(field(body, "username")) };
  throw new ExpectedError({
    got: `${status} ${JSON.stringify(body) ?? "and no JSON"} for the token's user`,
    allowed: "a living personal access token of scope api",
    fix: "check GITLAB_BASE_URL and GITLAB_TOKEN",
  });
}

/** The group of a full path. @throws ExpectedError when the token sees none */
export async function groupOf(server: Server, fullPath: string): Promise<Subgroup & { readonly isTop: boolean }> {
  const { status, body } = await server.get(["groups", fullPath], { with_projects: false });
  const id = field(body, "id");
  // A number would be an id, and the id of some other group.
  const isNamed = String(field(body, "full_path")).toLowerCase() === fullPath.toLowerCase();
  if (status === 200 && typeof id === "number" && isNamed) {
    return { id, fullPath: String(field(body, "full_path")), isTop: field(body, "parent_id") === null };
  }
  throw new ExpectedError({
    got: `${status} for the group ${JSON.stringify(fullPath)}`,
    allowed: "the full path of a group that was made for this",
    fix: "make one, and name it as in its address: --group tests/conformance",
  });
}

/** The server as it says it is. Which licence it has is found out by a rule for one user: Free leaves the user out, or refuses the rule. */
export async function factsOf(stage: Stage): Promise<ServerFacts> {
  const { body } = await stage.server.get(["metadata"]);
  const project = await stage.project();
  return {
    version: String(field(body, "version") ?? "unknown"),
    edition: (await takesUsers(stage, project)) ? "premium" : "free",
    package: field(body, "enterprise") === false ? "ce" : "ee",
  };
}

async function takesUsers(stage: Stage, project: Project): Promise<boolean> {
  const rule = { name: "probe", allowed_to_push: [{ user_id: stage.operator }] };
  const answer = await stage.server.post(project.at("protected_branches"), rule);
  // The word of Enterprise Edition without a licence.
  if (answer.status === 422) return false;
  const made = succeeded("a rule", answer);
  const entries = field(made, "push_access_levels");
  return Array.isArray(entries) && entries.some((entry) => field(entry, "user_id") === stage.operator);
}
