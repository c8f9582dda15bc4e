import { z } from "zod";
import { pushersFile } from "./schema";

/** The JSON Schema of an inventory file, for editors: `# yaml-language-server: $schema=../inventory/pushers.schema.json`. */
export const jsonSchema = () => z.toJSONSchema(pushersFile, { io: "input", target: "draft-7" });

/** The text of `inventory/pushers.schema.json`. */
export const jsonSchemaText = (): string => `${JSON.stringify(jsonSchema(), null, 2)}\n`;
