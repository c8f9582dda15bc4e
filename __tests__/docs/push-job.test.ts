import { readFileSync } from "node:fs";
import * as path from "node:path";
import { parse, parseAllDocuments } from "yaml";

const read = (file: string) => readFileSync(path.join(__dirname, "../..", file), "utf8");
const PAGE = read("docs/push-job.md");
const TEMPLATE = read("templates/push.yml");
const [HEADER] = parseAllDocuments(TEMPLATE).map((document) => document.toJS());

/** The rows of a table below a heading, cells without the marks of code. */
function table(heading: string): string[][] {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(heading))!;
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((row) => row.split(" | ").map((cell) => cell.replaceAll(/^\| |`| \|$/g, "")));
}

describe("docs/push-job.md", () => {
  test("lists every input with its type and default", () => {
    const inputs = Object.entries(HEADER.spec.inputs as Record<string, { type?: string; default?: unknown }>);
    const shown = (value: unknown) => (Array.isArray(value) ? JSON.stringify(value) : String(value ?? "required"));
    expect(table("Inputs").map((row) => row.slice(0, 3))).toEqual(
      inputs.map(([name, input]) => [name, input.type ?? "string", shown(input.default)]),
    );
  });

  test("its example gives inputs that the template has", () => {
    const example = parse(/```yaml\n(# \.gitlab-ci\.yml.*?)```/s.exec(PAGE)![1]!);
    expect(Object.keys(HEADER.spec.inputs)).toEqual(expect.arrayContaining(Object.keys(example.include[0].inputs)));
  });

  test("explains what the job says, and nothing that it does not say", () => {
    const said = [...TEMPLATE.matchAll(/(?:pusher_cause=|pusher_fail |pusher_say |echo )"([^"]{12,})"/g)].map((match) =>
      match[1]!.replaceAll(/\$\{?\w+\}?/g, "…"),
    );
    expect(said.length).toBeGreaterThan(25);
    const explained = table("What it says").map(([text]) => text!);
    const notOutcomes = /^refused: …|follows$|is empty: \$\(|^for the whole way/;
    const unexplained = said.filter(
      (line) => !notOutcomes.test(line) && !explained.some((text) => line.includes(text.replace(/ …$/, ""))),
    );
    expect(unexplained).toEqual([]);
    expect(
      explained.filter((text) => !TEMPLATE.replaceAll(/\$\{?\w+\}?/g, "…").includes(text.replace(/ …$/, ""))),
    ).toEqual([]);
  });
});
