/** A text as it is typed into a POSIX shell: in quotes where the shell would make something else of it. */
export const shellWord = (text: string): string =>
  /^[\w./+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
