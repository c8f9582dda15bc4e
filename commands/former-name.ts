/** A command line as it is called today. */
export interface CurrentName {
  readonly args: readonly string[];
  /** The words about a name that was given up: it works for a release more. @default - the name is today's */
  readonly hint?: string;
}

/** A command line that is called by a name which was given up, by the one that took its place. @param args without the program */
export function currentName(args: readonly string[]): CurrentName {
  const [first, second] = args;
  if (first === "lock") return renamed("lock", "state lock", args);
  // A group of commands now: its own help is none of the former command's, which took options alone, and a word is one of the group's.
  if (first === "providers" && !GROUP.test(second ?? "--")) return renamed("providers", "providers lock", args);
  return { args };
}

const GROUP = /^(?:[^-].*|-h|--help)$/;

const renamed = (former: string, current: string, [, ...rest]: readonly string[]): CurrentName => ({
  args: [...current.split(" "), ...rest],
  hint: `\`npx gitlab-ci-pusher ${former}\` is \`npx gitlab-ci-pusher ${current}\` now; the former name works until the next major release.`,
});
