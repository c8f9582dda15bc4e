import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import * as path from "node:path";
import { InventoryError, loadInventory } from "../../inventory";
import { outdir } from "../support/synth";

const PUSHER = "{target: a/b, token: {expires: 2030-06-01}}";

/** What the report of an inventory folder says, with paths relative to it; nothing when it is taken. */
function report(folder: string): string {
  try {
    loadInventory(folder);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(InventoryError);
    return (error as InventoryError).message.replaceAll(`${folder}/`, "");
  }
}

/** The same of an inventory of one file. */
function reportOf(text: string | Buffer): string {
  const folder = outdir();
  writeFileSync(path.join(folder, "a.yaml"), text);
  return report(folder);
}

describe("what stands in the inventory's folder and is no file a person wrote", () => {
  test.each<[string, (file: string) => unknown, RegExp]>([
    [
      "a FIFO",
      (file) => execFileSync("mkfifo", [file]),
      /a\.yaml: got a FIFO; allowed: a regular file, or a link to one/,
    ],
    [
      "a link to an endless device",
      (file) => symlinkSync("/dev/zero", file),
      /a\.yaml: got a device; allowed: a regular file/,
    ],
    ["a folder", (file) => mkdirSync(file), /a\.yaml: got EISDIR, a folder; allowed: a regular file/],
    [
      "a link to nothing",
      (file) => symlinkSync("/does/not/exist", file),
      /a\.yaml: got ENOENT, a link to nothing; .*correct the link/,
    ],
    ["a link to itself", (file) => symlinkSync(file, file), /a\.yaml: got ELOOP/],
    [
      "a huge file",
      (file) => writeFileSync(file, "#".repeat(5_000_000)),
      /a\.yaml: got 5000000 bytes; allowed: up to 4194304/,
    ],
    [
      "a file without an end",
      (file) => symlinkSync("/proc/self/pagemap", file),
      /a\.yaml: got (\d+ bytes; allowed: up to|E)/,
    ],
  ])("GIVEN %s THEN it is refused at once, and hides no other problem", (_, make, expected) => {
    const folder = outdir();
    make(path.join(folder, "a.yaml"));
    writeFileSync(path.join(folder, "b.yaml"), "");
    expect(report(folder)).toMatch(/^2 problems/);
    expect(report(folder)).toMatch(expected);
  });

  test("GIVEN a socket THEN it is refused", async () => {
    const folder = outdir();
    const server = createServer().listen(path.join(folder, "a.yaml"));
    await new Promise((resolve) => server.once("listening", resolve));
    expect(report(folder)).toMatch(/a\.yaml: got a socket or device/);
    await new Promise((resolve) => server.close(resolve));
  });

  test("GIVEN a name with a terminal's commands or a token THEN the report has neither", () => {
    const folder = outdir();
    for (const name of ["\u001b[2J.yaml", "\u202e.md", "glpat-0123456789abcdefghij.yaml"])
      writeFileSync(path.join(folder, name), "pushers: {}");
    const said = report(folder);
    expect(said).toMatch(/^3 problems/);
    expect(said).toContain("[U+001B]");
    for (const part of ["\u001b", "\u202e", "glpat", "0123456789"]) expect(said).not.toContain(part);
  });
});

describe("the bytes of a file", () => {
  test("GIVEN bytes that are no UTF-8 THEN they are refused with their place", () => {
    expect(reportOf(Buffer.from("pushers: {}\n# gr\xfc\xdfe\n", "latin1"))).toContain(
      "a.yaml:2:5: got bytes that are no UTF-8",
    );
    expect(reportOf(Buffer.from("\ufeffpushers: {}\n", "utf16le"))).toContain(
      "a.yaml:1:1: got bytes that are no UTF-8",
    );
  });

  test("GIVEN a byte order mark THEN the file is read as if it had none", () => {
    expect(reportOf("\ufeffpushers: {}\n")).toBe("");
    expect(reportOf("\ufeffpusher: {}\npushers: {}\n")).toContain('a.yaml:1:1: got the unknown key "pusher"');
  });
});

