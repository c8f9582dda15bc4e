#!/usr/bin/env node
// Runs the TypeScript of this project, whatever folder the command is called from.
require("ts-node").register({ project: require("node:path").join(__dirname, "..", "tsconfig.json") });
require("./main").start();
