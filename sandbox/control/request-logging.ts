import type { RequestHandler } from "express";
import type { Store } from "../model/store";
import { decodedPath } from "./fault-injection";

/** Notes every call but those to the control itself, when it was answered or cut. */
export function requestLogging(store: Store): RequestHandler {
  return (request, response, next) => {
    const path = decodedPath(request);
    response.once("close", () => {
      store.requests.add({
        method: request.method,
        path,
        status: response.writableFinished ? response.statusCode : 0,
        user: (response.locals.user as string | undefined) ?? null,
        at: store.clock.timestamp(),
        ignored: response.locals.ignored as string[] | undefined,
      });
    });
    next();
  };
}
