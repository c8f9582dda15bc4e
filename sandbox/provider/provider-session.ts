import type { DataSource } from "./data-source";
import { DATA_SOURCE_TYPES } from "./data-source-types";
import type { GitLabClient } from "./gitlab-client";
import { type Diagnostic, DiagnosticError, diagnosticMessage, diagnosticOf, pathMessage } from "./protocol/diagnostic";
import { decodeDynamicValue, encodeDynamicValue } from "./protocol/dynamic-value";
import { encodeResponse, type Message } from "./protocol/plugin-service";
import { planResource, validateAttributes } from "./protocol/resource-plan";
import { objectOf, schemaMessage } from "./protocol/schema";
import type { ObjectValue } from "./protocol/value";
import {
  configureProvider,
  type ProviderDefaults,
  providerSchema,
  validateProviderConfiguration,
} from "./provider-configuration";
import { REFUSED_DATA_SOURCES, REFUSED_RESOURCES, refusalOf } from "./refused-types";
import { PROVIDER_VERSIONS, type ProviderVersion, type Quirks, type Resource, type ResourceContext } from "./resource";
import { RESOURCE_TYPES } from "./resource-types";
import type { Backoff } from "./retry-policy";

export interface ProviderSessionOptions {
  readonly defaults: ProviderDefaults;
  readonly backoff: Backoff;
  readonly now: () => Date;
  readonly quirks?: Quirks;
  readonly version: ProviderVersion;
}

type Method = (request: Message) => object | Promise<object>;

const SERVER_CAPABILITIES = { get_provider_schema_optional: true };

/** The same for every session, and of some size: encoded once. */
const METADATA = encodeResponse("GetMetadata", {
  server_capabilities: SERVER_CAPABILITIES,
  resources: [...RESOURCE_TYPES[18].keys(), ...REFUSED_RESOURCES.keys()].map((type_name) => ({ type_name })),
  data_sources: [...DATA_SOURCE_TYPES.keys(), ...REFUSED_DATA_SOURCES.keys()].map((type_name) => ({ type_name })),
});

const PROVIDER_SCHEMAS = new Map(
  PROVIDER_VERSIONS.map((version) => [
    version,
    encodeResponse("GetProviderSchema", {
      server_capabilities: SERVER_CAPABILITIES,
      provider: schemaMessage(providerSchema),
      resource_schemas: Object.fromEntries([
        ...[...REFUSED_RESOURCES].map(([name, schema]) => [name, schemaMessage(schema)]),
        ...[...RESOURCE_TYPES[version]].map(([name, { schema }]) => [name, schemaMessage(schema)]),
      ]),
      data_source_schemas: Object.fromEntries([
        ...[...REFUSED_DATA_SOURCES].map(([name, schema]) => [name, schemaMessage(schema)]),
        ...[...DATA_SOURCE_TYPES].map(([name, { schema }]) => [name, schemaMessage(schema)]),
      ]),
    }),
  ]),
);

/**
 * The provider as one Terraform connection sees it. Every `provider` block of every run has a connection of its own, and so
 * its own configuration, though all of them share the process.
 */
export class ProviderSession {
  #client: GitLabClient | undefined;
  #interruption = new AbortController();

  constructor(private readonly options: ProviderSessionOptions) {}

  /** Ends what waits, and drops the connections to GitLab. */
  close(): void {
    this.#interruption.abort();
    this.#client?.close();
  }

