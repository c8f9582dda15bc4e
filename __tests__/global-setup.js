const lendHome = require("./lent-home");
const plainEnvironment = require("./plain-environment");

/** What jest does before any worker starts. */
module.exports = () => {
  plainEnvironment();
  globalThis.giveBackHome = lendHome();
};
