import type { NextFunction, Request, RequestHandler, Response } from "express";
import multer from "multer";
import { GitLabError } from "../model/gitlab-error";
import { isRecord, nestParameters, type RawParameters } from "./parameters";

/** The most a request may send, in bytes, where it hands in no file. */
const LIMIT = 50 * 1024 * 1024;

/** The most a runner's file may have, in bytes; what GitLab takes of it is a setting. */
const FILE_LIMIT = 100 * 1024 * 1024;

/** A file of a multipart body. */
export interface UploadedFile {
  /** As the client called it. */
  readonly name: string;
  readonly content: Buffer;
}

interface Body {
  readonly raw: Buffer;
  readonly parameters: RawParameters;
  /** By field name. */
  readonly files: ReadonlyMap<string, UploadedFile>;
}

const bodies = new WeakMap<Request, Body>();

/** The body as it came; empty for multipart. */
export function rawBody(request: Request): Buffer {
  return bodies.get(request)?.raw ?? Buffer.alloc(0);
}

/** The file of one field of a multipart body. */
export function uploadedFile(request: Request, field: string): UploadedFile | undefined {
  return bodies.get(request)?.files.get(field);
}

export function bodyParameters(request: Request): RawParameters {
  return bodies.get(request)?.parameters ?? {};
}

const multipart = multer({ storage: multer.memoryStorage(), limits: { fieldSize: LIMIT, fileSize: FILE_LIMIT } }).any();

/** Reads the body: JSON, form, or multipart. */
export function readBody(): RequestHandler {
  return (request, response, next) => {
    if (request.is("multipart/form-data")) readMultipart(request, response, next);
    else readPlain(request).then(() => next(), next);
  };
}

function readMultipart(request: Request, response: Response, next: NextFunction): void {
  let size = 0;
  multipart(request, response, (error: unknown) => {
    if (size > LIMIT && !isFileUpload(request)) {
      next(tooLarge());
      return;
    }
    if (error instanceof multer.MulterError && ["LIMIT_FILE_SIZE", "LIMIT_FIELD_VALUE"].includes(error.code)) {
      next(tooLarge());
      return;
    }
    if (error) {
      next(new GitLabError(400, { error: `multipart body could not be read: ${(error as Error).message}` }));
      return;
    }
    bodies.set(request, {
      raw: Buffer.alloc(0),
      parameters: { ...(request.body as RawParameters) },
      files: new Map(
        filesOf(request).map((file) => [file.fieldname, { name: file.originalname, content: file.buffer }]),
      ),
    });
    next();
  });
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
  });
}

// Artifacts are the only files that are taken here.
function isFileUpload(request: Request): boolean {
  return request.method === "POST" && /\/jobs\/\d+\/artifacts$/.test(request.path);
}

function filesOf(request: Request): Express.Multer.File[] {
  return Array.isArray(request.files) ? request.files : Object.values(request.files ?? {}).flat();
}

async function readPlain(request: Request): Promise<void> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) throw tooLarge();
    chunks.push(chunk);
  }
  const raw = Buffer.concat(chunks);
  bodies.set(request, { raw, parameters: parse(request, raw), files: new Map() });
}

function tooLarge(): GitLabError {
  return GitLabError.message(413, "413 Request Entity Too Large");
}

function parse(request: Request, raw: Buffer): RawParameters {
  if (raw.length === 0 || isStateUpload(request)) return {};
  if (request.is(["json", "+json"])) return parseJson(raw);
  if (request.is("urlencoded") || !request.headers["content-type"]) {
    return nestParameters(new URLSearchParams(raw.toString()));
  }
  const type = request.headers["content-type"];
  throw new GitLabError(415, { error: `The provided content-type '${type}' is not supported.` });
}

function parseJson(raw: Buffer): RawParameters {
  try {
    const parsed: unknown = JSON.parse(raw.toString());
    return isRecord(parsed) ? parsed : {};
  } catch {
    throw new GitLabError(400, { error: "Problems parsing JSON" });
  }
}

// A state is stored as it came; whether it is JSON is for that endpoint to say.
function isStateUpload(request: Request): boolean {
  return request.method === "POST" && /\/terraform\/state\/[^/]+$/.test(request.path);
}
