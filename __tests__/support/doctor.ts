import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { doctorCommand } from "../../commands/doctor";
import { output } from "../../commands/output";

/** How one `gitlab-ci-pusher doctor` ended. */
export interface DoctorRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into all of it
export type DoctorJson = any;

export interface Consultation {
  /** Where GitLab is. */
  readonly url?: string;
  /** The operator's token. */
  readonly token?: string;
  readonly now?: string;
  readonly terminal?: boolean;
}

/** Runs the command in this process, as its own command line would. */
export async function doctor(
  args: readonly string[],
  { url, token, now, terminal }: Consultation = {},
): Promise<DoctorRun> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  let code = 0;
  const command = doctorCommand({
    environment: { GITLAB_BASE_URL: url, GITLAB_TOKEN: token },
    now: () => new Date(now ?? "2100-01-10T12:00:00Z"),
    stdout: output({ write: (text: string) => stdout.push(text), isTTY: terminal ?? false }),
    stderr: output({ write: (text: string) => stderr.push(text) }),
    end: (given) => {
      code = given;
    },
  });
  await command.exitOverride().parseAsync([...args], { from: "user" });
  return { code, stdout: stdout.join(""), stderr: stderr.join("") };
}

/** The same with `--json`, read. */
export async function examined(
  args: readonly string[],
  consultation: Consultation,
): Promise<DoctorRun & { json: DoctorJson }> {
  const run = await doctor([...args, "--json"], consultation);
  return { ...run, json: JSON.parse(run.stdout) };
}

/** Lets the doctor read a job's log, without GitLab. */
export async function readLog(log: string, ...args: string[]): Promise<DoctorRun & { json: DoctorJson }> {
  const folder = mkdtempSync(join(tmpdir(), "job-log-"));
  try {
    const file = join(folder, "job.log");
    writeFileSync(file, log);
    return await examined(["--job-log", file, ...args], {});
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A value as it could show: raw, URL-encoded, in Base64 at each of its three offsets. */
export function disguises(secret: string): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.from(`${"x".repeat(offset)}${secret}`).toString("base64");
    // The first and last characters depend on what stands around the value.
    return text.slice(offset === 0 ? 0 : 4, -4);
  });
  return [secret, encodeURIComponent(secret), ...encoded];
}
