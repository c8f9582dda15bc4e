const path = require("node:path");
const lendHome = require("./lent-home");
const lendMemory = require("./lent-memory");
const plainEnvironment = require("./plain-environment");
const quickStart = require("./support/quick-start");
const testedProgram = require("./tested-program");

/** Done by jest before any worker starts. */
module.exports = async () => {
  plainEnvironment();
  await testedProgram();
  globalThis.giveBackMemory = lendMemory();
  globalThis.giveBackHome = lendHome();
  // One for all programs of all tests.
  process.env.TYPESCRIPT_CACHE = path.join(process.env.HOME, "compiled");
  const started = quickStart.nodeOptions(path.join(process.env.HOME, "quick-start"));
  process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, started].filter(Boolean).join(" ");
};
