const path = require("node:path");
const lendHome = require("./lent-home");
const plainEnvironment = require("./plain-environment");

/** What jest does before any worker starts. */
module.exports = () => {
  plainEnvironment();
  globalThis.giveBackHome = lendHome();
  // One for all programs of all tests.
  process.env.TYPESCRIPT_CACHE = path.join(process.env.HOME, "compiled");
};
