const { default: Sequencer } = require("@jest/test-sequencer");

/** Folders whose tests run for minutes. */
const SLOW = ["end-to-end", "demo", "templates"];
const isSlow = ({ path }) => SLOW.some((folder) => path.includes(`/__tests__/${folder}/`));

/** Begins with what takes long, so that at the end no worker waits for the other. */
module.exports = class SlowestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => Number(isSlow(b)) - Number(isSlow(a)));
  }
};
