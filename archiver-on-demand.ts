import Module, { createRequire } from "node:module";

/**
 * cdktf loads what it zips assets with at its start: two hundred modules, a sixth of what a synth of the package takes, and an inventory has no
 * assets. From here on something stands in for that module that loads it when it is first used. Imported before cdktf; where cdktf
 * has no such module, or it is loaded already, nothing is done.
 */
function loadOnDemand(name: string): void {
  const { resolve, cache } = createRequire(require.resolve("cdktf"));
  let file: string;
  try {
    file = resolve(name);
  } catch {
    return;
  }
  if (cache[file]) return;
  const standIn = new Module(file, module);
  const load = (): ((...args: unknown[]) => unknown) => {
    if (cache[file] === standIn) delete cache[file];
    return createRequire(file)(file);
  };
  const exports = new Proxy(() => {}, {
    apply: (_, self, args) => Reflect.apply(load(), self, args),
    get: (_, key) => Reflect.get(load(), key),
    has: (_, key) => Reflect.has(load(), key),
    ownKeys: () => Reflect.ownKeys(load()),
    getOwnPropertyDescriptor: (_, key) => {
      const own = Reflect.getOwnPropertyDescriptor(load(), key);
      // What the stand-in itself does not have may not be told to be fixed.
      return own && { ...own, configurable: true };
    },
  });
  Object.assign(standIn, { filename: file, loaded: true, exports });
  cache[file] = standIn;
}

loadOnDemand("archiver");
