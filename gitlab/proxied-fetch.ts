import { getProxyForUrl } from "proxy-from-env";
import type { Dispatcher } from "undici";
import { ExpectedError } from "./expected-error";
import type { Problem } from "./problem";

/** By the proxy's address. */
const agents = new Map<string, Dispatcher>();

/**
 * `fetch` through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` names, but for hosts of `NO_PROXY`; Node's own knows of none.
 * What it takes is loaded only then.
 * @throws ExpectedError when the proxy has no address; the message does not hold it, as a password may be in it
 */
export async function proxiedFetch(url: string | URL, init: RequestInit): Promise<Response> {
  const proxy = getProxyForUrl(String(url));
  if (proxy === "") return fetch(url, init);
  if (!isAddress(proxy)) throw new ExpectedError(NO_ADDRESS);
  // That of the same package: another release's agent is not for Node's own `fetch`.
  const { fetch: fetchThrough, ProxyAgent } = await import("undici");
  // An address of HTTP is asked for as browsers do it: many proxies tunnel to port 443 alone.
  const dispatcher = agents.get(proxy) ?? new ProxyAgent({ uri: proxy, proxyTunnel: false });
  agents.set(proxy, dispatcher);
  const answer = await fetchThrough(url, { ...(init as object), dispatcher });
  return answer as unknown as Response;
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
