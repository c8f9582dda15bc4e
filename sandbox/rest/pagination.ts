import type { Request, Response } from "express";
import { GitLabError } from "../model/gitlab-error";
import type { RawParameters } from "./parameters";

const MOST_PER_PAGE = 100;
const PER_PAGE = 20;
/** Above this many rows GitLab leaves X-Total and X-Total-Pages out. */
const COUNTED = 10_000;

/** Cuts one page and sets GitLab's headers. `page` from 1, `per_page` 20 by default and 100 at most. */
export function paginate<Row>(
  rows: readonly Row[],
  { request, response, raw, url }: { request: Request; response: Response; raw: RawParameters; url: string },
): Row[] {
  const perPage = Math.min(positive(raw.per_page, "per_page") ?? PER_PAGE, MOST_PER_PAGE);
  const address = (changes: Record<string, string>): string => pageAddress(url, request, changes);
  if (raw.pagination === "keyset") return keysetPage(rows, perPage, raw, response, address);
  const page = positive(raw.page, "page") ?? 1;
  const pages = Math.max(1, Math.ceil(rows.length / perPage));
  const link = (rel: string, to: number): string =>
    `<${address({ page: String(to), per_page: String(perPage) })}>; rel="${rel}"`;
  const links = [
    ...(page > 1 ? [link("prev", page - 1)] : []),
    ...(page < pages ? [link("next", page + 1)] : []),
    link("first", 1),
    ...(rows.length <= COUNTED ? [link("last", pages)] : []),
  ];
  response.setHeader("Link", links.join(", "));
  response.setHeader("X-Page", page);
  response.setHeader("X-Per-Page", perPage);
  response.setHeader("X-Next-Page", page < pages ? page + 1 : "");
  response.setHeader("X-Prev-Page", page > 1 ? page - 1 : "");
  if (rows.length <= COUNTED) {
    response.setHeader("X-Total", rows.length);
    response.setHeader("X-Total-Pages", pages);
  }
  return rows.slice((page - 1) * perPage, page * perPage);
}

function keysetPage<Row>(
  rows: readonly Row[],
  perPage: number,
  raw: RawParameters,
  response: Response,
  address: (changes: Record<string, string>) => string,
): Row[] {
  const idOf = (row: Row): unknown => (row as { id?: unknown }).id;
  const after = typeof raw.cursor === "string" ? decodeCursor(raw.cursor) : undefined;
  const start = after === undefined ? 0 : rows.findIndex((row) => idOf(row) === after) + 1;
  const slice = rows.slice(start, start + perPage);
  response.setHeader("X-Per-Page", perPage);
  if (start + perPage < rows.length) {
    const cursor = Buffer.from(JSON.stringify({ id: idOf(slice.at(-1)!) })).toString("base64url");
    response.setHeader("Link", `<${address({ cursor, per_page: String(perPage) })}>; rel="next"`);
  }
  return slice;
}

function decodeCursor(cursor: string): unknown {
  try {
    return (JSON.parse(Buffer.from(cursor, "base64url").toString()) as { id: unknown }).id;
  } catch {
    throw new GitLabError(400, { error: "cursor is invalid" });
  }
}

function pageAddress(base: string, request: Request, changes: Record<string, string>): string {
  const url = new URL(request.originalUrl, base);
  url.searchParams.delete("private_token");
  for (const [key, value] of Object.entries(changes)) url.searchParams.set(key, value);
  return url.toString();
}

function positive(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const number = Number(value);
  if (!Number.isInteger(number)) throw new GitLabError(400, { error: `${name} is invalid` });
  if (number < 1) {
    if (name === "per_page") throw new GitLabError(400, { error: "per_page has a value not allowed" });
    return 1;
  }
  return number;
}
