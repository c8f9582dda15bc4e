import { readFileSync } from "node:fs";
import * as path from "node:path";

/** The type of the backend that Terraform was last initialized with in a folder, `local` or `http`; undefined where it was not. */
export function initializedBackend(folder: string): string | undefined {
  try {
    const record = JSON.parse(readFileSync(path.join(folder, ".terraform/terraform.tfstate"), "utf8"));
    return (record as { backend?: { type?: string } }).backend?.type;
  } catch {
    return undefined;
  }
}