describe("the texts of a file, whatever field they are for", () => {
  const fields: Record<string, (text: string) => string> = {
    "a pusher's id": (text) => `pushers:\n  ${text}: ${PUSHER}`,
    "a target": (text) => `pushers:\n  x: {target: ${text}, token: {expires: 2030-06-01}}`,
    "a token's name": (text) => `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01, name: ${text}}}`,
    "an environment": (text) =>
      `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, variable: {environment: ${text}}}`,
    "a variable's key": (text) =>
      `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, variable: {key: ${text}}}`,
    "a source": (text) =>
      `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, variable: {in: [{group: ${text}}]}}`,
    "a branch": (text) =>
      `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, branches: {${text}: {push: developer}}}`,
    "another pusher": (text) =>
      `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, branches: {a: {push: bot, with: [${text}]}}}`,
    "a date": (text) => `pushers:\n  x: {target: a/b, token: {expires: ${text}}}`,
    "a choice": (text) => `edition: ${text}\npushers: {}`,
    "an unknown key": (text) => `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, ${text}: 1}`,
    "a value of an unknown key": (text) => `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, note: ${text}}`,
    "a list where a mapping is due": (text) =>
      `pushers:\n  x: {target: a/b, token: {expires: 2030-06-01}, branches: [${text}]}`,
    "an alias that is none": (text) => `pushers: *${text.replaceAll('"', "")}`,
  };
  const secrets = [
    "glpat-AbCdEfGhIj_KlMnOpQr",
    "glpat-t3_AbCdEfGh.01.1a2b3c4d5",
    "glcbt-64_AbCdEfGhIjKlMnOpQrSt",
    "x-glpat-AbCdEfGhIjKlMnOpQrSt",
  ];

  test.each(Object.entries(fields))(
    "GIVEN a token as %s THEN it is refused, and no part of it is repeated",
    (_, text) => {
      for (const secret of secrets) {
        const said = reportOf(text(secret));
        expect(said).toMatch(/a\.yaml:[12]:\d+: /);
        expect(said).not.toMatch(/AbCd|abcd|gl(pat|cbt)/);
      }
    },
  );

  test.each(Object.entries(fields))(
    "GIVEN an address with a password as %s THEN the password is not repeated",
    (_, text) => {
      const said = reportOf(text('"https://user:hunter2@host/x"'));
      expect(said).toMatch(/a\.yaml:[12]:\d+: /);
      expect(said).not.toMatch(/hunter2/);
    },
  );

  test("GIVEN a token where another rule is broken as well THEN it is one problem", () => {
    for (const field of ["a target", "a branch", "a variable's key", "a choice", "a date"]) {
      expect(reportOf(fields[field]!('"glpat-AbCdEfGhIj KlMn"'))).toMatch(
        /^1 problem .*\n.*allowed: a text without secrets/,
      );
    }
  });

  test.each([
    ["\\u202E", "U+202E"],
    ["\\u0007", "U+0007"],
    ["\\n", "U+000A"],
    ["\\x9b", "U+009B"],
    ["\\u200b", "U+200B"],
    ["\\ud83d", "U+D83D"],
    ["\\ufeff", "U+FEFF"],
  ])("GIVEN %s in a name THEN it is refused with its place in file and text", (written, name) => {
    expect(
      reportOf(`pushers:\n  x:\n    target: a/b\n    token: {expires: 2030-06-01, name: "ab${written}c"}`),
    ).toMatch(
      new RegExp(
        `a\\.yaml:4:34: pushers\\.x\\.token\\.name: got ${name.replace("+", "\\+")} as character 3, which nobody sees`,
      ),
    );
  });

  test("GIVEN letters of any language THEN they are taken", () => {
    expect(reportOf(`pushers: {x: {target: a/b, token: {expires: 2030-06-01, name: "Größe שלום 推送 🚀❤️"}}}`)).toBe("");
  });
});

describe("names that JavaScript's objects have of their own", () => {
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty", "valueOf"];

  test.each(names)("GIVEN the branch %s THEN it is there as any other", (name) => {
    const folder = outdir();
    const rule = `branches: {main: {push: developer}, ${name}: {push: maintainer}}`;
    writeFileSync(path.join(folder, "a.yaml"), `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, ${rule}}}`);
    const [file] = loadInventory(folder);
    const { branches } = file!.content.pushers.x!;
    expect([...branches].map(([branch, { push }]) => [branch.text, push])).toEqual([
      ["main", "developer"],
      [name, "maintainer"],
    ]);
    expect(file!.locate(["pushers", "x", "branches", name])).toMatch(/a\.yaml:1:\d\d+$/);
  });

  test.each(names)("GIVEN a mistake in the branch %s THEN it is told of it", (name) => {
    expect(
      reportOf(`pushers: {x: {target: a/b, token: {expires: 2030-06-01}, branches: {${name}: {push: nobody}}}}`),
    ).toMatch(new RegExp(`pushers\\.x\\.branches\\.${name}\\.push: got "nobody"; allowed: `));
  });

  test.each(names)("GIVEN the id %s, or a file of that name THEN it is refused", (name) => {
    expect(reportOf(`pushers: {${name}: ${PUSHER}}`)).toMatch(new RegExp(`pushers\\.${name}: got the id "${name}"`));
    const folder = outdir();
    writeFileSync(path.join(folder, `${name}.yaml`), "pushers: {}");
    expect(report(folder)).toMatch(/the file's name is the stack's: got the id/);
  });

  test.each(names)("GIVEN the unknown key %s anywhere THEN it is unknown", (name) => {
    expect(
      reportOf(`${name}: 1\npushers: {x: {target: a/b, token: {expires: 2030-06-01, ${name}: 1}, ${name}: {}}}`),
    ).toMatch(new RegExp(`(got the unknown key "${name}"; allowed: [\\w, ]+; fix: take the key out[^]*){3}`));
  });
});

