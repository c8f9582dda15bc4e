import { output } from "../../commands/output";

const OWN = { GITLAB_TOKEN: "acme_SecretSecretSecret" };

/** What reaches the terminal or the log. */
function written(act: (to: ReturnType<typeof output>) => void, isTTY = false): string {
  let text = "";
  act(output({ isTTY, write: (part) => (text += part) }, OWN));
  return text;
}

describe("a text for people", () => {
  test.each([
    ["line ends and tabs", "a\n\tb\r\n", "a\n\tb\r\n"],
    ["a lone carriage return", "found\rnothing", "foundnothing"],
    ["what moves the cursor", "a\u001b[2K\u009b1A\u0007", "a[2K1A"],
    ["what turns the direction, shows nothing, or ends a line for some", "a\u202eb\u200bc\u2028d\u{e0041}", "abcd"],
    ["a token behind what shows nothing", "glpat-\u200bSecretSecretSecret", "[a token]"],
    ["the command's own token", `x ${OWN.GITLAB_TOKEN}`, "x [a token]"],
  ])("GIVEN %s", (_, text, shown) => {
    expect(written((to) => to.write(text))).toBe(shown);
    expect(written((to) => to.write(text), true)).toBe(shown);
  });

  test("GIVEN colours THEN a terminal gets those of the commands, and nothing that hides a text", () => {
    const text = "\u001b[1m\u001b[31mred\u001b[39m\u001b[22m \u001b[8mhidden\u001b[7m\u001b[40m";
    expect(written((to) => to.write(text), true)).toBe("\u001b[1m\u001b[31mred\u001b[39m\u001b[22m [8mhidden[7m[40m");
    expect(written((to) => to.write(text))).not.toContain("\u001b");
  });
});

describe("a value for programs", () => {
  const VALUE = {
    name: "a\u001b[2K\n\u009b\u007f\u202e\u2028\u{e0041}",
    address: "https://x",
    other: "u@y",
    none: null,
  };

  test("GIVEN what cannot be printed THEN it is escaped on one line, and reads as it was", () => {
    const text = written((to) => to.json(VALUE), true);
    expect(text).toMatch(/^[^\p{Cc}\p{Cf}\u2028]+\n$/u);
    expect(JSON.parse(text)).toEqual(VALUE);
  });

  test("GIVEN credentials THEN they are not in it", () => {
    const text = written((to) =>
      to.json({ a: `x ${OWN.GITLAB_TOKEN}`, b: ["https://u:Secret@x/y", "glpat-SecretSecret"] }),
    );
    expect(text).toBe('{"a":"x [a token]","b":["https://[redacted]@x/y","[a token]"]}\n');
  });
});
