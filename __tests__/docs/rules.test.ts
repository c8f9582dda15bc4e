import { readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { declareStack, loadInventory } from "../../inventory";
import { jsonSchema } from "../../inventory/json-schema";
import { GITLAB, outdir, problems } from "../support/synth";

const PAGE = readFileSync(path.join(__dirname, "../../docs/rules.md"), "utf8");
const INVENTORIES = ["rules", "inventory"].flatMap((name) =>
  [
    ...readFileSync(path.join(__dirname, `../../docs/${name}.md`), "utf8").matchAll(/```yaml\n(edition:[\s\S]*?)```/g),
  ].map((found) => [name, found[1]!] as const),
);

type Schema = { readonly properties: Record<string, Schema>; readonly additionalProperties: Schema };

describe("docs/rules.md", () => {
  test.each(INVENTORIES.map(([name, text], i) => [i + 1, name, text] as const))(
    "inventory %i, of docs/%s.md, is one that a synth takes",
    (_, __, text) => {
      const folder = outdir();
      writeFileSync(path.join(folder, "ops.yaml"), text);
      const app = new App({ outdir: outdir() });
      const now = new Date("2026-11-28T12:00:00Z");
      expect(problems(declareStack(app, loadInventory(folder)[0]!, { now, baseUrl: GITLAB }))).toEqual([]);
    },
  );

  test("tells of every key of a rule, but for those of its adoption and guard", () => {
    const { pushers } = (jsonSchema() as unknown as Schema).properties;
    const keys = Object.keys(pushers!.additionalProperties.properties.branches!.additionalProperties.properties);
    const told = [...PAGE.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, cell]) => cell!.match(/\w+/g)!);
    expect(keys.filter((key) => !["guard", "import"].includes(key)).filter((key) => !told.includes(key))).toEqual([]);
  });
});
