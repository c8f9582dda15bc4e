const heavierTests = require("./__tests__/unit/heavier-tests");

const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");

/** The tests that start neither Terraform nor Git's server; one that does all the same fails the run. */
module.exports = {
  ...require("./jest.config"),
  globalSetup: "<rootDir>/__tests__/unit/global-setup.js",
  globalTeardown: "<rootDir>/__tests__/unit/global-teardown.js",
  testPathIgnorePatterns: heavierTests().map((file) => `^${literally(file)}$`),
  collectCoverageFrom: ["{commands,constructs,estate,gitlab,inventory,state,terraform}/**/*.ts", "*.ts"],
  coverageReporters: ["text"],
};
