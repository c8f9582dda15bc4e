import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { gzipSync } from "node:zlib";
import { ApiClient } from "../../gitlab/api-client";
import { type HttpCall, httpCall } from "../../gitlab/http-call";
import { GitLabStateApi } from "../../state/gitlab-state-api";

const TOKEN = "glpat-SecretSecretSecret1";
const VARIABLES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);

/** A GitLab and a proxy on this machine, and what the proxy was asked for. */
class Network {
  readonly asked: string[] = [];
  readonly credentials: (string | undefined)[] = [];
  readonly gitlab = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "application/json" }).end('{"version": "18.9.0"}');
  });
  readonly proxy = createServer((request, response) => {
    this.asked.push(`${request.method} ${request.url}`);
    this.credentials.push(request.headers["proxy-authorization"]);
    response.writeHead(200, { "Content-Type": "application/json" }).end('{"version": "through the proxy"}');
  });

  async start(): Promise<this> {
    // No name is looked up: whoever is asked for, it is the GitLab here.
    this.proxy.on("connect", (request, socket) => {
      this.asked.push(`CONNECT ${request.url}`);
      if (request.url?.startsWith("refused.")) return socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
      const there = connect(portOf(this.gitlab), "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        there.pipe(socket).pipe(there);
      });
      there.on("error", () => socket.destroy());
      return socket.on("error", () => there.destroy());
    });
    for (const each of [this.gitlab, this.proxy]) {
      await new Promise<void>((done) => each.listen(0, "127.0.0.1", done));
    }
    return this;
  }

  stop(): void {
    for (const each of [this.gitlab, this.proxy]) {
      each.closeAllConnections();
      each.close();
    }
  }
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

let network: Network;
let before: NodeJS.ProcessEnv;
beforeEach(async () => {
  network = await new Network().start();
  before = process.env;
  process.env = Object.fromEntries(Object.entries(before).filter(([name]) => !VARIABLES.includes(name)));
});
afterEach(() => {
  process.env = before;
  network.stop();
});

const version = async (baseUrl: string): Promise<unknown> => {
  const client = new ApiClient({ baseUrl, token: TOKEN, wait: async () => undefined });
  return (await client.get<{ version: string }>(["version"])).version;
};

describe("the way to GitLab", () => {
  test("GIVEN no proxy THEN it is asked itself", async () => {
    expect(await version(`http://127.0.0.1:${portOf(network.gitlab)}`)).toBe("18.9.0");
    expect(network.asked).toEqual([]);
  });

  test.each(["HTTP_PROXY", "http_proxy", "ALL_PROXY"])(
    "GIVEN %s THEN an address of HTTP is asked for through it",
    async (name) => {
      process.env[name] = `http://me:pass%40word@127.0.0.1:${portOf(network.proxy)}`;
      expect(await version("http://gitlab.invalid")).toBe("through the proxy");
      expect(network.asked).toEqual(["GET http://gitlab.invalid/api/v4/version"]);
      expect(network.credentials).toEqual([`Basic ${Buffer.from("me:pass@word").toString("base64")}`]);
    },
  );

  test("GIVEN HTTPS_PROXY THEN an address of HTTPS gets a tunnel, in which the certificate is checked", async () => {
    process.env.HTTPS_PROXY = `http://127.0.0.1:${portOf(network.proxy)}`;
    await expect(version("https://gitlab.invalid")).rejects.toThrow(/got .*SSL.*; .*fix: check http or https/);
    expect(network.asked[0]).toBe("CONNECT gitlab.invalid:443");
  });

  test("GIVEN a proxy that refuses THEN that is said, without a token", async () => {
    process.env.HTTPS_PROXY = `http://me:secretpass@127.0.0.1:${portOf(network.proxy)}`;
    const refused = await version("https://refused.invalid").catch((error: Error) => error.message);
    expect(refused).toMatch(/got Proxy response \(403\).*; .*HTTPS_PROXY/);
    expect(refused).not.toMatch(/secretpass|glpat/);
  });

  test.each(["127.0.0.1", "*", "gitlab.example.com, 127.0.0.1"])(
    "GIVEN a host of NO_PROXY=%s THEN it is asked itself",
    async (hosts) => {
      process.env.HTTP_PROXY = `http://127.0.0.1:${portOf(network.proxy)}`;
      process.env.NO_PROXY = hosts;
      expect(await version(`http://127.0.0.1:${portOf(network.gitlab)}`)).toBe("18.9.0");
      expect(network.asked).toEqual([]);
    },
  );

  test("GIVEN states in GitLab THEN they are asked for through it, too", async () => {
    process.env.HTTP_PROXY = `http://127.0.0.1:${portOf(network.proxy)}`;
    const api = new GitLabStateApi({ kind: "gitlab", baseUrl: "http://gitlab.invalid", project: "ops/x" }, "one");
    expect(await api.read()).toMatchObject({ status: 200 });
    expect(network.asked).toEqual(["GET http://gitlab.invalid/api/v4/projects/ops%2Fx/terraform/state/one"]);
  });

  test.each(["socks5://127.0.0.1:1080", "http://me:secretpass@:x", "http://me:secretpass%ZZ@127.0.0.1:1"])(
    "GIVEN the proxy %s THEN that is said, without a password",
    async (proxy) => {
      process.env.HTTPS_PROXY = proxy;
      const refused = await version("https://gitlab.invalid").catch((error: Error) => error.message);
      expect(refused).toMatch(/^got a proxy in HTTPS_PROXY.*; allowed: http:.*; fix: /);
      expect(refused).not.toContain("secretpass");
    },
  );
});

