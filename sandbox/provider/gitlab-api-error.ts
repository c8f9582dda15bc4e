/** An answer of GitLab that is not a success, worded as the provider's Go client words it. */
export class GitLabApiError extends Error {
  constructor(
    readonly status: number,
    method: string,
    url: string,
    body: string,
  ) {
    super(status === 404 ? "404 Not Found" : `${method} ${url}: ${status}${describeBody(body)}`);
  }
}

export function isNotFound(error: unknown): error is GitLabApiError {
  return error instanceof GitLabApiError && error.status === 404;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeBody(body: string): string {
  if (body === "") return "";
  try {
    return ` ${describe(JSON.parse(body))}`;
  } catch {
    return ` failed to parse unknown error format: ${body}`;
  }
}

/** `{message: {value: [is invalid]}}`: the Go client prints objects and arrays in this notation. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  if (value === null || typeof value !== "object") return String(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return fields.map(([name, field]) => `{${name}: ${describe(field)}}`).join(", ");
}
