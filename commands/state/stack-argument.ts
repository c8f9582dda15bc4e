import { InvalidArgumentError } from "commander";
import { describe } from "../../gitlab/problem";

/** The name of a stack, which becomes part of file names. @throws InvalidArgumentError, which commander reports as wrong usage */
export function stackName(text: string): string {
  if (/^[A-Za-z0-9][\w.-]*$/.test(text)) return text;
  const fix = "write the name of a file in the inventory, without .yaml";
  throw new InvalidArgumentError(
    describe({ got: JSON.stringify(text), allowed: "letters, digits, and - _ . after the first", fix }),
  );
}
