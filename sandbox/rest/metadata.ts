import type { Call } from "./call";
import { get } from "./route";

/** The GitLab release whose behaviour the sandbox follows. */
const VERSION = "18.8.2";
const REVISION = "00000000000";

function metadata({ store }: Call): Record<string, unknown> {
  return {
    version: store.premium ? `${VERSION}-ee` : VERSION,
    revision: REVISION,
    kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
    enterprise: store.premium,
  };
}

export const metadataRoutes = [
  get("/version", metadata, { scopes: ["read_user", "ai_features"] }),
  get("/metadata", metadata, { scopes: ["read_user", "ai_features"] }),
];
