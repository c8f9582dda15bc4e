import * as path from "node:path";
import which from "which";
import { ExpectedError } from "../gitlab/expected-error";
import type { Problem } from "../gitlab/problem";
import { type FetchOptions, fetchRelease, PINNED_RELEASE } from "./release";
import { isSupported, MINIMUM_VERSION, versionOf } from "./version";

export interface FindOptions extends FetchOptions {
  /** The environment in which `TERRAFORM_BINARY_NAME` and `PATH` are read. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Folder for a fetched release. @default - `.bin` in the working directory, which an ops repository ignores */
  readonly directory?: string;
}

/** There is no Terraform to run; the message names the ways out. */
export class NoTerraformError extends ExpectedError {
  override readonly name = "NoTerraformError";
}

/**
 * The Terraform to run: `TERRAFORM_BINARY_NAME`, else `terraform`, else `tofu` on PATH, else a release fetched and checked.
 * @returns an absolute path
 * @throws NoTerraformError that names the three ways out, when there is none or it is too old
 */
export async function findTerraform(options: FindOptions = {}): Promise<string> {
  const { environment = process.env } = options;
  const named = environment.TERRAFORM_BINARY_NAME;
  const found = named ? await onPath(named, environment) : await firstOnPath(["terraform", "tofu"], environment);
  if (!found && named)
    throw new NoTerraformError(withWaysOut(`TERRAFORM_BINARY_NAME=${named}, which is no program here`));

  const binary = found ?? (await fetched(options));
  let version: Awaited<ReturnType<typeof versionOf>>;
  try {
    version = await versionOf(binary, environment);
  } catch (error) {
    throw new NoTerraformError(withWaysOut(`${binary}, which does not run (${oneLine(error)})`));
  }
  if (!isSupported(version))
    throw new NoTerraformError(withWaysOut(`${binary}, which is ${version.product} ${version.version}`));
  return binary;
}

async function fetched({ directory = path.resolve(".bin"), ...options }: FindOptions): Promise<string> {
  try {
    return await fetchRelease(directory, options);
  } catch (error) {
    throw new NoTerraformError(
      withWaysOut(`no terraform or tofu on PATH, and fetching one failed (${oneLine(error)})`),
    );
  }
}

async function firstOnPath(names: readonly string[], environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const name of names) {
    const found = await onPath(name, environment);
    if (found) return found;
  }
  return undefined;
}

async function onPath(name: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const found = await which(name, { path: environment.PATH ?? "", nothrow: true });
  return found === null ? undefined : path.resolve(found);
}

const withWaysOut = (got: string): Problem => ({
  got,
  allowed: `terraform >= ${MINIMUM_VERSION.terraform} or tofu >= ${MINIMUM_VERSION.tofu}`,
  fix:
    "put one of them on PATH, or set TERRAFORM_BINARY_NAME to the one to use, or (with neither) let it fetch " +
    `terraform ${PINNED_RELEASE.version} from releases.hashicorp.com into the folder .bin (HTTPS_PROXY is respected)`,
});

const oneLine = (error: unknown): string =>
  String((error as Error).message ?? error)
    .replace(/\s+/g, " ")
    .trim();
