import { type PlacedProblem, placedText } from "./placed-problem";
import { type Problem, withoutTokens } from "./problem";

/**
 * Something that goes wrong in the world outside and was thought of: people can mend it. Its message says what was got, what is allowed and
 * the likely fix, and never holds a token. Whatever else is thrown is a defect of this project, and shown as one.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
  /** Hidden from those that print all fields of an error beside its message. */
  readonly #said: PlacedProblem;
  readonly #parts: readonly PlacedProblem[];

  /** @param parts all that a message of several problems says; @default - the one problem */
  constructor(said: PlacedProblem | Problem | string, parts?: readonly PlacedProblem[]) {
    const placed = typeof said === "object" && "problem" in said ? said : { problem: said };
    super(withoutTokens(placedText(placed)));
    this.#said = placed;
    this.#parts = parts ?? [placed];
  }

  /** The message in its parts, where it is that of one problem. */
  get problem(): Problem | undefined {
    const { problem } = this.#said;
    return typeof problem === "string" ? undefined : problem;
  }

  /** All that it says, for programs. */
  get parts(): readonly PlacedProblem[] {
    return this.#parts;
  }
}
