const { default: Sequencer } = require("@jest/test-sequencer");
const heavierTests = require("./unit/heavier-tests");

/** Begins with what takes long, by its last duration where that is known, so that at the end no worker waits for the other. */
module.exports = class SlowestFirst extends Sequencer {
  sort(tests) {
    const heavier = new Set(heavierTests(tests.map(({ path }) => path)));
    return [...super.sort(tests)].sort((a, b) => Number(heavier.has(b.path)) - Number(heavier.has(a.path)));
  }
};
