import type { RequestHandler } from "express";
import { delay } from "./delay";

/** Begins with every call that many milliseconds later, as over a network. Calls wait side by side. */
export function latency(milliseconds: number): RequestHandler {
  return (_request, response, next) => {
    if (milliseconds === 0) return next();
    delay(response, milliseconds).then((isStillThere) => isStillThere && next(), next);
    return undefined;
  };
}
