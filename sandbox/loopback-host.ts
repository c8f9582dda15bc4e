import type { RequestHandler } from "express";

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|(?:[\w-]+\.)*localhost|\[::1\])(?::\d+)?$/i;

/**
 * Refuses calls that were sent to another name: a web page whose own name was made to lead to 127.0.0.1 could otherwise turn the
 * switches, which need no token.
 */
export function loopbackHost(): RequestHandler {
  return (request, response, next) => {
    const { host = "" } = request.headers;
    if (LOOPBACK.test(host)) {
      next();
      return;
    }
    // What the client has begun to send must be read, else it meets a broken pipe before it reads the answer.
    request.resume();
    response.status(403).json({
      error: `The sandbox was called as ${JSON.stringify(host)}; it answers to 127.0.0.1 and localhost only.`,
    });
  };
}
