import type { Request, RequestHandler, Response } from "express";
import type { Store } from "../model/store";
import { delay } from "./delay";

/** Does to a call what the next matching fault says; see `POST /-/sandbox/faults`. */
export function faultInjection(store: Store): RequestHandler {
  return (request, response, next) => {
    const fault = store.faults.take(request.method, decodedPath(request));
    if (!fault) return next();
    const { action } = fault;
    if (action.kind === "reset") {
      request.socket.resetAndDestroy();
    } else if (action.kind === "status") {
      answer(response, action);
    } else if (action.kind === "delay") {
      delay(response, action.milliseconds).then((stillThere) => stillThere && next(), next);
    } else {
      loseAnswer(request, response);
      next();
    }
    return undefined;
  };
}

/** The path without query, percent-decoded, so that `/projects/group%2Fname/` is matched as it reads. */
export function decodedPath(request: Request): string {
  const path = request.originalUrl.split("?")[0]!;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function answer(
  response: Response,
  { status, body, headers }: { status: number; body: unknown; headers: Record<string, string> },
): void {
  response.status(status);
  const text = body === undefined ? { message: `${status} injected by the sandbox` } : body;
  response.setHeader("Content-Type", typeof text === "string" ? "text/plain" : "application/json");
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(typeof text === "string" ? text : JSON.stringify(text));
}

/** Lets the call be done and throws its answer away: the client sees a cut connection. */
function loseAnswer(request: Request, response: Response): void {
  response.writeHead = () => response;
  response.flushHeaders = () => undefined;
  response.write = () => true;
  response.end = () => {
    request.socket.resetAndDestroy();
    return response;
  };
}
