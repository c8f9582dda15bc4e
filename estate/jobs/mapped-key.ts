import type { PipelineJob } from "./pipeline";

/**
 * The variable that a job's key comes from: a CI/CD variable beats what the configuration sets.
 * @param isThere whether there is a CI/CD variable of a key
 * @returns undefined: a text that only the job knows
 */
export function mappedKey(
  key: string,
  job: PipelineJob | undefined,
  isThere: (key: string) => boolean,
  seen: readonly string[] = [],
): string | undefined {
  const from = job?.mapped.get(key);
  if (isThere(key) || from === undefined || seen.includes(key)) return key;
  return from === null ? undefined : mappedKey(from, job, isThere, [...seen, key]);
}
