import { existsSync, readFileSync } from "node:fs";

/** The part of a Terraform state file (format 4) that names what it manages. */
interface StateFile {
  readonly version?: number;
  readonly resources?: readonly { mode?: string; module?: string; type?: string; name?: string }[];
}

/**
 * Addresses of the resources a local state file manages; none when there is no state yet.
 * @throws Error when the file is no Terraform state.
 */
export function managedResources(file: string): Set<string> {
  if (!existsSync(file)) return new Set();
  const { resources = [] } = parse(file);
  const own = resources.filter(({ mode, module }) => mode === "managed" && !module);
  return new Set(own.map(({ type, name }) => `${type}.${name}`));
}

function parse(file: string): StateFile {
  const text = readFileSync(file, "utf8");
  if (text.trim() === "") return {};
  try {
    const state = JSON.parse(text) as StateFile;
    if (state.version === 4) return state;
  } catch {
    // Said below, without the text: a state holds tokens.
  }
  throw new Error(
    `got ${file}, which is no Terraform state (version 4); allowed: what Terraform wrote; fix: restore it from ${file}.backup`,
  );
}
