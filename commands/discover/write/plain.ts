/** A text as YAML writes it: words that YAML takes for something else, and texts with characters of its own, are quoted. */
export const plain = (text: string): string =>
  /^[A-Za-z_][\w./*-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
