import { randomUUID } from "node:crypto";
import express, { type NextFunction, type Request, type Response, type Router } from "express";
import { GitLabError } from "../model/gitlab-error";
import type { Store } from "../model/store";
import { Call } from "./call";
import { ENDPOINTS } from "./endpoints";
import { nestParameters } from "./parameters";
import { bodyParameters, readBody } from "./request-body";
import { identify } from "./request-identity";
import { RawAnswer, type Route } from "./route";
import { watched } from "./watched-parameters";

/** GitLab's REST API v4, to be mounted at `/api/v4`. */
export function restApi(store: Store): Router {
  const router = express.Router({ caseSensitive: true, strict: false });
  router.use((_request, response, next) => {
    response.setHeader("X-Request-Id", randomUUID());
    response.setHeader("X-Gitlab-Meta", "gitlab-sandbox, not GitLab");
    response.setHeader("Cache-Control", "max-age=0, private, must-revalidate");
    next();
  });
  router.use(readBody());
  for (const route of ENDPOINTS) {
    router[route.method](route.path, (request, response) => answer(store, route, request, response));
  }
  router.use((_request, response) => sendJson(response.status(404), { error: "404 Not Found" }));
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) next(error);
    else refuse(error, response);
  });
  return router;
}

async function answer(store: Store, route: Route, request: Request, response: Response): Promise<void> {
  const query = nestParameters(new URL(request.originalUrl, "http://sandbox").searchParams);
  const { raw, unread } = watched({ ...query, ...bodyParameters(request), ...request.params });
  const identity = route.runner ? null : identify(store, request, raw, route);
  response.locals.user = identity?.user.username;
  if (!identity && !route.anonymous && !route.runner) throw GitLabError.unauthorized();
  if (store.settings.maintenance_mode && request.method !== "GET" && request.method !== "HEAD") {
    throw GitLabError.message(403, "403 Forbidden - GitLab Maintenance: system is read-only");
  }
  response.status(request.method === "POST" ? 201 : 200);
  const result = await route.handle(new Call(store, request, response, raw, identity));
  tellIgnored(
    response,
    unread().filter((name) => !Object.hasOwn(request.params, name)),
  );
  if (result === undefined) response.status(204).end();
  else if (result instanceof RawAnswer) sendRaw(response, result);
  else sendJson(response, result);
}

/** GitLab drops what it does not know, and so does this; but whoever tests a client with it shall not think that something took effect. */
function tellIgnored(response: Response, all: readonly string[]): void {
  if (all.length === 0) return;
  // Half a character, which JSON may hold and a cut may leave, can be in no header.
  const names = all.slice(0, MOST_NAMES).map((name) => Buffer.from(name.slice(0, LONGEST_NAME)).toString());
  response.locals.ignored = names;
  if (!response.headersSent) response.setHeader("X-Gitlab-Sandbox-Ignored", names.map(encodeURIComponent).join(", "));
}

/** More would be no headers that a client takes. */
const MOST_NAMES = 50;
const LONGEST_NAME = 60;

function refuse(error: unknown, response: Response): void {
  if (error instanceof GitLabError) {
    for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
    sendJson(response.status(error.status), error.body);
  } else if (error instanceof URIError) {
    sendJson(response.status(400), { error: "400 Bad Request" });
  } else {
    // A defect of the sandbox itself: say so where its operator can see it, answer as GitLab would.
    process.stderr.write(`sandbox: ${error instanceof Error ? error.stack : String(error)}\n`);
    sendJson(response.status(500), { message: "500 Internal Server Error" });
  }
}

function sendJson(response: Response, body: unknown): void {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(body));
}

function sendRaw(response: Response, { content, contentType, headers }: RawAnswer): void {
  response.setHeader("Content-Type", contentType);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.end(content);
}
