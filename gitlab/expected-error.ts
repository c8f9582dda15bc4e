/**
 * Something that goes wrong in the world outside and was thought of. Its message says what was got, what is allowed and the likely fix,
 * and never holds a token. Whatever else is thrown is a defect of this project, and shown as one.
 */
export class ExpectedError extends Error {
  override readonly name: string = "ExpectedError";
}
