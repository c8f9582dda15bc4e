import * as path from "node:path";

/** Code, and the files that say where more of it is. */
const CODE = /\.(?:[cm]?[jt]sx?|json)$/;

/** A path in quotation marks that leads upwards, as in an `import`, the `paths` of a tsconfig.json, or `file:../lib` of a package.json. */
const UPWARDS = /["'`](?:file:|link:|portal:)?((?:\.\/)*\.\.\/[^"'`\n]*)["'`]/g;

/**
 * Tells which code outside of a project belongs to it: what the project's code names by a path, what that names in turn, and all code
 * beside it there. A package that is linked from `node_modules` is not known by its name.
 * @param below path of the project in its repository
 * @param names files of the repository. @param read the text of one; undefined where it is not
 * @returns files and folders of the repository, without what their names end with
 */
export function codeOutside(
  below: string,
  names: readonly string[],
  read: (name: string) => string | undefined,
): string[] {
  const code = names.filter((name) => CODE.test(name));
  const found = new Set<string>();
  for (let next = [below]; next.length > 0; ) {
    const texts = code.filter((name) => next.some((part) => isIn(name, part)));
    const led = texts.flatMap((name) => upwardsFrom(name, read(name) ?? ""));
    next = [...new Set(led.flatMap((target) => outermost(target, below)))].filter((part) => !found.has(part));
    for (const part of next) found.add(part);
  }
  return [...found];
}

/** Tells whether a file is code of {@link codeOutside}. */
export const isCodeIn = (parts: readonly string[], name: string): boolean =>
  CODE.test(name) && parts.some((part) => isIn(name, part));

/** An import names a file without its ending. */
const isIn = (name: string, part: string): boolean => name.startsWith(`${part}/`) || name.startsWith(`${part}.`);

const upwardsFrom = (name: string, text: string): string[] =>
  [...text.matchAll(UPWARDS)].map(([, to]) => path.posix.join(path.posix.dirname(name), to!.replace(/[*?].*$/, "")));

/** The part of the repository that a path leads to: the file or folder that is beside the project, or beside a folder that the project is in. */
function outermost(target: string, below: string): string[] {
  const [there, own] = [target.replace(/\/+$/, "").split("/"), below.split("/")];
  const parting = there.findIndex((part, index) => part !== own[index]);
  // It stays in the project, or leads to a folder around it, or out of the repository.
  if (parting < 0 || parting >= own.length || there[0] === "..") return [];
  const last = there.slice(0, parting + 1).join("/");
  return [parting === there.length - 1 ? last.replace(CODE, "") : last];
}
