import { readFileSync } from "node:fs";
import * as path from "node:path";
import { jsonSchema, jsonSchemaText } from "../../inventory/json-schema";

const ROOT = path.join(__dirname, "../..");

describe("the JSON Schema of the inventory", () => {
  test("is fresh: run `npm run build` after a change", () => {
    expect(readFileSync(path.join(ROOT, "inventory/pushers.schema.json"), "utf8")).toBe(jsonSchemaText());
  });

  test("describes every key", () => {
    const bare: string[] = [];
    const visit = (node: unknown, at: string): void => {
      if (typeof node !== "object" || node === null) return;
      const { properties, description, ...rest } = node as {
        properties?: Record<string, unknown>;
        description?: string;
      };
      for (const [key, value] of Object.entries(properties ?? {})) {
        if (!(value as { description?: string }).description && !/in\.(project|group)$/.test(`${at}.${key}`))
          bare.push(`${at}.${key}`);
        visit(value, `${at}.${key}`);
      }
      expect(description ?? "").not.toMatch(/\n/);
      for (const value of Object.values(rest))
        (Array.isArray(value) ? value : [value]).forEach((inner) => void visit(inner, at));
    };
    visit(jsonSchema(), "");
    expect(bare).toEqual([]);
  });
});
