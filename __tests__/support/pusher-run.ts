import { processContext } from "../../commands/context";
import { main } from "../../commands/main";

/** How a run of the `pusher` command line ended. */
export interface PusherRun {
  readonly code: number;
  readonly stdout: string;
  /** Without the lines that say what a slow machine waits for. */
  readonly stderr: string;
}

const PROGRESS = /^.* …\n/gm;

/** Runs `pusher …` in this process, on a day of the test's choice. Not more than one at a time. */
export async function pusher(args: readonly string[], now: Date): Promise<PusherRun> {
  const output = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    jest.spyOn(process[name], "write").mockImplementation((text) => {
      output[name] += String(text);
      return true;
    }),
  );
  const { exitCode } = process;
  process.exitCode = undefined;
  try {
    await main(["node", "pusher", ...args], { ...processContext(), now: () => now });
    return { code: Number(process.exitCode ?? 0), ...output, stderr: output.stderr.replace(PROGRESS, "") };
  } finally {
    process.exitCode = exitCode;
    for (const spy of spies) spy.mockRestore();
  }
}
