import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import * as path from "node:path";

/** The folder in which Terraform keeps what it initialized. */
const DATA = ".terraform";

/** Its note of the backend there. */
const RECORD = path.join(DATA, "terraform.tfstate");

type Values = Readonly<Record<string, unknown>>;

/** The note of a backend. Terraform takes it as it is where `config` is what the stack's configuration says. */
interface BackendRecord {
  readonly backend?: { readonly type: string; readonly config: Values; readonly hash: number };
}

interface Configuration {
  readonly module?: unknown;
  readonly terraform?: { readonly backend?: Readonly<Record<string, Values>> };
}

/**
 * Makes the folder of one stack what `terraform init` would make of it, without a process: with the providers that were installed for another
 * stack that needs the same, and its own backend. Terraform compares all of that again when it plans: the backend with the configuration, the
 * providers with the lock file's checksums.
 * @returns whether that can be done: there is no module to install, and both have the same kind of backend
 */
export function linkFolder(folder: string, other: string): boolean {
  const { module, terraform } = readJson<Configuration>(path.join(folder, "cdk.tf.json"));
  const [[type, own] = []] = Object.entries(terraform?.backend ?? {});
  if (module !== undefined || type === undefined || own === undefined) return false;
  if (!existsSync(path.join(other, RECORD))) return false;
  const record = readJson<BackendRecord>(path.join(other, RECORD));
  const { backend } = record;
  if (backend?.type !== type || Object.keys(own).some((key) => !(key in backend.config))) return false;
  const unset = Object.fromEntries(Object.keys(backend.config).map((key) => [key, null]));
  mkdirSync(path.join(folder, DATA));
  const text = JSON.stringify({ ...record, backend: { ...backend, config: { ...unset, ...own } } });
  writeFileSync(path.join(folder, RECORD), text);
  // Where all providers are attached, none was installed.
  const providers = path.join(other, DATA, "providers");
  if (existsSync(providers)) symlinkSync(providers, path.join(folder, DATA, "providers"));
  return true;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, "utf8")) as T;
