import * as path from "node:path";
import which from "which";
import { ExpectedError } from "../gitlab/expected-error";
import type { Problem } from "../gitlab/problem";
import { shellWord } from "../gitlab/shell-word";
import { type FetchOptions, fetchedRelease, fetchRelease, PINNED_RELEASE } from "./release";
import { isSupported, MINIMUM_VERSION, versionOf } from "./version";

export interface FindOptions extends FetchOptions {
  /** The environment in which `TERRAFORM_BINARY_NAME` and `PATH` are read. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Folder for a fetched release. @default - `.bin` in the working directory, which an ops repository ignores */
  readonly directory?: string;
  /** Fetches a release when there is none. @default true */
  readonly fetch?: boolean;
}

/** There is no Terraform to run; the message names the ways out. */
export class NoTerraformError extends ExpectedError {
  override readonly name = "NoTerraformError";
}

/**
 * The Terraform to run: `TERRAFORM_BINARY_NAME`; else the first that is new enough of every `terraform` and then every `tofu` on PATH, and
 * of a release that was fetched before; else, where there was none at all, a release that is fetched and checked now.
 * @returns an absolute path
 * @throws NoTerraformError that names the three ways out, when there is none or none is new enough
 */
export async function findTerraform(options: FindOptions = {}): Promise<string> {
  const { environment = process.env, directory = path.resolve(".bin"), fetch = true } = options;
  const named = environment.TERRAFORM_BINARY_NAME;
  const present = named ? (await onPath(named, environment)).slice(0, 1) : await candidates(environment, directory);
  if (named && present.length === 0)
    throw new NoTerraformError(withWaysOut(`TERRAFORM_BINARY_NAME=${named}, which is no program here`));

  const problems: string[] = [];
  for (const binary of present.length > 0 || !fetch ? present : [await fetched(directory, options)]) {
    const problem = await problemOf(binary, environment);
    if (problem === undefined) return binary;
    problems.push(problem);
  }
  throw new NoTerraformError(withWaysOut(problems.join(", and ") || NONE));
}

/**
 * The word by which a person starts a program at a prompt: its name, where PATH leads to it, else its path.
 * @param binary an absolute path
 */
export async function typedName(binary: string, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const name = path.basename(binary);
  const [first] = await onPath(name, environment);
  if (first === binary) return name;
  return shellWord(binary);
}

/** Programs that may do, the best first: Terraform before OpenTofu, what is on PATH before what was fetched. */
async function candidates(environment: NodeJS.ProcessEnv, directory: string): Promise<string[]> {
  const [terraform, tofu] = [await onPath("terraform", environment), await onPath("tofu", environment)];
  return [...new Set([...terraform, ...tofu, ...(await fetchedRelease(directory))])];
}

/** Tells what is wrong with a program; undefined when nothing is. */
async function problemOf(binary: string, environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const version = await versionOf(binary, environment);
    return isSupported(version) ? undefined : `${binary}, which is ${version.product} ${version.version}`;
  } catch (error) {
    return `${binary}, which does not run (${oneLine(error)})`;
  }
}

async function fetched(directory: string, options: FindOptions): Promise<string> {
  try {
    return await fetchRelease(directory, options);
  } catch (error) {
    throw new NoTerraformError(withWaysOut(`${NONE}, and fetching one failed (${oneLine(error)})`));
  }
}

/** Every program of a name, in the order of PATH. */
async function onPath(name: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const found = await which(name, { path: environment.PATH ?? "", all: true, nothrow: true });
  return (found ?? []).map((each) => path.resolve(each));
}

const NONE = "no terraform or tofu on PATH";

const withWaysOut = (got: string): Problem => ({
  got,
  allowed: `terraform >= ${MINIMUM_VERSION.terraform} or tofu >= ${MINIMUM_VERSION.tofu}`,
  fix:
    "put one of them on PATH, or set TERRAFORM_BINARY_NAME to the one to use, or (with neither) run `npx gitlab-ci-pusher terraform`, which fetches " +
    `terraform ${PINNED_RELEASE.version} from releases.hashicorp.com into the folder .bin (HTTPS_PROXY is respected)`,
});

const oneLine = (error: unknown): string =>
  String((error as Error).message ?? error)
    .replace(/\s+/g, " ")
    .trim();
