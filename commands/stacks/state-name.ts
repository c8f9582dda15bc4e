import * as path from "node:path";
import type { SynthesizedStack } from "./synthesis";

interface Configuration {
  readonly terraform?: {
    readonly backend?: { readonly local?: { readonly path?: string }; readonly http?: { readonly address?: string } };
  };
}

/** The name that the state of a stack is kept under: the stack's, or the one it had when it was deployed first. */
export function stateNameOf({ name, configuration }: Pick<SynthesizedStack, "name" | "configuration">): string {
  const [{ terraform = {} }] = JSON.parse(configuration || "[{}]") as [Configuration];
  const { local, http } = terraform.backend ?? {};
  if (local?.path) return path.basename(local.path, ".tfstate");
  return http?.address ? decodeURIComponent(path.posix.basename(http.address)) : name;
}
