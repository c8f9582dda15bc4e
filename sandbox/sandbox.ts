import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express, { type Express } from "express";
import { controlApi } from "./control/control-api";
import { faultInjection } from "./control/fault-injection";
import { latency } from "./control/latency";
import { requestLogging } from "./control/request-logging";
import { type GitHttp, gitHttp } from "./git/git-http";
import { loopbackHost } from "./loopback-host";
import { Clock } from "./model/clock";
import type { Edition, Package } from "./model/instance/settings";
import { Store } from "./model/store";
import { PERSONAL_SCOPES } from "./model/tokens/access-token";
import { createPersonalToken } from "./model/tokens/personal-access-tokens";
import { createUser } from "./model/users/users";
import { ProviderServer } from "./provider/provider-server";
import type { ProviderVersion } from "./provider/resource";
import { restApi } from "./rest/rest-api";
import { applySeed, type Seed } from "./seed";

export interface SandboxOptions {
  /** @default 0, a free one */
  readonly port?: number;
  /** @default "free" */
  readonly edition?: Edition;
  /** Be Enterprise Edition without a licence, where it is free. @default - Community Edition where it is free */
  readonly package?: Package;
  /** Be an older release, `17.6.0`: before 17.7 tokens have no descriptions. Nothing else is older. @default the one it follows */
  readonly version?: string;
  /** Major version of the provider that the stand-in is. @default 18 */
  readonly providerVersion?: ProviderVersion;
  /** Reproduce the documented bugs of that provider release in the stand-in. */
  readonly quirks?: "18.6";
  readonly seed?: Seed;
  /** `registry`: Terraform fetches the real provider itself. @default "standin" */
  readonly provider?: "standin" | "registry";
  /** Answer every call so many milliseconds later, as over a network; its own switches at once. @default 0 */
  readonly latency?: number;
  /** The time source under the sandbox's clock. @default the system's */
  readonly now?: () => Date;
}

const ABOUT = "This is gitlab-sandbox, not GitLab. It speaks GitLab's REST API under /api/v4 and Git over HTTP.\n";

/** A GitLab for one machine: REST API, Git over HTTP and the Terraform provider's stand-in, all state thrown away. */
export class Sandbox {
  private constructor(
    /** `http://127.0.0.1:PORT` */
    readonly url: string,
    /** A personal access token of the administrator `root`; it never expires. */
    readonly adminToken: string,
    /** Holds all state on disk; removed by `stop`. */
    readonly directory: string,
    /** The environment in which Terraform and GitLab clients use this sandbox. */
    readonly environment: Readonly<Record<string, string>>,
    private readonly server: Server,
    private readonly git: GitHttp,
    private readonly provider: ProviderServer | undefined,
  ) {}

  /** Listens on 127.0.0.1 only. Errors: the port is taken, or the seed is wrong. */
  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const directory = await mkdtemp(join(tmpdir(), "gitlab-sandbox-"));
    const undo: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
    try {
      const store = new Store({
        directory,
        edition: options.edition,
        package: options.package,
        version: options.version,
        clock: new Clock(options.now),
      });
      const adminToken = await populate(store, options.seed);
      const git = gitHttp(store);
      undo.unshift(() => git.close());
      const server = await listen(application(store, git, options.latency ?? 0), options.port ?? 0);
      undo.unshift(() => close(server));
      store.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const provider = await startProvider(store, adminToken, options);
      const environment = environmentOf(store.url, adminToken, provider);
      return new Sandbox(store.url, adminToken, directory, environment, server, git, provider);
    } catch (error) {
      for (const step of undo) await step();
      throw error;
    }
  }

  /** Ends connections and child processes and removes the directory. */
  async stop(): Promise<void> {
    await close(this.server);
    await this.git.close();
    await rm(this.directory, { recursive: true, force: true });
    // Last: Terraform kills the process of a provider that it no longer reaches.
    await this.provider?.stop();
  }
}

async function populate(store: Store, seed: Seed | undefined): Promise<string> {
  const root = createUser(store, { username: "root", name: "Administrator", email: "admin@example.com", admin: true });
  const { value } = createPersonalToken(store, root, { name: "sandbox", scopes: PERSONAL_SCOPES, expiresAt: null });
  if (seed) await applySeed(store, seed, root);
  return value;
}

function application(store: Store, git: GitHttp, milliseconds: number): Express {
  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.use(loopbackHost());
  app.use("/-/sandbox", controlApi(store));
  app.use(requestLogging(store));
  app.use(latency(milliseconds));
  app.use(faultInjection(store));
  app.use("/api/v4", restApi(store));
  app.use(git);
  app.get("/", (_request, response) => response.type("text/plain").send(ABOUT));
  app.use((_request, response) => response.status(404).json({ error: "404 Not Found" }));
  return app;
}

function listen(app: Express, port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(app);
    // Uploads and long clones may take their time.
    server.requestTimeout = 0;
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(taken ? new Error(`Port ${port} is taken; choose another with --port, or 0 for a free one.`) : error);
    });
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function startProvider(
  store: Store,
  token: string,
  { provider, providerVersion: version, quirks }: SandboxOptions,
): Promise<ProviderServer | undefined> {
  if (provider === "registry") return undefined;
  return ProviderServer.start({ baseUrl: store.url, token, version, quirks, now: () => store.clock.now() });
}

function environmentOf(url: string, token: string, provider: ProviderServer | undefined): Record<string, string> {
  const gitlab = { GITLAB_BASE_URL: url, GITLAB_TOKEN: token };
  if (!provider) return gitlab;
  return { ...gitlab, TF_REATTACH_PROVIDERS: provider.reattach, CDKTF_SKIP_PROVIDER_LOCK: "true" };
}
