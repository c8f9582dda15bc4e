import { CommandError } from "./exit-code";

/** The signals that ask a command to end: Ctrl-C, a job that is cancelled, a terminal that is closed. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Ends in order what a command started when the command is asked to end. @param message what is then true */
export async function untilStopped<T>(message: string, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort(new CommandError(message));
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await act(controller.signal);
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}
