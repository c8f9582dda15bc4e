import { readFileSync } from "node:fs";
import * as path from "node:path";
import { StateError } from "./state-error";

/**
 * The `context` of the cdktf.json beside an inventory, which the cdktf command line hands to main.ts, for what runs without it; empty
 * when there is none.
 *
 * @param inventory the folder of inventory files
 * @throws StateError when the file is not JSON
 */
export function cdktfContext(inventory: string): Readonly<Record<string, unknown>> {
  const file = path.join(inventory, "..", "cdktf.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
  try {
    return (JSON.parse(text) as { context?: Record<string, unknown> } | null)?.context ?? {};
  } catch (error) {
    const got = `${file}, which cannot be read (${(error as Error).message})`;
    throw new StateError({ got, allowed: "JSON", fix: "correct it as the message says" });
  }
}