  /** The calls of plugin protocol 6, by name. */
  readonly methods: Readonly<Record<string, Method>> = {
    GetMetadata: () => METADATA,
    GetProviderSchema: () => PROVIDER_SCHEMAS.get(this.options.version)!,
    GetResourceIdentitySchemas: () => ({}),
    GetFunctions: () => ({}),
    CallFunction: ({ name }) => ({ error: { text: `The provider has no function "${name}".` } }),
    ValidateProviderConfig: ({ config }) => ({
      diagnostics: validateProviderConfiguration(decodeDynamicValue(config) ?? {}).map(diagnosticMessage),
    }),
    ConfigureProvider: (request) => diagnosing({}, () => this.#configure(request)),
    StopProvider: () => this.#stop(),
    ValidateResourceConfig: (request) => diagnosing({}, () => this.#validateResource(request)),
    ValidateDataResourceConfig: (request) => diagnosing({}, () => this.#validateDataSource(request)),
    ReadDataSource: (request) => diagnosing({}, () => this.#readDataSource(request)),
    UpgradeResourceState: (request) => diagnosing({}, () => this.#upgrade(request)),
    ReadResource: (request) => diagnosing({ new_state: request.current_state }, () => this.#read(request)),
    PlanResourceChange: (request) => diagnosing({ planned_state: request.prior_state }, () => this.#plan(request)),
    ApplyResourceChange: (request) => diagnosing({ new_state: request.prior_state }, () => this.#apply(request)),
    ImportResourceState: (request) => diagnosing({}, () => this.#import(request)),
    MoveResourceState: ({ source_type_name, target_type_name }) =>
      diagnosing({}, () => {
        throw new DiagnosticError(
          "Move Resource State Not Supported",
          `A "${source_type_name}" cannot be moved to a "${target_type_name}": the gitlab provider moves no resources between types. Import the object instead.`,
        );
      }),
  };

  async #configure({ config }: Message): Promise<object> {
    this.#client?.close();
    this.#client = await configureProvider(decodeDynamicValue(config) ?? {}, this.options.defaults, {
      backoff: this.options.backoff,
      signal: () => this.#interruption.signal,
    });
    return {};
  }

  /** Ends waits between tries; a call that is on its way is let finish, as its answer may hold a token. */
  #stop(): object {
    this.#interruption.abort();
    this.#interruption = new AbortController();
    return {};
  }

  #validateResource({ type_name, config }: Message): object {
    const resource = this.#resource(type_name);
    const value = decodeDynamicValue(config) ?? {};
    const diagnostics = [...validateAttributes(resource.schema, value), ...(resource.validate?.(value) ?? [])];
    return { diagnostics: diagnostics.map(diagnosticMessage) };
  }

  #validateDataSource({ type_name, config }: Message): object {
    const { schema } = dataSourceOf(type_name);
    return { diagnostics: validateAttributes(schema, decodeDynamicValue(config) ?? {}).map(diagnosticMessage) };
  }

  async #readDataSource({ type_name, config }: Message): Promise<object> {
    const source = dataSourceOf(type_name);
    const read = await source.read(this.#context(), decodeDynamicValue(config) ?? {});
    return { state: encodeDynamicValue(objectOf(source.schema, read)) };
  }

  #upgrade({ type_name, version, raw_state }: Message): object {
    const resource = this.#resource(type_name);
    const state = JSON.parse(Buffer.from(raw_state.json).toString("utf8")) as ObjectValue;
    const upgraded = resource.upgrade?.(state, Number(version)) ?? state;
    return { upgraded_state: encodeDynamicValue(objectOf(resource.schema, upgraded)) };
  }

  async #read({ type_name, current_state }: Message): Promise<object> {
    const state = decodeDynamicValue(current_state);
    if (state === null) return { new_state: current_state };
    const read = await this.#resource(type_name).read(this.#context(), state);
    return { new_state: encodeDynamicValue(read) };
  }

  async #plan({ type_name, prior_state, proposed_new_state, config }: Message): Promise<object> {
    const proposed = decodeDynamicValue(proposed_new_state);
    if (proposed === null) return { planned_state: proposed_new_state };
    const resource = this.#resource(type_name);
    const request = { state: decodeDynamicValue(prior_state), config: decodeDynamicValue(config)!, proposed };
    const plan = planResource(resource.schema, request);
    await resource.modifyPlan?.(plan, request, this.#context());
    return {
      planned_state: encodeDynamicValue(plan.plan),
      requires_replace: plan.requiresReplace.map(pathMessage),
    };
  }

  async #apply({ type_name, prior_state, planned_state }: Message): Promise<object> {
    const resource = this.#resource(type_name);
    const [state, plan] = [decodeDynamicValue(prior_state), decodeDynamicValue(planned_state)];
    const context = this.#context();
    if (plan === null) {
      if (state !== null) await resource.delete(context, state);
      return { new_state: encodeDynamicValue(null) };
    }
    const applied = state === null ? await resource.create(context, plan) : await resource.update(context, plan, state);
    return { new_state: encodeDynamicValue(applied) };
  }

  #import({ type_name, id }: Message): object {
    const state = encodeDynamicValue(objectOf(this.#resource(type_name).schema, { id }));
    return { imported_resources: [{ type_name, state }] };
  }

  #resource(typeName: string): Resource {
    return RESOURCE_TYPES[this.options.version].get(typeName) ?? refuse("resource", typeName);
  }

  #context(): ResourceContext {
    if (!this.#client) {
      throw new DiagnosticError(
        "Provider not configured",
        "Terraform asked for a resource before it configured the provider.",
      );
    }
    return { client: this.#client, now: this.options.now, quirks: this.options.quirks };
  }
}

function dataSourceOf(typeName: string): DataSource {
  return DATA_SOURCE_TYPES.get(typeName) ?? refuse("data source", typeName);
}

function refuse(kind: "resource" | "data source", typeName: string): never {
  const { summary, detail } = refusalOf(kind, typeName);
  throw new DiagnosticError(summary, detail);
}

function failure(diagnostic: Diagnostic): object {
  return { diagnostics: [diagnosticMessage(diagnostic)] };
}

/** Answers with what failed, next to the state as it was: Terraform keeps that. */
async function diagnosing(unchanged: object, answer: () => object | Promise<object>): Promise<object> {
  try {
    return await answer();
  } catch (error) {
    return { ...unchanged, ...failure(diagnosticOf(error)) };
  }
}
