import { type IncomingMessage, request as requestOverHttp } from "node:http";
import { request as requestOverHttps } from "node:https";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { getProxyForUrl } from "proxy-from-env";
import type { Dispatcher } from "undici";
import { ExpectedError } from "./expected-error";
import type { Problem } from "./problem";

/** A call of an API by HTTP. */
export interface HttpCall {
  readonly method: string;
  /** Beside those of the body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON. @default - none */
  readonly body?: object;
  /** Ends the call. */
  readonly signal: AbortSignal;
}

/** The answer to a call, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly text: string;
}

export type AnswerHeaders = Pick<Headers, "get">;

/** The longest answer that is read, in bytes, also once it is unpacked: over twice the longest log that GitLab keeps. A longer one would fill the memory. */
const MOST_BYTES = 256 * 1024 ** 2;

/**
 * Makes a call, through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names, but for hosts of `NO_PROXY`. A redirect is an
 * answer: it would take the token along to wherever it is sent. Without a proxy Node's own `http` is asked and not its `fetch`, which
 * takes a tenth of a second to start: as long as most of the commands here. With one it is `fetch` of undici, which knows of proxies, loaded only then.
 * @throws ExpectedError when the proxy has no address; the message does not hold it, as a password may be in it
 * @throws Error with the code of the network's own error, or the reason of the signal, when there is no answer
 */
export async function httpCall(url: string | URL, { body, ...given }: HttpCall): Promise<HttpAnswer> {
  const text = body && JSON.stringify(body);
  const headers = {
    "User-Agent": "gitlab-ci-pusher",
    ...(body && { "Content-Type": "application/json" }),
    ...given.headers,
  };
  const call = { ...given, headers, text };
  const proxy = getProxyForUrl(String(url));
  return proxy === "" ? directly(new URL(url), call) : through(proxy, url, call);
}

/** A call with its body as it is sent. */
interface ReadyCall extends Omit<HttpCall, "body"> {
  readonly text: string | undefined;
}

function directly(url: URL, call: ReadyCall): Promise<HttpAnswer> {
  const { method, headers, text, signal } = call;
  const length = text === undefined ? {} : { "Content-Length": String(Buffer.byteLength(text)) };
  const open = url.protocol === "https:" ? requestOverHttps : requestOverHttp;
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(signal.aborted ? signal.reason : error);
    const request = open(url, { method, headers: { ...headers, ...length, "Accept-Encoding": "gzip" }, signal });
    let isAnswered = false;
    request.on("error", (error: NodeJS.ErrnoException) => {
      // The server ended a connection that was kept while this was on its way.
      const isLate = request.reusedSocket && !isAnswered && ["ECONNRESET", "EPIPE"].includes(error.code ?? "");
      if (isLate && method === "GET" && !signal.aborted) resolve(directly(url, call));
      else fail(error);
    });
    request.on("response", (response) => {
      isAnswered = true;
      const { statusCode: status = 0, headers: own } = response;
      const get = (name: string) => own[name.toLowerCase()]?.toString() ?? null;
      textOf(response).then((answer) => resolve({ status, headers: { get }, text: answer }), fail);
    });
    // Also when the server answers that it speaks another protocol from here on.
    request.on("close", () => isAnswered || fail(new Error("the connection was closed without an answer")));
    request.end(text);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  const bytes = await bytesOf(response);
  // A server may say so of an answer without a body, too.
  const isPacked = bytes.length > 0 && /^(x-)?gzip$/i.test(response.headers["content-encoding"] ?? "");
  return new TextDecoder().decode(isPacked ? await unpacked(bytes) : bytes);
}

/** @throws Error when there is no end to it */
async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(TOO_LONG);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws Error when it is longer than what is read; the system's when it was not packed so */
async function unpacked(bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? new Error(TOO_LONG) : error;
  }
}

const TOO_LONG = `an answer of more than ${MOST_BYTES / 1024 ** 2} MB`;

/** By the proxy's address. */
const agents = new Map<string, Dispatcher>();

async function through(proxy: string, url: string | URL, { text, ...call }: ReadyCall): Promise<HttpAnswer> {
  if (!isAddress(proxy)) throw new ExpectedError(NO_ADDRESS);
  // That of the same package: another release's agent is not for Node's own `fetch`.
  const { fetch, ProxyAgent } = await import("undici");
  // An address of HTTP is asked for as browsers do it: many proxies tunnel to port 443 alone.
  const dispatcher = agents.get(proxy) ?? new ProxyAgent({ uri: proxy, proxyTunnel: false });
  agents.set(proxy, dispatcher);
  const answer = await fetch(url, { ...call, body: text, redirect: "manual", dispatcher });
  const bytes = await bytesOf(answer.body ?? (async function* () {})());
  return { status: answer.status, headers: answer.headers, text: new TextDecoder().decode(bytes) };
}

/** Of HTTP, with a name and a password that can be decoded or none. */
function isAddress(proxy: string): boolean {
  if (!URL.canParse(proxy)) return false;
  const { protocol, username, password } = new URL(proxy);
  return /^https?:$/.test(protocol) && [username, password].every(isDecodable);
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined;
  } catch {
    return false;
  }
}

const NO_ADDRESS: Problem = {
  got: "a proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY that is no address of HTTP",
  allowed: "http://proxy.example.com:3128",
  fix: "correct or unset it; docs/proxies-and-certificates.md",
};
