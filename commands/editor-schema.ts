import { existsSync } from "node:fs";
import * as path from "node:path";

/** The JSON Schema of an inventory, as editors find it from a file in `pushers/`: in the installed package. */
export const INSTALLED_SCHEMA = "../node_modules/gitlab-ci-pusher/inventory/pushers.schema.json";

/** The same for an inventory in this package's own checkout. */
const OWN_SCHEMA = "../inventory/pushers.schema.json";

/** The schema as editors find it from a file in this folder. */
export const editorSchema = (folder: string): string =>
  existsSync(path.join(folder, OWN_SCHEMA)) ? OWN_SCHEMA : INSTALLED_SCHEMA;
