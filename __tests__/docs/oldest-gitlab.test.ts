import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { OLDEST_GITLAB } from "../../gitlab/release";

const ROOT = path.join(__dirname, "../..");
const PAGES = [
  "README.md",
  ...readdirSync(path.join(ROOT, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];

test("the oldest GitLab is the same in every page that names it", () => {
  const named = PAGES.flatMap((page) => [
    ...readFileSync(path.join(ROOT, page), "utf8").matchAll(/GitLab (\d+\.\d+) or later/g),
  ]).map(([, release]) => release);
  expect(named.length).toBeGreaterThan(2);
  expect([...new Set(named)]).toEqual([OLDEST_GITLAB]);
});
