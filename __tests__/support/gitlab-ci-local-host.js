const { readFileSync } = require("node:fs");
const compiled = require("./swc-register");

/**
 * Runs gitlab-ci-local once for each order that comes, one after the other, and sends what it writes and how it ends. Its modules are
 * loaded once, and as CommonJS: that is most of what a run of it takes.
 */
const PROGRAM = require.resolve("gitlab-ci-local");
const IS_ECMASCRIPT = /^\s*(?:import|export)\b/m;

require.extensions[".js"] = (module, filename) => {
  const source = readFileSync(filename, "utf8");
  module._compile(IS_ECMASCRIPT.test(source) ? compiled(filename, "ecmascript") : source, filename);
};

for (const stream of ["stdout", "stderr"]) {
  process[stream].write = (text) => process.send({ stream, text: String(text) });
}
process.exit = (code = 0) => process.send({ code });

process.on("message", ({ args, cwd, environment }) => {
  // The environment that it gives to what it starts, too.
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, environment);
  process.chdir(cwd);
  process.argv = [process.execPath, PROGRAM, ...args];
  for (const signal of ["SIGINT", "SIGUSR2"]) process.removeAllListeners(signal);
  delete require.cache[PROGRAM];
  require(PROGRAM);
});
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
