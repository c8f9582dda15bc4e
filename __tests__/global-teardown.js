/** What jest does when all workers have ended. What it throws fails the run. */
module.exports = () => {
  try {
    globalThis.giveBackHome();
  } finally {
    globalThis.giveBackMemory();
  }
};
