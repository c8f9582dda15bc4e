import { stderr } from "./output";

/** Milliseconds after which people want to know what a command is waiting for. */
const PATIENCE = 1_000;

/** Waits for something, and says so on `stream` when it takes longer than a second. */
export async function during<T>(
  what: string,
  work: Promise<T>,
  stream: { write(text: string): unknown } = stderr,
): Promise<T> {
  const timer = setTimeout(() => stream.write(`${what} …\n`), PATIENCE);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
