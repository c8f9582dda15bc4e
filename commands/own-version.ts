import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";

const NAME = "gitlab-ci-pusher";

/**
 * The version of the package that a folder belongs to: that of this project's nearest `package.json` above it. Compiled code is a folder
 * deeper than its source, and packages of other names may lie between.
 * @throws Error where there is none
 */
export function ownVersion(folder: string): string {
  for (let above = folder; ; above = path.dirname(above)) {
    const file = path.join(above, "package.json");
    const { name, version } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
    if (name === NAME) return version;
    if (above === path.dirname(above)) throw new Error(`no package.json of ${NAME} above ${folder}`);
  }
}
