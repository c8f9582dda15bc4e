import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { ApiClient } from "../../gitlab/api-client";
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
    await expect(version("https://gitlab.invalid")).rejects.toThrow(/got .*SSL.*; .*fix: let NODE_EXTRA_CA_CERTS/);
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
