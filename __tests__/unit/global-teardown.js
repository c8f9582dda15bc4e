const teardown = require("../global-teardown");

/** What jest does when all unit tests have ended. What it throws fails the run. */
module.exports = () => {
  teardown();
  globalThis.allowPrograms();
};
