/** One figure as it was printed, with all that one needs to make it again. */
export interface Section {
  readonly name: string;
  readonly command: string;
  readonly day: string;
  readonly machine: string;
  readonly text: string;
}

const HEAD = `# Figures

What \`bench/\` printed, with the command, the day and the machine: \`npm run bench -- --write\` makes all of it anew (an hour), and
\`npm run bench -- startup --write\` that section. No test judges a figure. Ratios, growth and counts travel from machine to machine; seconds do not.
`;

/**
 * The document with one section new, in the place of the one of that name or where the order has it.
 * @param document as it was; empty where there is none yet
 * @param order names of all figures; sections of other names are dropped
 */
export function withSection(document: string, section: Section, order: readonly string[]): string {
  const [, ...parts] = document.split(/^## /m);
  const standing = new Map(parts.map((part) => [part.slice(0, part.indexOf("\n")), part.trimEnd()]));
  standing.set(section.name, sectionText(section));
  const sections = order.flatMap((name) => standing.get(name) ?? []);
  return [HEAD, ...sections.map((text) => `## ${text}\n`)].join("\n");
}

const sectionText = ({ name, command, day, machine, text }: Section): string => `${name}

\`${command}\`, ${day}, on ${machine}

\`\`\`text
${text}
\`\`\``;
