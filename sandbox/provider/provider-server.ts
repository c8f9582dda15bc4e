import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  Server,
  ServerCredentials,
  type sendUnaryData,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { type Message, pluginService } from "./protocol/plugin-service";
import { ProviderSession, type ProviderSessionOptions } from "./provider-session";
import type { ProviderVersion, Quirks } from "./resource";
import { type Backoff, DEFAULT_BACKOFF } from "./retry-policy";
import { StandInProcess } from "./stand-in-process";

export interface ProviderServerOptions {
  /** The sandbox's address; used when the `provider` block sets no `base_url`. */
  readonly baseUrl: string;
  /** Used when the `provider` block sets no `token`. */
  readonly token: string;
  /** The major version of the provider to be. @default 18 */
  readonly version?: ProviderVersion;
  /** `"18.6"` for that version's documented bugs. @default - none */
  readonly quirks?: Quirks;
  /** The day that decides about rotation and expiry. @default the machine's clock */
  readonly now?: () => Date;
  /** Waits between tries. @default the real provider's */
  readonly backoff?: Backoff;
}

/** Both registries' addresses: Terraform and OpenTofu expand `gitlabhq/gitlab` differently. */
const ADDRESSES = ["registry.terraform.io/gitlabhq/gitlab", "registry.opentofu.org/gitlabhq/gitlab"];

const GRPC_OPTIONS = {
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc.enable_channelz": 0,
};

/**
 * Stands in for the gitlabhq/gitlab Terraform provider: speaks plugin protocol 6 and does everything through the REST API.
 *
 * It runs in this process and is attached by `TF_REATTACH_PROVIDERS`. Each Terraform connection gets a gRPC server of its own,
 * as that is how Terraform keeps the configurations of several `provider` blocks, and of several runs, apart.
 */
export class ProviderServer {
  readonly #connections = new Map<net.Socket, () => void>();

  private constructor(
    private readonly listener: net.Server,
    private readonly directory: string,
    private readonly process: StandInProcess,
    /** The value of `TF_REATTACH_PROVIDERS`. Stale once stopped: Terraform kills a process it names and cannot reach. */
    readonly reattach: string,
  ) {}

  static async start(options: ProviderServerOptions): Promise<ProviderServer> {
    const directory = await mkdtemp(path.join(tmpdir(), "gitlab-provider-"));
    const listener = net.createServer();
    const address = await listen(listener, directory);
    const standIn = await StandInProcess.start();
    const server = new ProviderServer(listener, directory, standIn, reattachment(address, standIn.pid));
    listener.on("connection", (socket) => server.#serve(socket, sessionOptions(options)));
    return server;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.listener.close(resolve));
    for (const [socket, end] of this.#connections) {
      end();
      socket.destroy();
    }
    await closed;
    await rm(this.directory, { recursive: true, force: true });
    await this.process.stop();
  }

  #serve(socket: net.Socket, options: ProviderSessionOptions): void {
    const session = new ProviderSession(options);
    const server = new Server(GRPC_OPTIONS);
    server.addService(pluginService, implementation(session));
    const end = () => {
      this.#connections.delete(socket);
      session.close();
      server.forceShutdown();
    };
    this.#connections.set(socket, end);
    socket.once("close", end);
    // A Terraform that is killed resets its connection; the run is lost, the sandbox is not.
    socket.on("error", () => socket.destroy());
    server.createConnectionInjector(ServerCredentials.createInsecure()).injectConnection(socket);
  }
}

function sessionOptions({
  baseUrl,
  token,
  version,
  quirks,
  now,
  backoff,
}: ProviderServerOptions): ProviderSessionOptions {
  return {
    defaults: { baseUrl, token },
    version: version ?? 18,
    quirks,
    now: now ?? (() => new Date()),
    backoff: backoff ?? DEFAULT_BACKOFF,
  };
}

function implementation(session: ProviderSession): UntypedServiceImplementation {
  const methods = Object.entries(session.methods).map(([name, method]) => [
    name,
    async ({ request }: { request: Message }, callback: sendUnaryData<object>) => {
      try {
        callback(null, await method(request));
      } catch (error) {
        callback({ code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) });
      }
    },
  ]);
  return Object.fromEntries(methods);
}

/** A socket in a directory only its owner can enter, as whoever connects acts with the token; Windows has no such thing. */
async function listen(listener: net.Server, directory: string): Promise<{ network: string; address: string }> {
  const onUnix = process.platform !== "win32";
  const socket = path.join(directory, "provider.sock");
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(onUnix ? { path: socket } : { host: "127.0.0.1", port: 0 }, resolve);
  });
  if (onUnix) return { network: "unix", address: socket };
  const { address, port } = listener.address() as net.AddressInfo;
  return { network: "tcp", address: `${address}:${port}` };
}

function reattachment({ network, address }: { network: string; address: string }, pid: number): string {
  // `Test` keeps Terraform from stopping the process after the run; without it, Terraform 1.11 panics here.
  const entry = {
    Protocol: "grpc",
    ProtocolVersion: 6,
    Pid: pid,
    Test: true,
    Addr: { Network: network, String: address },
  };
  return JSON.stringify(Object.fromEntries(ADDRESSES.map((name) => [name, entry])));
}
