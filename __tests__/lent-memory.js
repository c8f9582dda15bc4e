const { execFileSync } = require("node:child_process");
const { mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } = require("node:fs");
const { freemem } = require("node:os");
const path = require("node:path");

/** Bytes; all tests together have a quarter of it in temporary files at a time. */
const ENOUGH = 2 * 1024 ** 3;

/** The name of such a folder: whose it is. */
const NAME = /^pusher-tests-(\d+)-/;

/**
 * Lends tests, and all that they start, a folder in memory for their temporary files: repositories, states and plans are so many small
 * files that making them on a disk is up to a fifth of what a test costs. Where TMPDIR is set, where there is no such memory or not enough of
 * it, or no program may run from there, nothing changes.
 *
 * @param environment @default - the process's
 * @param memory a file system in memory; Linux has one here
 * @param enough bytes that must be free
 * @returns gives it back, with all that is in it
 */
module.exports = function lendMemory(environment = process.env, memory = "/dev/shm", enough = ENOUGH) {
  if (environment.TMPDIR || room(memory) < enough) return () => undefined;
  sweep(memory);
  const lent = mkdtempSync(path.join(memory, `pusher-tests-${process.pid}-`));
  const giveBack = () => rmSync(lent, { recursive: true, force: true, maxRetries: 3 });
  if (!runsPrograms(lent)) {
    giveBack();
    return () => undefined;
  }
  environment.TMPDIR = lent;
  return giveBack;
};

/** Bytes that a file system in memory has left, and the machine. */
function room(memory) {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return Math.min(bavail * bsize, freemem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  } catch {
    return 0;
  }
}

/** Containers often forbid it. */
function runsPrograms(folder) {
  const program = path.join(folder, "program");
  try {
    writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
    execFileSync(program);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(program, { force: true });
  }
}

/** Takes away what runs left that were cut off: it would stay in memory. */
function sweep(memory) {
  for (const name of readdirSync(memory)) {
    const [, leader] = NAME.exec(name) ?? [];
    if (leader === undefined || lives(Number(leader))) continue;
    try {
      rmSync(path.join(memory, name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function lives(leader) {
  try {
    process.kill(leader, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}