describe("a file of a size or depth that nobody writes by hand", () => {
  const many = (line: (index: number) => string) =>
    Array.from({ length: 20_000 }, (_, index) => line(index)).join("\n");

  test.each([
    [
      "unknown keys",
      `pushers:\n  x:\n    target: a/b\n    token: {expires: 2030-06-01}\n${many((i) => `    key${i}: 1`)}`,
      20_000,
    ],
    ["bad pushers", `pushers:\n${many((i) => `  p${i}: {target: x, tokn: 1}`)}`, 60_000],
    ["repeated keys", `pushers:\n${many(() => `  p: ${PUSHER}`)}`, 19_999],
  ])("GIVEN 20,000 %s THEN the report is short, and says how many more there are", (_, text, count) => {
    const said = reportOf(text);
    expect(said).toMatch(new RegExp(`^${count} problems in the inventory`));
    expect(said.trim().split("\n")).toHaveLength(102);
    expect(said).toMatch(new RegExp(`\\n {2}and ${count - 100} more$`));
  });

  test.each([
    [
      "lists in lists",
      `pushers: ${"[".repeat(100_000)}`,
      /a\.yaml:1:\d+: got YAML that cannot be read: nesting exceeded/,
    ],
    [
      "an alias that holds itself",
      "pushers: &a\n  x: *a\n",
      /a\.yaml:2:3: pushers\.x\.x: got a nesting of more than 50 levels/,
    ],
    [
      "aliases of aliases",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${[..."bcdefgh"].map((name, i) => `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[i]}`)}]`).join("\n")}\npushers: {}`,
      /got more than 1000000 values, those that aliases or defaults repeat counted each time/,
    ],
    [
      "aliases where the inventory has lists",
      `pushers:\n  p: &p\n    target: a/b\n    token: {expires: 2030-06-01}\n    branches:\n      b: &b {push: bot, with: [${Array(500).fill("x")}]}\n${Array.from({ length: 500 }, (_, i) => `      b${i}: *b\n`).join("")}${Array.from({ length: 500 }, (_, i) => `  p${i}: *p\n`).join("")}`,
      /got more than 1000000 values/,
    ],
    [
      "a text of a million characters",
      `pushers: {x: {target: "${"://a:glab-".repeat(100_000)}"}}`,
      /target: got a text of 1000000 characters/,
    ],
    [
      "a key of a million characters",
      `pushers: {"${"://a:glab-".repeat(100_000)}": {target: a/b}}`,
      /pushers\.\(a text of 1000000 characters\): got a text of 1000000 characters/,
    ],
    [
      "an alias of a million characters",
      `pushers: *${"glab-".repeat(200_000)}`,
      /got YAML that cannot be read: a name without an end/,
    ],
  ])("GIVEN %s THEN it is refused", (_, text, expected) => {
    expect(reportOf(text)).toMatch(expected);
  });
});

describe("a value in the wrong shape", () => {
  const inside = (rest: string) => `pushers: {x: {target: a/b, token: {expires: 2030-06-01}, ${rest}}}`;

  test.each([
    [inside("variable: {in: xlink/shop}"), "fix: write in: [xlink/shop]"],
    [inside("variable: {in: {group: xlink}}"), "fix: write in: [{group: xlink}]"],
    [inside("variable: KEY"), "fix: write variable: {key: KEY}"],
    [inside("variable: {protected: yes}"), "fix: write protected: true"],
    [inside("branches: [main]"), "fix: write branches: {main: {push: developer}}"],
    [
      inside("branches: [main, release/*, '*']"),
      'fix: write branches: {main: {push: developer}, release/*: {push: developer}, "*": {push: developer}}',
    ],
    [inside("branches: main"), "fix: write branches: {main: {push: developer}}"],
    [inside("branches: {main: developer}"), "fix: write main: {push: developer}"],
    [inside("branches: {main: {push: bot, with: gitops}}"), "fix: write with: [gitops]"],
    [inside("branches:"), "got an empty value; allowed: a mapping; fix: write a value, or take the key out"],
    ["pushers: {x: {target: [a/b], token: {expires: 2030-06-01}}}", "fix: write target: a/b"],
    ["pushers: {x: {target: a/b, token: 2030-06-01}}", "fix: write token: {expires: 2030-06-01}"],
    [
      "pushers: [{target: a/b, token: {expires: 2030-06-01}}]",
      "fix: write a name and a colon before each, instead of a dash",
    ],
    ["token_lifetime_limit: '365'\npushers: {}", "fix: write token_lifetime_limit: 365"],
  ])("GIVEN %s THEN the fix has it in the right one", (text, fix) => {
    expect(reportOf(text)).toContain(fix);
  });
});
