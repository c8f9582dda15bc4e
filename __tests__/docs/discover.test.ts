import { readFileSync } from "node:fs";
import * as path from "node:path";
import { FINDING_RULES } from "../../estate/findings/findings-of";

const PAGE = readFileSync(path.join(__dirname, "../../docs/discover.md"), "utf8");

test("docs/discover.md tells of every finding as the command does, in its order", () => {
  const rows = [...PAGE.matchAll(/^\| `([\w-]+)` \| (\w+) \| (.*) \| (.*) \|$/gm)].map((match) => match.slice(1));
  expect(rows).toEqual(FINDING_RULES.map(({ id, severity, title, fix }) => [id, severity, title, fix]));
});
