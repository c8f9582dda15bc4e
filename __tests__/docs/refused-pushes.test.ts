import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CAUSE_IDS, CAUSES, LINKS } from "../../commands/doctor/cause";
import { refusalOf } from "../../gitlab/refusal";

const page = readFileSync(join(__dirname, "../../docs/refused-pushes.md"), "utf8");

/** The rows that explain a cause, by the section's link: id and what it looks like. */
const rows = page.split(/^## /m).flatMap((section) => {
  const link = /^(\w+)/.exec(section)?.[1]?.toLowerCase() as string;
  return [...section.matchAll(/^\| `([a-z-]+)` \| (.*?) \|/gm)].map((match) => ({
    link,
    id: match[1] as string,
    looks: match[2] as string,
  }));
});

describe("docs/refused-pushes.md", () => {
  test("explains every cause of the code once, and no other", () => {
    expect(rows.map(({ id }) => id).sort()).toEqual([...CAUSE_IDS].sort());
  });

  test("has a section for every link of the walk, and each cause in its own", () => {
    expect([...new Set(rows.map(({ link }) => link))]).toEqual([...LINKS]);
    for (const { id, link } of rows) expect([id, CAUSES[id as keyof typeof CAUSES].link]).toEqual([id, link]);
  });

  test("names no id that is none", () => {
    const linked = [
      ...page.matchAll(/`((?:job|runner|variable|token|rule|wildcard|branch|project|repository)-[a-z-]+)`/g),
    ].map((match) => match[1]);
    expect(linked.filter((id) => !CAUSE_IDS.includes(id as keyof typeof CAUSES))).toEqual([]);
  });

  test("quotes texts that the doctor recognises in a log", () => {
    const quoted = rows
      .flatMap(({ looks }) => [...looks.matchAll(/`([^`]+)`/g)].map((match) => match[1] as string))
      .filter((text) => /[A-Za-z]+ [a-z]+/.test(text) && !text.startsWith("value is"));
    expect(quoted.length).toBeGreaterThan(30);
    expect(quoted.filter((text) => refusalOf(text) === undefined)).toEqual([]);
  });
});
