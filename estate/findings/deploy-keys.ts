import type { FindingRule } from "./finding";

export const deployKeyWrites: FindingRule = {
  id: "deploy-key-writes",
  severity: "warning",
  title: "a deploy key that may write lives for ever",
  allowed: "an expiry date within a year; a key pushes in the name of the person who made it",
  fix: "take its write access away, or put a key with an expiry date in its place",
  find: ({ projects }) =>
    projects.flatMap(({ path, deployKeys }) =>
      (deployKeys ?? [])
        .filter(({ expiresAt }) => expiresAt === null)
        .map(({ id, title, createdAt }) => ({
          place: path,
          subject: `deploy key ${title} (${id})`,
          got: `write access since ${createdAt.slice(0, 10)}, no expiry date`,
        })),
    ),
};
