const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

/**
 * Lets the Node programs that tests start by the hundred begin in half the time. What a program loaded is kept for its next start, in one
 * file: where each module was found, its code as the loader compiled it, and V8's compilation of that. Kept are modules of this checkout
 * which do not change while tests run. It is switched on by what {@link nodeOptions} gives.
 */
const ROOT = path.join(__dirname, "../..") + path.sep;
const isKept = (file) => file.startsWith(ROOT) && !file.includes(`${path.sep}cdktf.out${path.sep}`);

/** V8 forgets how a kept script imports. */
const importsLater = (filename, code) => /\bimport\s*\(/.test(code) && !ONLY_IN_TEXTS.test(filename);
const ONLY_IN_TEXTS = /[/]node_modules[/](?:typescript[/]lib|cdktf-cli[/]bundle)[/]/;

/** The file of this program. */
let file;
/** What it holds. */
let kept;
/** By file name, what this process compiled: its code, its script, and the kept data that V8 took for it. */
const compiled = new Map();
let isNews = false;

/** The program and its command: each loads other modules. A program outside the checkout goes by its last name, wherever it is. */
function programName() {
  const [, program = "", command = ""] = process.argv;
  let real = program;
  try {
    real = realpathSync(program);
  } catch {
    // Standard input, or a text on the command line.
  }
  const words = [process.version, isKept(real) ? real : path.basename(real)];
  return [...words, /^[a-z-]+$/.test(command) ? command : ""].join("\n");
}

/** The parts of the file: how long its index is, the index, and code and data one after the other. */
function read() {
  try {
    const whole = readFileSync(file);
    const end = 4 + whole.readUInt32LE(0);
    return { ...JSON.parse(whole.toString("utf8", 4, end)), content: whole.subarray(end) };
  } catch {
    return { found: {}, modules: {}, content: Buffer.alloc(0) };
  }
}

const part = ([start, length]) => kept.content.subarray(start, start + length);

/** Compiles a CommonJS module. @throws SyntaxError when it is none */
const scriptOf = (filename, code, cachedData) =>
  new vm.Script(Module.wrap(code.replace(/^#!/, "//")), {
    filename,
    columnOffset: -Module.wrapper[0].length,
    cachedData,
  });

function run(module, filename, code, script, data) {
  // V8 takes no data of some modules, such as those in asm.js, now or another time.
  isNews ||= data === undefined;
  compiled.set(filename, { code, script, data });
  const require = Object.assign((id) => module.require(id), {
    resolve: (request, options) => Module._resolveFilename(request, module, false, options),
    main: process.mainModule,
    extensions: Module._extensions,
    cache: Module._cache,
  });
  const wrapped = script.runInThisContext({ displayErrors: true });
  return Reflect.apply(wrapped, module.exports, [module.exports, require, module, filename, path.dirname(filename)]);
}

function keep() {
  if (!isNews) return;
  const parts = [];
  let end = 0;
  const place = (bytes) => {
    parts.push(bytes);
    end += bytes.length;
    return [end - bytes.length, bytes.length];
  };
  const modules = {};
  for (const [name, { code, data }] of Object.entries(kept.modules)) {
    if (!compiled.has(name)) modules[name] = { code: place(part(code)), data: place(part(data)) };
  }
  for (const [name, { code, script, data }] of compiled) {
    modules[name] = { code: place(Buffer.from(code)), data: place(data ?? script.createCachedData()) };
  }
  const index = Buffer.from(JSON.stringify({ found: kept.found, modules }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(index.length);
  // Another process may do the same.
  writeFileSync(`${file}${process.pid}`, Buffer.concat([length, index, ...parts]));
  renameSync(`${file}${process.pid}`, file);
}

/** Switches it on in this process, before anything else is loaded. @param folder that is this run's own */
module.exports = function quickStart(folder) {
  file = path.join(folder, `${createHash("sha1").update(programName()).digest("hex")}.start`);
  kept = read();
  process.on("exit", keep);

  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (request, parent, isMain, options) {
    const from = parent?.filename;
    if (isMain || options || !from || !isKept(from)) return resolve.call(this, request, parent, isMain, options);
    const name = `${path.dirname(from)}\n${request}`;
    if (Object.hasOwn(kept.found, name)) return kept.found[name];
    const found = resolve.call(this, request, parent, isMain, options);
    if (!path.isAbsolute(found) || isKept(found)) {
      kept.found[name] = found;
      isNews = true;
    }
    return found;
  };

  const { load, _compile: compile } = Module.prototype;
  Module.prototype.load = function (filename) {
    if (!Object.hasOwn(kept.modules, filename)) return load.call(this, filename);
    const { code, data } = kept.modules[filename];
    const text = part(code).toString("utf8");
    this.filename = filename;
    this.paths = Module._nodeModulePaths(path.dirname(filename));
    run(this, filename, text, scriptOf(filename, text, part(data)), part(data));
    this.loaded = true;
  };
  Module.prototype._compile = function (content, filename, ...more) {
    if (!isKept(filename) || importsLater(filename, content)) return compile.call(this, content, filename, ...more);
    let script;
    try {
      script = scriptOf(filename, content);
    } catch {
      // A module of the other kind; or one with a mistake, which the loader tells better.
      return compile.call(this, content, filename, ...more);
    }
    return run(this, filename, content, script);
  };
};

/** The value of NODE_OPTIONS that switches it on in all that is started. @param folder it writes into, removed by the caller */
module.exports.nodeOptions = (folder) => {
  const preload = path.join(folder, "quick-start.js");
  mkdirSync(folder, { recursive: true });
  writeFileSync(preload, `require(${JSON.stringify(__filename)})(${JSON.stringify(folder)});\n`);
  return `--require ${JSON.stringify(preload)}`;
};
