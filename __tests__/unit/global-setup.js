const setup = require("../global-setup");
const forbidPrograms = require("./forbidden-programs");

/** What jest does before any worker starts a unit test. */
module.exports = async () => {
  await setup();
  globalThis.allowPrograms = forbidPrograms();
};
