/** What jest does when all workers have ended. What it throws fails the run. */
module.exports = () => globalThis.giveBackHome();
