import { readFileSync } from "node:fs";
import { messageOf } from "./gitlab-api-error";
import { GitLabClient } from "./gitlab-client";
import { type Diagnostic, DiagnosticError, errorDiagnostic } from "./protocol/diagnostic";
import type { Schema } from "./protocol/schema";
import { isKnown, isUnknown, type ObjectValue } from "./protocol/value";
import type { Backoff } from "./retry-policy";

/** The `provider "gitlab"` block, as the 18.6 bindings have it. */
export const providerSchema: Schema = {
  version: 0,
  attributes: {
    base_url: { type: "string", optional: true },
    cacert_file: { type: "string", optional: true },
    client_cert: { type: "string", optional: true },
    client_key: { type: "string", optional: true },
    config_file: { type: "string", optional: true },
    context: { type: "string", optional: true },
    early_auth_check: { type: "bool", optional: true },
    enable_auto_ci_support: { type: "bool", optional: true },
    headers: { type: ["map", "string"], optional: true },
    insecure: { type: "bool", optional: true },
    retries: { type: "number", optional: true },
    token: { type: "string", optional: true, sensitive: true },
  },
};

/** Stand-ins for the provider process's environment: an attached provider cannot see Terraform's. */
export interface ProviderDefaults {
  /** In place of `GITLAB_BASE_URL`. */
  readonly baseUrl: string;
  /** In place of `GITLAB_TOKEN`. */
  readonly token: string;
}

const DEFAULT_RETRIES = 10;

/** These need the environment or files of the machine Terraform runs on, which an attached provider does not have. */
const REFUSED: Readonly<Record<string, string>> = {
  config_file: "set base_url and token instead",
  context: "set base_url and token instead",
  enable_auto_ci_support: "a CI job's variables are not visible to it, set base_url and token instead",
};

/** Says which settings the stand-in does not have, and which files cannot go alone. */
export function validateProviderConfiguration(config: ObjectValue): Diagnostic[] {
  const refused = Object.entries(REFUSED).filter(([name]) => isKnown(config[name]) && config[name] !== false);
  const diagnostics = refused.map(([name, advice]) => {
    const detail = `The sandbox's provider stand-in does not read ${name}: ${advice}, or start the sandbox with \`--provider registry\`.`;
    return errorDiagnostic(`Unsupported provider setting: ${name}`, detail, [name]);
  });
  if (isKnown(config.client_cert) && config.client_key === null) {
    const detail = 'Attribute "client_key" must be specified when "client_cert" is specified';
    diagnostics.push(errorDiagnostic("Invalid Attribute Combination", detail, ["client_cert"]));
  }
  return diagnostics;
}

/** Makes the client of one `provider` block; with `early_auth_check` (the default) it asks for the current user once. */
export async function configureProvider(
  config: ObjectValue,
  defaults: ProviderDefaults,
  connection: { readonly backoff: Backoff; readonly signal: () => AbortSignal },
): Promise<GitLabClient> {
  refuseUnknown(config);
  const client = new GitLabClient({
    baseUrl: validUrl(setting(config.base_url) ?? defaults.baseUrl),
    token: setting(config.token) ?? defaults.token,
    retries: isKnown(config.retries) ? Number(config.retries) : DEFAULT_RETRIES,
    headers: isKnown(config.headers) ? (config.headers as Record<string, string>) : {},
    tls: {
      rejectUnauthorized: config.insecure !== true,
      ca: fileOf(config, "cacert_file"),
      cert: fileOf(config, "client_cert"),
      key: fileOf(config, "client_key"),
    },
    ...connection,
  });
  if (config.early_auth_check !== false) await checkAuthentication(client);
  return client;
}

async function checkAuthentication(client: GitLabClient): Promise<void> {
  try {
    await client.get("user");
  } catch (error) {
    client.close();
    throw new DiagnosticError(
      "Failed to create GitLab Client from provider configuration",
      `The provider failed to create a new GitLab Client from the given configuration: ${messageOf(error)}`,
    );
  }
}

function refuseUnknown(config: ObjectValue): void {
  const name = Object.keys(config).find((each) => isUnknown(config[each]));
  if (!name) return;
  const detail = `The value of ${name} is only known after apply. Give a literal, a variable, or apply what it depends on first.`;
  throw new DiagnosticError("Unknown provider setting", detail, [name]);
}

/** An empty string counts as unset, as in the real provider. */
function setting(value: ObjectValue[string] | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function validUrl(baseUrl: string): string {
  if (/^https?:\/\//.test(baseUrl) && URL.canParse(baseUrl)) return baseUrl;
  const detail = `base_url is "${baseUrl}", allowed is an http or https address such as https://gitlab.example.com/api/v4/.`;
  throw new DiagnosticError("Invalid base_url", detail, ["base_url"]);
}

function fileOf(config: ObjectValue, name: string): Buffer | undefined {
  const path = setting(config[name]);
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (error) {
    const detail = `${name} is "${path}", which cannot be read: ${messageOf(error)}`;
    throw new DiagnosticError("Unreadable file in the provider configuration", detail, [name]);
  }
}
