import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, chmod, constants, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Release } from "@hashicorp/js-releases";
import { versionOf } from "./version";

/** The release to fetch when a machine has none: the one this project is tested with. */
export const PINNED_RELEASE = {
  version: "1.11.4",
  /** SHA-256 of `terraform_<version>_<platform>.zip`. */
  checksums: {
    darwin_amd64: "a56d5002b9f7647291faccc3dd1a70350e60fb61e4c45037629508b8fdc2575b",
    darwin_arm64: "867e0808fa971217043e25b7a792b10720c79b1546f8a68479b74f138be73e18",
    linux_amd64: "1ce994251c00281d6845f0f268637ba50c0005657eb3cf096b92f753b42ef4dc",
    linux_arm64: "a43d1d0da9b9bab214a8305a39db0e40869572594ccf50c416a7756499143633",
  } as Readonly<Record<string, string>>,
};

export interface FetchOptions {
  /** The source of releases. @default - releases.hashicorp.com, through HashiCorp's own library */
  readonly source?: (product: string, version: string, userAgent: string) => Promise<Release>;
  /** @default PINNED_RELEASE */
  readonly pinned?: typeof PINNED_RELEASE;
  /** As HashiCorp names it, such as `linux_amd64`. @default - this machine's */
  readonly platform?: string;
  /** The longest that the whole download may take, in milliseconds. @default 300000 */
  readonly timeout?: number;
  /** Told before a download starts, which takes a while. @default - nobody */
  readonly onFetch?: (message: string) => void;
}

const USER_AGENT = "gitlab-ci-pusher";

const thisPlatform = (): string => `${process.platform}_${process.arch === "x64" ? "amd64" : process.arch}`;

/** The path at which {@link fetchRelease} puts the pinned release in a folder. */
export const releasePath = (directory: string, { version } = PINNED_RELEASE): string =>
  path.join(directory, `terraform-${version}`);

/** The release that {@link fetchRelease} put into a folder: none or one. */
export async function fetchedRelease(directory: string): Promise<string[]> {
  const binary = path.resolve(releasePath(directory));
  return (await isExecutable(binary)) ? [binary] : [];
}

/**
 * Fetches the pinned release into a folder, or finds it there from the last time. It appears under its name only once it is complete
 * and checked, so a broken download is never run and two at once do no harm.
 * @returns the path of the binary
 * @throws Error when the platform has no pinned checksum, the folder cannot be written, the site cannot be reached, or a checksum differs
 */
export async function fetchRelease(directory: string, options: FetchOptions = {}): Promise<string> {
  const { pinned = PINNED_RELEASE, platform = thisPlatform(), timeout = 300_000 } = options;
  const binary = releasePath(directory, pinned);
  if (await isExecutable(binary)) return binary;

  const checksum = pinned.checksums[platform];
  if (!checksum) {
    throw new Error(`no release is pinned for ${platform}, only for ${Object.keys(pinned.checksums).join(", ")}`);
  }
  await mkdir(directory, { recursive: true });
  options.onFetch?.(`Fetching terraform ${pinned.version} for ${platform} into ${directory}`);
  const workspace = await mkdtemp(path.join(directory, "download-"));
  try {
    // Loaded only here: it takes longer than most commands, which only look for a Terraform.
    const source = options.source ?? (await import("@hashicorp/js-releases")).getRelease;
    const release = source("terraform", pinned.version, USER_AGENT);
    // The library sets no time limit, and waits for ever when a connection breaks off in the middle of a file.
    const fetched = await within(timeout, unpackChecked(await within(timeout, release), platform, checksum, workspace));
    await rename(fetched, binary);
    return binary;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

async function unpackChecked(release: Release, platform: string, checksum: string, workspace: string): Promise<string> {
  const [system = "", architecture = ""] = platform.split("_");
  const build = release.getBuild(system, architecture);
  if (!build) throw new Error(`terraform ${release.version} has no build for ${platform}`);

  const archive = path.join(workspace, "terraform.zip");
  await release.download(build.url, archive, USER_AGENT);
  await release.verify(archive, build.filename);
  // js-releases 1.7.7 does not wait for the result of its signature check, so its list of checksums is only as good as the site.
  const got = await sha256(archive);
  if (got !== checksum) {
    throw new Error(`got the SHA-256 ${got} for ${build.filename}; allowed: ${checksum}. The file was thrown away`);
  }
  await release.unpack(workspace, archive);
  const binary = path.join(workspace, "terraform");
  await chmod(binary, 0o755);
  await runnable(binary);
  return binary;
}

/** js-releases says "unpacked" a moment before the last block is on disk. */
async function runnable(binary: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await versionOf(binary);
      return;
    } catch (error) {
      if (attempt === 20) throw error;
      await sleep(100);
    }
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

const isExecutable = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`no answer within ${milliseconds / 1000} s`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    late.catch(() => undefined);
    timer.abort();
  }
}
