/** The lines of one setting, or of one rule, with its comments. */
export type Block = readonly string[];

/** The settings of a pusher that `defaults` can say for it. */
export interface Settings {
  readonly token: readonly Block[];
  readonly variable: readonly Block[];
  readonly branches: readonly Block[];
  readonly tags: readonly Block[];
}

/** Pushers from which on a file reads better with what they share at its top. */
const FEWEST = 3;

const NOTHING: Settings = { token: [], variable: [], branches: [], tags: [] };

/** Lines that cannot stand under `defaults`, since it is one pusher's or one deploy's. */
const OWN = /\b(import|with): /;

/** The settings that all pushers of a file have in the same words. */
export function sharedBy(all: readonly Settings[]): Settings {
  const [first, ...others] = all;
  if (!first || all.length < FEWEST) return NOTHING;
  return mapped(
    first,
    (key, block) => !block.some((line) => OWN.test(line)) && others.every((each) => has(each[key], block)),
  );
}

/** The settings of a pusher beside those that are shared. */
export const without = (settings: Settings, shared: Settings): Settings =>
  mapped(settings, (key, block) => !has(shared[key], block));

const mapped = (
  { token, variable, branches, tags }: Settings,
  isKept: (key: keyof Settings, block: Block) => boolean,
): Settings => ({
  token: token.filter((block) => isKept("token", block)),
  variable: variable.filter((block) => isKept("variable", block)),
  branches: branches.filter((block) => isKept("branches", block)),
  tags: tags.filter((block) => isKept("tags", block)),
});

const has = (blocks: readonly Block[], block: Block): boolean =>
  blocks.some((each) => each.join("\n") === block.join("\n"));
