import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What is answered: a body with status 200, or something else. A list of them is answered one by one, the last for ever. */
export type FakeAnswer = unknown | FakeStatus | readonly FakeTurn[];

export class FakeStatus {
  constructor(
    readonly status: number,
    readonly body: unknown = {},
  ) {}
}

/** One of several answers to the same question. */
export class FakeTurn {
  constructor(readonly answer: unknown) {}
}

/** An API that knows a few paths, below `/api/v4` and without the query, and says 404 to all others. */
export class FakeGitLab {
  /** `METHOD path` of each call. */
  readonly calls: string[] = [];
  readonly tokens = new Set<string | undefined>();

  private constructor(
    private readonly server: Server,
    private readonly answers: Readonly<Record<string, FakeAnswer>>,
  ) {}

  static async start(answers: Readonly<Record<string, FakeAnswer>>): Promise<FakeGitLab> {
    const server = createServer((request, response) => {
      const path = new URL(request.url!, "http://x").pathname.replace("/api/v4", "");
      fake.calls.push(`${request.method} ${path}`);
      fake.tokens.add(request.headers["private-token"]?.toString());
      const { status, body } = fake.answer(path);
      const isText = typeof body === "string";
      response.writeHead(status, { "Content-Type": isText ? "text/plain" : "application/json" });
      response.end(isText ? body : JSON.stringify(body));
    });
    const fake = new FakeGitLab(server, answers);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private answer(path: string): FakeStatus {
    if (!(path in this.answers)) return new FakeStatus(404, { message: "404 Not found" });
    const asked = this.calls.filter((call) => call.endsWith(` ${path}`)).length;
    const answer = this.answers[path];
    const isTurns = Array.isArray(answer) && answer[0] instanceof FakeTurn;
    const body = isTurns ? (answer[Math.min(asked, answer.length) - 1] as FakeTurn).answer : answer;
    return body instanceof FakeStatus ? body : new FakeStatus(200, body);
  }
}
