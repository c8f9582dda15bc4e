import { existsSync, readFileSync } from "node:fs";

const RULE = "gitlab_branch_protection";
/** Guards go away with their rules: only {@link PushRule} names a resource so. */
const GUARD = /_Guard_[0-9A-F]{8}$/;

/** The part of a Terraform state file (format 4) that names what it manages. */
interface StateFile {
  readonly version?: number;
  readonly resources?: readonly { mode?: string; module?: string; type?: string; name?: string }[];
}

/**
 * Addresses of the branch rules a local state file manages, guards left out; none when there is no state yet.
 * @throws Error when the file is no Terraform state.
 */
export function rulesInState(file: string): string[] {
  if (!existsSync(file)) return [];
  const { resources = [] } = parse(file);
  return resources
    .filter(({ mode, module, type, name }) => mode === "managed" && !module && type === RULE && !GUARD.test(name ?? ""))
    .map(({ name }) => `${RULE}.${name}`);
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
