import { inWords, type PlacedProblem } from "./placed-problem";
import type { Problem } from "./problem";

/**
 * Something that goes wrong in the world outside and was thought of: people can mend it. Its message says what was got, what is allowed and
 * the likely fix, and never holds a token. Whatever else is thrown is a defect of this project, and shown as one.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
  /** Hidden from those that print all fields of an error beside its message. */
  readonly #said: Problem | string;
  readonly #parts: readonly PlacedProblem[];

  /** @param parts all that a message of several problems says; @default - the one problem */
  constructor(said: Problem | string, parts: readonly PlacedProblem[] = [{ problem: said }]) {
    super(inWords(said));
    this.#said = said;
    this.#parts = parts;
  }

  /** The message in its parts, where it is that of one problem. */
  get problem(): Problem | undefined {
    return typeof this.#said === "string" ? undefined : this.#said;
  }

  /** All that it says, for programs. */
  get parts(): readonly PlacedProblem[] {
    return this.#parts;
  }
}
