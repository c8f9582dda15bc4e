import type { Call } from "../call";
import { get } from "../route";

const REVISION = "00000000000";

function metadata({ store }: Call): Record<string, unknown> {
  return {
    version: store.enterprise ? `${store.version}-ee` : store.version,
    revision: REVISION,
    kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
    enterprise: store.enterprise,
  };
}

export const metadataRoutes = [
  get("/version", metadata, { scopes: ["read_user", "ai_features"] }),
  get("/metadata", metadata, { scopes: ["read_user", "ai_features"] }),
];
