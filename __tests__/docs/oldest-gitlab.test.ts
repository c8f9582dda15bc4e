import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { OLDEST_GITLAB } from "../../gitlab/release";

const ROOT = path.join(__dirname, "../..");
/** The pages for people, and what stands at the top of the templates. */
const PAGES = [
  "README.md",
  ...["docs", "templates"].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder)).flatMap((name) => (/\.(md|yml)$/.test(name) ? [`${folder}/${name}`] : [])),
  ),
];

test("the oldest GitLab is the same in every page that names it", () => {
  const named = PAGES.flatMap((page) => [
    ...readFileSync(path.join(ROOT, page), "utf8").matchAll(/GitLab (\d+\.\d+) or later/g),
  ]).map(([, release]) => release);
  expect(named.length).toBeGreaterThan(2);
  expect([...new Set(named)]).toEqual([OLDEST_GITLAB]);
});
