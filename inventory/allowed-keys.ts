import { jsonSchema } from "./json-schema";

interface Node {
  readonly properties?: Record<string, Node>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

/** The keys a mapping at this path of an inventory file may have, read off its JSON Schema. */
export function allowedKeysAt(path: readonly PropertyKey[]): string[] {
  let nodes: Node[] = [jsonSchema() as Node];
  for (const step of path) nodes = nodes.flatMap((node) => children(node, step));
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))];
}

const property = ({ properties = {} }: Node, name: string): Node | undefined =>
  Object.hasOwn(properties, name) ? properties[name] : undefined;

function children(node: Node, step: PropertyKey): Node[] {
  const direct = typeof step === "number" ? node.items : (property(node, String(step)) ?? node.additionalProperties);
  const found = direct && typeof direct === "object" ? [direct] : [];
  return found.flatMap((child) => (child.anyOf ? [...child.anyOf] : [child]));
}
