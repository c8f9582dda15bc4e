const teardown = require("../global-teardown");

/** What jest does when all unit tests have ended. What it throws fails the run. */
module.exports = () => {
  try {
    // Its note of what was started is among the temporary files.
    globalThis.allowPrograms();
  } finally {
    teardown();
  }
};
