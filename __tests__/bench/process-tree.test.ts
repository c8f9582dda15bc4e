import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { residentOf } from "../../bench/process-tree";

const MEBIBYTES = 200;
const HOLD = `const held = Buffer.alloc(${MEBIBYTES} << 20, 1); console.log("ready"); process.stdin.resume().on("end", () => held)`;
/** Starts a process that holds memory, and goes when that one goes. */
const START = `const { spawn } = require("node:child_process");
const child = spawn(process.execPath, ["-e", ${JSON.stringify(HOLD)}], { stdio: ["pipe", "inherit", "inherit"] });
process.stdin.on("end", () => child.stdin.end()).resume();`;

describe("residentOf", () => {
  test("counts what a process started, on Linux", async () => {
    const child: ChildProcess = spawn(process.execPath, ["-e", START], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      await once(child.stdout!, "data");
      expect(residentOf(child.pid) > MEBIBYTES * 1024).toBe(process.platform === "linux");
    } finally {
      child.stdin!.end();
      await once(child, "close");
    }
    expect(residentOf(child.pid)).toBe(0);
  });
});
