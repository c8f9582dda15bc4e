#!/usr/bin/env node
// What is installed is compiled; in this project's own checkout the TypeScript runs as it is, whatever folder the command is called from.
const { existsSync } = require("node:fs");
const path = require("node:path");

const checkout = path.join(__dirname, "..");
const isCheckout = existsSync(path.join(checkout, "commands", "main.ts"));
if (isCheckout) require("ts-node").register({ project: path.join(checkout, "tsconfig.json") });
require(path.join(checkout, isCheckout ? "commands" : "dist/commands", "main")).start();
