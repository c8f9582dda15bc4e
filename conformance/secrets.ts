import { printable } from "../gitlab/printable";
import { withoutTokens } from "../gitlab/problem";

/** The values that must not be shown: the operator's token and those of all tokens that were made. */
export class Secrets {
  private readonly values = new Set<string>();

  /** @returns the value, for use where it is taken in */
  add(value: string): string {
    if (value.length >= SHORTEST) this.values.add(value);
    return value;
  }

  /** A text of a server's as it may be shown: without those values, whatever else looks like a token, and what nobody sees. */
  redact(text: string): string {
    return printable(
      withoutTokens([...this.values].reduce((left, value) => left.replaceAll(value, "[a token]"), text)),
    );
  }
}

/** Shorter ones would take words out of a text. */
const SHORTEST = 8;
