import type { Schema } from "./protocol/schema";
import type { ObjectValue } from "./protocol/value";
import type { ResourceContext } from "./resource";

/** One type of thing that Terraform only looks up. `read` throws a `DiagnosticError` where the real provider adds an error. */
export interface DataSource {
  readonly typeName: string;
  readonly schema: Schema;
  read(context: ResourceContext, config: ObjectValue): Promise<ObjectValue>;
}
