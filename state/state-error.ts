import { ExpectedError } from "../gitlab/expected-error";

/** Something wrong with where the state is kept, or with what was found there. Its message never holds a token. */
export class StateError extends ExpectedError {
  override readonly name = "StateError";
}
