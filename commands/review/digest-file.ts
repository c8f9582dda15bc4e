import { CommandError } from "../exit-code";
import type { Review } from "./review";

/**
 * The digest on the first line. Where several stacks change, a line for each follows, `<digest>  <stack>`, for deploys of single
 * stacks.
 */
export function asDigestFile({ digest, digests }: Pick<Review, "digest" | "digests">): string {
  const single = Object.entries(digests).map(([stack, own]) => `${own}  ${stack}`);
  return `${[digest, ...(single.length > 1 ? single : [])].join("\n")}\n`;
}

/** @param where the file is, for people. @returns the digest on its first line. @throws CommandError when there is none */
export function digestIn(file: string, where: string): string {
  const digest = file.split("\n", 1)[0]!.trim();
  if (isDigest(digest)) return digest;
  throw new CommandError({
    got: `${where}, whose first line is no digest`,
    allowed: "64 hexadecimal characters, as `npx gitlab-ci-pusher review --out` writes them",
    fix: "review again",
  });
}

export const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
