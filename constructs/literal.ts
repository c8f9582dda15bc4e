import { Token } from "cdktf";
import type { Problem } from "../gitlab/problem";
import { Expression } from "./expression";

/** The beginning of a template in Terraform's texts, `${…}` and `%{…}`. */
const TEMPLATE = /[$%](?=\{)/g;

/**
 * The text that Terraform reads as this one, letter for letter: `${x}` becomes `$${x}`, since every text in a `*.tf.json` file is a template.
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export const literal = (text: string): string => text.replace(TEMPLATE, "$&$&");

/** A value in which every text is {@link literal} and every {@link Expression} is one. */
export function literally(value: unknown): unknown {
  if (typeof value === "string") return literal(value);
  if (value instanceof Expression) return String(value);
  if (Array.isArray(value)) return value.map(literally);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, literally(inner)]));
}

/** Half of a character that needs two in UTF-16. */
const HALF = /\p{Surrogate}/u;

/** Says why a text could not arrive in GitLab as it is written, or undefined when it can. */
export function literalProblem(text: string): Problem | undefined {
  if (Token.isUnresolved(text)) {
    return {
      got: "a value that is known only when Terraform runs",
      allowed: "text: what may be an expression has the type Expression",
      fix: "write the text itself",
    };
  }
  if (HALF.test(text)) {
    return {
      got: `${JSON.stringify(text)}, which is no Unicode`,
      allowed: "Unicode text",
      fix: "write it anew",
    };
  }
  if (text === text.normalize("NFC")) return undefined;
  return {
    got: `${JSON.stringify(text)}, which Terraform would change: it has an accent apart from its letter`,
    allowed: "text in Unicode's composed form (NFC), the only one that Terraform knows",
    fix: `write ${JSON.stringify(text.normalize("NFC"))}, if GitLab knows it by that`,
  };
}

/** The texts in a value, by the name of the attribute they stand in. */
export function textsIn(value: unknown, name = ""): [name: string, text: string][] {
  if (typeof value === "string") return [[name, value]];
  if (Array.isArray(value)) return value.flatMap((each) => textsIn(each, name));
  if (typeof value !== "object" || value === null || value instanceof Expression) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, key));
}
