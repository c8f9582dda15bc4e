import express, { type NextFunction, type Request, type Response, type Router } from "express";
import { z } from "zod";
import { finishJob } from "../model/ci/jobs";
import type { Fault } from "../model/control/fault";
import { GitLabError } from "../model/gitlab-error";
import type { Store } from "../model/store";
import { JOB_REQUEST, startRequestedJob } from "./job-start";

const CLOCK = z.union([
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
  z.strictObject({ advance_seconds: z.number() }),
  z.strictObject({ reset: z.literal(true) }),
]);

const FAULT = z
  .strictObject({
    method: z.string().optional(),
    path: z.string().default(""),
    after: z.int().nonnegative().default(0),
    times: z.int().positive().default(1),
    status: z.int().min(100).max(599).optional(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).default({}),
    delay_ms: z.int().nonnegative().optional(),
    reset: z.literal(true).optional(),
    lose_answer: z.literal(true).optional(),
  })
  .refine(({ status, delay_ms, reset, lose_answer }) => {
    return [status, delay_ms, reset, lose_answer].filter((action) => action !== undefined).length === 1;
  }, "give exactly one of status, delay_ms, reset, lose_answer");

/** The words of an administrator's own hook to every push from now on; null: there is none. */
const SERVER_HOOK = z.strictObject({ message: z.string().min(1).nullable() });

const FINISH = z.strictObject({ status: z.enum(["success", "failed", "canceled"]).default("success") });

/** The sandbox's own switches under `/-/sandbox/`: no authentication, loopback only, nothing a GitLab has. */
export function controlApi(store: Store): Router {
  const router = express.Router();
  router.use(loopbackOnly);
  router.use(express.json({ limit: "10mb" }));

  router.get("/clock", (_request, response) => response.json({ now: store.clock.timestamp() }));
  router.put("/clock", (request, response) => {
    const change = CLOCK.parse(request.body);
    if ("now" in change) store.clock.set(new Date(change.now));
    else if ("advance_seconds" in change) store.clock.advance(change.advance_seconds);
    else store.clock.reset();
    response.json({ now: store.clock.timestamp() });
  });

  router.get("/faults", (_request, response) => response.json(store.faults.pending().map(presentFault)));
  router.post("/faults", (request, response) => {
    response.status(201).json(presentFault(store.faults.add(faultOf(FAULT.parse(request.body)))));
  });
  router.delete("/faults", (_request, response) => {
    store.faults.clear();
    response.status(204).end();
  });

  router.put("/server-hook", (request, response) => {
    const { message } = SERVER_HOOK.parse(request.body);
    store.serverHook = message ?? undefined;
    response.json({ message });
  });

  router.get("/requests", (_request, response) => response.json(store.requests.all()));
  router.delete("/requests", (_request, response) => {
    store.requests.clear();
    response.status(204).end();
  });

  router.post("/jobs", async (request, response) => {
    response.status(201).json(await startRequestedJob(store, JOB_REQUEST.parse(request.body)));
  });
  router.post("/jobs/:id/finish", (request, response) => {
    const job = store.jobs.get(Number(request.params.id));
    if (!job) throw GitLabError.notFound("Job");
    finishJob(store, job, FINISH.parse(request.body ?? {}).status);
    response.json({ id: job.id, status: job.status });
  });

  router.use((_request, response) => {
    response.status(404).json({
      error:
        "The sandbox's control has no such endpoint. It has: clock, faults, server-hook, requests, jobs, jobs/:id/finish.",
    });
  });
  router.use(refuse);
  return router;
}

function loopbackOnly(request: Request, response: Response, next: NextFunction): void {
  const address = request.socket.remoteAddress ?? "";
  if (/^(::ffff:)?127\.|^::1$/.test(address)) next();
  else response.status(403).json({ error: `The sandbox's control answers loopback only, not ${address}.` });
}

function refuse(error: unknown, _request: Request, response: Response, next: NextFunction): void {
  if (response.headersSent) next(error);
  else if (error instanceof z.ZodError) response.status(400).json({ error: z.prettifyError(error) });
  else if (error instanceof GitLabError) response.status(error.status).json(error.body);
  else if (error instanceof SyntaxError) response.status(400).json({ error: error.message });
  else next(error);
}

function faultOf(input: z.infer<typeof FAULT>): Omit<Fault, "id"> {
  return {
    method: input.method?.toUpperCase(),
    path: patternOf(input.path),
    passing: input.after,
    remaining: input.times,
    action: actionOf(input),
  };
}

function patternOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch (error) {
    throw new GitLabError(400, { error: `path is no regular expression: ${(error as Error).message}` });
  }
}

function actionOf({ status, body, headers, delay_ms, reset }: z.infer<typeof FAULT>): Fault["action"] {
  if (status !== undefined) return { kind: "status", status, body, headers };
  if (delay_ms !== undefined) return { kind: "delay", milliseconds: delay_ms };
  return reset ? { kind: "reset" } : { kind: "lose_answer" };
}

function presentFault({ id, method, path, passing, remaining, action }: Fault): Record<string, unknown> {
  return { id, method: method ?? null, path: path.source, after: passing, remaining, ...action };
}
