const lendHome = require("./lent-home");
const plainEnvironment = require("./plain-environment");
const testedProgram = require("./tested-program");

/** Done by jest before any worker starts. */
module.exports = async () => {
  plainEnvironment();
  await testedProgram();
  globalThis.giveBackHome = lendHome();
};
