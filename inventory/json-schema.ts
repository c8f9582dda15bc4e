import { z } from "zod";
import { pushersFile } from "./schema";

/** The JSON Schema of an inventory file, for editors: `# yaml-language-server: $schema=../inventory/pushers.schema.json`. */
export function jsonSchema(): z.core.JSONSchema.BaseSchema {
  made ??= z.toJSONSchema(pushersFile, { io: "input", target: "draft-7" });
  return made;
}

/** It takes a millisecond to make, and each of a file's mistakes may ask for it. */
let made: z.core.JSONSchema.BaseSchema | undefined;

/** The text of `inventory/pushers.schema.json`. */
export const jsonSchemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`;
