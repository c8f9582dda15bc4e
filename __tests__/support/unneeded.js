/**
 * Modules that packages load at their start and no test comes to, by what they are called there: with what cdktf makes archives, and the
 * languages of zod's messages, of which English is loaded by itself. They are a third of what a synth takes to start.
 */
module.exports = ["archiver", "../locales/index.cjs"];
