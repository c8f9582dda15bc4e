import { readFileSync } from "node:fs";
import { ExpectedError } from "./expected-error";
import { oneLine } from "./printable";

/**
 * The object in a JSON file that people wrote, with or without the mark that editors on Windows begin a file with; undefined where no file is.
 * @throws ExpectedError when it cannot be read, or holds no object
 */
export function readJsonFile(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw notJson(file, "it holds no object");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (!(error instanceof SyntaxError) && code === undefined) throw error;
    throw notJson(file, code ?? oneLine(message));
  }
}

function notJson(file: string, why: string): ExpectedError {
  const got = `${file}, which cannot be read (${why})`;
  const problem = { got, allowed: "JSON", fix: "correct it as the message says" };
  return new ExpectedError(problem, [{ place: file, problem }]);
}
