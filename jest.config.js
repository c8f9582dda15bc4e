// Terraform collects no garbage until there is much of it: it lives for a second.
process.env.GOGC ??= "off";
process.env.GOMEMLIMIT ??= "400MiB";

const UNNEEDED = require("./__tests__/support/unneeded");

const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** One runner for unit and end-to-end tests; SWC strips the types, `tsc` checks them before jest starts. */
module.exports = {
  globalSetup: "<rootDir>/__tests__/global-setup.js",
  globalTeardown: "<rootDir>/__tests__/global-teardown.js",
  testMatch: ["<rootDir>/__tests__/**/*.test.ts"],
  modulePathIgnorePatterns: ["<rootDir>/cdktf.out", "<rootDir>/\\.terraform"],
  moduleNameMapper: Object.fromEntries(
    UNNEEDED.map((name) => [`^${literally(name)}$`, "<rootDir>/__tests__/support/nothing.js"]),
  ),
  transform: {
    "\\.ts$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript", decorators: false }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  testEnvironment: "node",
  testTimeout: 60_000,
  // One more than the two processors of a small machine: tests wait for the programs that they start.
  maxWorkers: 3,
  // Starting a program takes the longer the more memory a worker has.
  workerIdleMemoryLimit: "300MB",
  testSequencer: "<rootDir>/__tests__/slowest-first.js",
  reporters: ["default", "<rootDir>/__tests__/closing-line.js"],
};
