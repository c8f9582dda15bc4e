import type { Project } from "../projects/project";
import type { Store } from "../store";
import { type DeployToken, isDeployTokenExpired } from "./deploy-token";
import { digestOf, newTokenValue } from "./value";

/** Makes a token; the value is in the answer and nowhere else. */
export function createDeployToken(
  store: Store,
  fields: Pick<DeployToken, "source" | "sourceId" | "name" | "scopes" | "expiresAt"> & { username?: string },
): { token: DeployToken; value: string } {
  const id = store.deployTokens.nextId();
  const value = newTokenValue("gldt-", id);
  const username = fields.username ?? `gitlab+deploy-token-${id}`;
  return { token: store.deployTokens.insert({ ...fields, id, username, digest: digestOf(value) }), value };
}

/** The living token of a name and a secret; both must fit. */
export function deployTokenOf(store: Store, username: string, secret: string): DeployToken | undefined {
  const token = store.deployTokenByDigest(digestOf(secret));
  return token?.username === username && !isDeployTokenExpired(token, store.clock) ? token : undefined;
}

/** Tells whether it is of the project, or of a group above it. */
export function deployTokenReaches(store: Store, token: DeployToken, project: Project): boolean {
  if (token.source === "project") return token.sourceId === project.id;
  return store.groupAndAncestors(project.namespaceId).some(({ id }) => id === token.sourceId);
}
