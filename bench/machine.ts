import * as os from "node:os";

/** The facts one needs to read a figure, in a line. */
export const machine = (): string =>
  `${os.cpus()[0]?.model ?? "unknown processor"}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ` +
  `Node ${process.versions.node}, ${os.type()} ${os.release()}, load ${os.loadavg()[0]!.toFixed(1)}`;
