import fs, {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import * as path from "node:path";
import { readForEdit, replaceFiles } from "../../inventory/edit-files";
import { outdir } from "../support/synth";

const content = (folder: string) =>
  Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "utf8")]));

function files(texts: Record<string, string>): { folder: string; at: (name: string) => string } {
  const folder = outdir();
  const at = (name: string) => path.join(folder, name);
  for (const [name, text] of Object.entries(texts)) writeFileSync(at(name), text);
  return { folder, at };
}

describe("replacing inventory files", () => {
  test("GIVEN texts as they were read THEN all are replaced, and nothing else is left", () => {
    const { folder, at } = files({ "a.yaml": "a", "b.yaml": "b", "c.yaml": "c" });
    replaceFiles([
      { file: at("a.yaml"), before: "a", after: "A" },
      { file: at("b.yaml"), before: "b", after: "B" },
    ]);
    expect(content(folder)).toEqual({ "a.yaml": "A", "b.yaml": "B", "c.yaml": "c" });
  });

  test("GIVEN a file that somebody changed in the meantime THEN none is replaced", () => {
    const { folder, at } = files({ "a.yaml": "a", "b.yaml": "other" });
    const edits = ["a", "b"].map((name) => ({ file: at(`${name}.yaml`), before: name, after: name.toUpperCase() }));
    expect(() => replaceFiles(edits)).toThrow(/b\.yaml: got another text than a moment ago/);
    expect(content(folder)).toEqual({ "a.yaml": "a", "b.yaml": "other" });
  });

  test("GIVEN a text that cannot be laid beside its file THEN none is replaced", () => {
    const { folder, at } = files({ "a.yaml": "a", "b.yaml": "b" });
    const draft = `.b.yaml.${process.pid}`;
    mkdirSync(at(draft));
    const edits = ["a", "b"].map((name) => ({ file: at(`${name}.yaml`), before: name, after: name.toUpperCase() }));
    expect(() => replaceFiles(edits)).toThrow(/got EISDIR; allowed: a file that can be read and replaced/);
    expect(readdirSync(folder).sort()).toEqual([draft, "a.yaml", "b.yaml"]);
    expect(readFileSync(at("a.yaml"), "utf8")).toBe("a");
  });

  test("GIVEN a file that cannot be replaced THEN those before it are put back", () => {
    const { folder, at } = files({ "a.yaml": "a", "b.yaml": "b" });
    const { renameSync } = fs;
    const rename = jest.spyOn(fs, "renameSync").mockImplementation((from, to) => {
      if (String(to).endsWith("b.yaml")) throw Object.assign(new Error("busy"), { code: "EBUSY", path: String(to) });
      renameSync(from, to);
    });
    const edits = ["a", "b"].map((name) => ({ file: at(`${name}.yaml`), before: name, after: name.toUpperCase() }));
    expect(() => replaceFiles(edits)).toThrow(/b\.yaml: got EBUSY/);
    expect(rename).toHaveBeenCalledTimes(3);
    expect(content(folder)).toEqual({ "a.yaml": "a", "b.yaml": "b" });
    rename.mockRestore();
  });

  test("GIVEN a link THEN it stays one; GIVEN permissions THEN they stay", () => {
    const { folder, at } = files({ "a.yaml": "a" });
    chmodSync(at("a.yaml"), 0o664);
    const link = path.join(outdir(), "link.yaml");
    symlinkSync(at("a.yaml"), link);
    replaceFiles([{ file: link, before: "a", after: "A" }]);
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(content(folder)).toEqual({ "a.yaml": "A" });
    expect(statSync(at("a.yaml")).mode & 0o777).toBe(0o664);
  });

  test("GIVEN bytes that are no UTF-8 THEN the file is left alone, as they could not be written back", () => {
    const { at } = files({});
    writeFileSync(at("a.yaml"), Buffer.from([0x61, 0xff, 0x0a]));
    expect(() => readForEdit(at("a.yaml"))).toThrow(/a\.yaml: got bytes that are no UTF-8/);
    expect(() => readForEdit(at("none.yaml"))).toThrow(/none\.yaml: got ENOENT/);
  });
});
