/**
 * A repository's pipeline file and those that it includes, and these include: as far as their names stand in the text, with GitLab's `*` and
 * `**` or without.
 * @param names YAML files of the repository. @param read the text of one; undefined where it is not
 * @returns their texts
 * @see https://docs.gitlab.com/ci/yaml/#includelocal
 */
export async function pipelineTexts(
  names: readonly string[],
  read: (name: string) => Promise<string | undefined>,
): Promise<string[]> {
  const texts: string[] = [];
  const left = new Set(names);
  for (let next = [PIPELINE]; next.length > 0; ) {
    const found = (await Promise.all(next.map(read))).filter((text) => text !== undefined);
    texts.push(...found);
    for (const name of next) left.delete(name);
    next = [...left].filter((name) => isNamedIn(found, name));
  }
  return texts;
}

const PIPELINE = ".gitlab-ci.yml";

/** Tells whether a file of the repository is named in one of the texts. */
export const isNamedIn = (texts: readonly string[], name: string): boolean =>
  texts.some((text) => text.includes(name) || patternsIn(text).some((pattern) => fits(name, pattern)));

/** The lines of a text that include files by a pattern: GitLab takes those of YAML alone. */
const patternsIn = (text: string): string[] =>
  text.split(/[^\w./*-]+/).filter((word) => word.includes("*") && /\.ya?ml$/.test(word));

/** By what stands before the first and after the last `*`: rather a file too many than one that nobody looks at. */
function fits(name: string, pattern: string): boolean {
  const [before, after] = [pattern.slice(0, pattern.indexOf("*")), pattern.slice(pattern.lastIndexOf("*") + 1)];
  return name.startsWith(before.replace(/^\/+/, "")) && name.endsWith(after);
}
