import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { jsonSchemaText } from "./json-schema";

const file = path.join(__dirname, "pushers.schema.json");
writeFileSync(file, jsonSchemaText());
process.stdout.write(`${path.relative(process.cwd(), file)}\n`);
