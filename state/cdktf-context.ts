import * as path from "node:path";
import { readJsonFile } from "../gitlab/json-file";

/**
 * The `context` of the cdktf.json beside an inventory, which the cdktf command line hands to main.ts, for what runs without it; empty
 * when there is none.
 *
 * @param inventory the folder of inventory files
 * @throws ExpectedError when the file is not JSON
 */
export function cdktfContext(inventory: string): Readonly<Record<string, unknown>> {
  const context = readJsonFile(path.join(inventory, "..", "cdktf.json"))?.context as
    | Record<string, unknown>
    | undefined;
  return context ?? {};
}
