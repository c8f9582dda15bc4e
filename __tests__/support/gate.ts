import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What becomes of the answer to a changing call that GitLab has done:
 * - `held`: nobody hears it, and no other call goes through, until {@link Gate.open};
 * - `lost`: the connection is cut instead, as by a network that fails;
 * - `doubtful`: a proxy answers 502 in its place.
 */
export type Fate = "held" | "lost" | "doubtful";

interface Stop {
  /** Which changing call: the n-th, or the first that matches. */
  readonly at: number | RegExp;
  readonly fate: Fate;
  readonly met: (call: string) => void;
}

/**
 * A proxy before a sandbox that lets changing calls through one after another and decides what becomes of the answer to one of them.
 * GitLab has then done that call, all before it and none after it, however many the client makes at once.
 */
export class Gate {
  /** The changing calls since the last {@link stopAt}, `METHOD path`. */
  readonly calls: string[] = [];
  private stop: Stop | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private opened: Promise<void> = Promise.resolve();
  private letThrough = () => {};

  private constructor(
    readonly url: string,
    private readonly target: string,
    private readonly server: http.Server,
  ) {}

  static async start(target: string): Promise<Gate> {
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const gate = new Gate(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, target, server);
    server.on("request", (request, response) => void gate.pass(request, response));
    return gate;
  }

  /** Counts changing calls anew, and gives one of them this fate. @returns the call, once it has met it */
  stopAt(at: number | RegExp, fate: Fate): Promise<string> {
    this.calls.length = 0;
    return new Promise((met) => {
      this.stop = { at, fate, met };
    });
  }

  /** Gives what was held to those who wait for it, and lets everything through. */
  open(): void {
    this.stop = undefined;
    this.letThrough();
  }

  /** Lets everything through, but what was held reaches nobody, and calls that wait are not done. */
  cut(): void {
    this.server.closeAllConnections();
    this.open();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.cut();
    await closed;
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    await this.opened;
    if (request.method === "GET") return answer(response, await this.forward(request, body));
    this.turn = this.turn.then(() => this.change(request, response, body));
    return undefined;
  }

  private async change(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    await this.opened;
    if (request.socket.destroyed) return;
    const done = await this.forward(request, body);
    const call = `${request.method} ${decodeURIComponent(request.url!.split("?")[0]!)}`;
    this.calls.push(call);
    const { stop } = this;
    if (!stop || !(typeof stop.at === "number" ? this.calls.length === stop.at : stop.at.test(call))) {
      return answer(response, done);
    }
    this.stop = undefined;
    this.decide(stop.fate, request, response, done);
    stop.met(call);
  }

  private decide(fate: Fate, request: IncomingMessage, response: ServerResponse, done: Answer): void {
    if (fate === "lost") request.socket.destroy();
    else if (fate === "doubtful") answer(response, { status: 502, headers: {}, body: Buffer.from("Bad Gateway") });
    else {
      this.opened = new Promise((resolve) => {
        this.letThrough = resolve;
      });
      void this.opened.then(() => answer(response, done));
    }
  }

  private forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = http.request(new URL(url!, this.target), { method, headers }, async (response) =>
        resolve({ status: response.statusCode!, headers: response.headers, body: await bodyOf(response) }),
      );
      request.once("error", reject);
      request.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Connections are each side's own affair. */
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding"];

function answer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.destroyed || response.socket?.destroyed) return;
  response.writeHead(
    status,
    Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name))),
  );
  response.end(body);
}
