import type { PushScene } from "./push-scene";

/** One call of GitLab's API in the text of a fix. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: Record<string, unknown>;
}

/** Makes the calls that a fix tells, in their order, as whoever may. */
export async function applyTold(scene: PushScene, told: string): Promise<void> {
  const calls = callsIn(told);
  if (calls.length === 0) throw new Error(`no call in: ${told}`);
  for (const { method, path, body } of calls) await scene.must(method, path, body);
}

/** Of "this, or that" the first. */
function callsIn(told: string): Call[] {
  const [first = ""] = told.split(/, or (?=POST|PUT|PATCH|DELETE)/);
  return [...first.matchAll(/\b(POST|PUT|PATCH|DELETE) (\/\S+?)(?=,?(?: |$))/g)].map((match) => {
    const rest = first.slice((match.index ?? 0) + match[0].length).trimStart();
    return {
      method: match[1] as string,
      path: match[2] as string,
      ...(rest.startsWith("{") ? { body: objectAt(rest) } : {}),
    };
  });
}

/** The JSON object that a text begins with. */
function objectAt(text: string): Record<string, unknown> {
  for (let end = text.indexOf("}"); end >= 0; end = text.indexOf("}", end + 1)) {
    try {
      return JSON.parse(text.slice(0, end + 1)) as Record<string, unknown>;
    } catch {
      // A brace inside.
    }
  }
  throw new Error(`no object in: ${text}`);
}