describe("a call without a proxy", () => {
  let server: Server;
  const ask = async (listener: RequestListener, call: Partial<HttpCall> = {}) => {
    server = createServer(listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    return again(call);
  };
  const again = (call: Partial<HttpCall> = {}) =>
    httpCall(`http://127.0.0.1:${portOf(server)}/a%2Fb?c=d`, {
      method: "GET",
      headers: { "PRIVATE-TOKEN": TOKEN },
      signal: AbortSignal.timeout(10_000),
      ...call,
    });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each(["POST", "PUT", "DELETE"])(
    "GIVEN a body of %s THEN it arrives whole, as JSON, with its length",
    async (method) => {
      const answer = await ask(
        async (request, response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of request) chunks.push(chunk as Buffer);
          const { "content-type": type, "content-length": length, "user-agent": agent } = request.headers;
          response.end(
            JSON.stringify([
              request.method,
              request.url,
              type,
              Number(length),
              agent,
              Buffer.concat(chunks).toString(),
            ]),
          );
        },
        { method, body: { name: "Käse" } },
      );
      const body = '{"name":"Käse"}';
      expect(JSON.parse(answer.text)).toEqual([method, "/a%2Fb?c=d", "application/json", 16, "gitlab-ci-pusher", body]);
    },
  );

  test("GIVEN an answer that is packed THEN its text is what was packed, and cut off it is none", async () => {
    const packed = gzipSync("ä".repeat(10_000));
    let length = packed.length;
    const answer = await ask((request, response) => {
      expect(request.headers["accept-encoding"]).toBe("gzip");
      response.writeHead(200, { "Content-Encoding": "gzip", Link: "<x>; rel=next" }).end(packed.subarray(0, length));
    });
    expect([answer.status, answer.headers.get("LINK"), answer.headers.get("x-none")]).toEqual([
      200,
      "<x>; rel=next",
      null,
    ]);
    expect(answer.text).toBe("ä".repeat(10_000));
    length = 20;
    await expect(again()).rejects.toThrow("unexpected end of file");
  });

  test.each<[string, number, Buffer | undefined]>([
    ["gzip", 204, undefined],
    ["gzip", 200, undefined],
    ["GZIP", 200, gzipSync("fine")],
    ["x-gzip", 200, gzipSync("fine")],
  ])(
    "GIVEN an answer that is called %s, with status %i THEN its text is what there is",
    async (coding, status, body) => {
      const answer = await ask((_, response) => response.writeHead(status, { "Content-Encoding": coding }).end(body));
      expect([answer.status, answer.text]).toEqual([status, body ? "fine" : ""]);
    },
  );

  test("GIVEN an answer that unpacks to more than a machine has room for THEN it is ended, and that is said", async () => {
    // A packed text may be several, one after the other.
    const packed = Buffer.concat(new Array(5).fill(gzipSync(Buffer.alloc(64 * 1024 ** 2), { level: 1 })));
    const bomb = ask((_, response) => response.writeHead(200, { "Content-Encoding": "gzip" }).end(packed));
    await expect(bomb).rejects.toThrow("an answer of more than 256 MB");
  });

  test("GIVEN a server that changes the protocol THEN there is no answer, and that is said", async () => {
    const changed = ask((_, response) => {
      response.writeHead(101, { Connection: "Upgrade", Upgrade: "another" }).end();
    });
    await expect(changed).rejects.toThrow("the connection was closed without an answer");
  });

  test("GIVEN a redirect THEN it is the answer, and the token goes nowhere else", async () => {
    const asked: unknown[] = [];
    const answer = await ask((request, response) => {
      asked.push(request.headers["private-token"]);
      response.writeHead(302, { Location: "/elsewhere" }).end();
    });
    expect([answer.status, answer.headers.get("location"), asked]).toEqual([302, "/elsewhere", [TOKEN]]);
  });

  test("GIVEN an answer that breaks off, or none in time THEN that is the error", async () => {
    const cut = ask((_, response) =>
      response.writeHead(200, { "Content-Length": "100" }).write("half", () => response.destroy()),
    );
    await expect(cut).rejects.toMatchObject({ code: "ECONNRESET" });
    server.removeAllListeners("request");
    await expect(again({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("GIVEN a connection that was kept and is ended at the next call THEN a read is made again, and nothing else", async () => {
    let asked = 0;
    const answers = (request: { method?: string; socket: { resetAndDestroy(): void } }, end: () => void) => {
      asked += 1;
      if (asked % 2 === 0) request.socket.resetAndDestroy();
      else end();
    };
    await ask((request, response) => answers(request, () => response.end("fine")));
    expect((await again()).text).toBe("fine");
    expect(asked).toBe(3);
    await expect(again({ method: "POST", body: {} })).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(asked).toBe(4);
  });
});
