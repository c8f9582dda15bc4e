/** Most names that are told of many. */
const MOST = 5;

/** Names in a sentence; of many the first, and how many more there are. */
export const few = (names: readonly string[]): string =>
  names.length <= MOST ? names.join(", ") : `${names.slice(0, MOST).join(", ")} and ${names.length - MOST} more`;
