import type { SlotIndex } from "../../gitlab/slot";
import { InventoryError } from "../../inventory";
import { editExpiries } from "../../inventory/edit-expiry";

const FROM = "2030-06-01";
const TO = "2030-12-03";

const edit = (text: string, slot: SlotIndex = 0, from = FROM) =>
  editExpiries("a.yaml", text, [{ pusher: "x", slot, from, to: TO }]);

/** The problems of an edit. */
function problems(text: string, slot: SlotIndex = 0, from = FROM): readonly string[] {
  try {
    edit(text, slot, from);
  } catch (error) {
    expect(error).toBeInstanceOf(InventoryError);
    return (error as InventoryError).problems;
  }
  throw new Error("the edit was made");
}

describe("a new date in an inventory file", () => {
  test.each<[string, string, SlotIndex, number]>([
    ["a scalar in block style", "pushers:\n  x:\n    target: a/b\n    token:\n      expires: 2030-06-01\n", 0, 5],
    ["everything in flow style", "pushers: {x: {target: a/b, token: {expires: 2030-06-01}}}", 0, 1],
    ["the first of a flow list", "pushers: {x: {target: a/b, token: {expires: [2030-06-01, 2030-03-01]}}}\n", 0, 1],
    ["the second of a flow list", "pushers: {x: {target: a/b, token: {expires: [2030-03-01, 2030-06-01]}}}\n", 1, 1],
    [
      "a block list",
      "pushers:\n  x:\n    token:\n      expires:\n        - 2030-03-01\n        - 2030-06-01 # B\n",
      1,
      6,
    ],
    ["a list of one", "pushers: {x: {token: {expires: [2030-06-01]}}}\n", 0, 1],
    [
      "a list over several lines",
      "pushers:\n  x:\n    token: {expires: [\n      2030-03-01,\n      2030-06-01,\n    ]}\n",
      1,
      5,
    ],
    ["double quotes", 'pushers: {x: {token: {expires: "2030-06-01"}}}\n', 0, 1],
    ["single quotes", "pushers: {x: {token: {expires: '2030-06-01'}}}\n", 0, 1],
    ["quoted keys", "\"pushers\": {'x': {\"token\": {'expires': 2030-06-01}}}\n", 0, 1],
    ["a folded text", "pushers:\n  x:\n    token:\n      expires: >-\n        2030-06-01\n", 0, 5],
    [
      "a literal text with Windows line ends",
      "pushers:\r\n  x:\r\n    token:\r\n      expires: |-\r\n        2030-06-01\r\n",
      0,
      5,
    ],
    ["a value below its key", "pushers:\n  x:\n    token:\n      expires:\n        2030-06-01\n", 0, 5],
    [
      "comments all around",
      "# 2030-01-01\npushers: # 2030-06-02\n  x:\n    token:\n      # bump the earlier\n      expires: [2030-03-01, 2030-06-01] # until spring\n# end",
      1,
      6,
    ],
    ["Windows line ends", "pushers:\r\n  x:\r\n    token:\r\n      expires: 2030-06-01\r\n", 0, 4],
    ["a byte order mark", "\uFEFFpushers:\n  x:\n    token: {expires: 2030-06-01}\n", 0, 3],
    ["characters beyond ASCII before it", "# grüße 😀\npushers: {x: {token: {expires: 2030-06-01}}}\n", 0, 2],
    ["tabs and blank lines", "pushers:\n\n  x:\t# tab\n\n    token:\n      expires:   2030-06-01   \n\n\n", 0, 6],
    ["a tag", "pushers: {x: {token: {expires: !!str 2030-06-01}}}\n", 0, 1],
    ["a document's marks", "---\npushers: {x: {token: {expires: 2030-06-01}}}\n...\n", 0, 2],
  ])("GIVEN %s THEN exactly its ten characters change", (_, text, slot, line) => {
    const result = edit(text, slot);
    expect(result).toEqual({ text: text.replace(FROM, TO), lines: [line] });
    expect(result.text).not.toBe(text);
  });

  test("GIVEN the same date in several places THEN only the slot that was meant changes", () => {
    const text = `pushers:
  w: {token: {expires: [2030-06-01, 2030-03-01]}}
  x: {token: {expires: [2030-03-01, 2030-06-01]}} # 2030-06-01
  y: {token: {expires: 2030-06-01}}
`;
    expect(edit(text, 1).text).toBe(text.replace("03-01, 2030-06-01]}} #", "03-01, 2030-12-03]}} #"));
  });

  test("GIVEN several changes in any order THEN all are made, and lines are told in the order of the changes", () => {
    const text = "pushers:\n  x: {token: {expires: [2030-06-01, 2030-07-01]}}\n  y: {token: {expires: 2030-08-01}}\n";
    const changes = [
      { pusher: "y", slot: 0, from: "2030-08-01", to: "2031-01-03" },
      { pusher: "x", slot: 1, from: "2030-07-01", to: "2031-01-02" },
      { pusher: "x", slot: 0, from: "2030-06-01", to: "2031-01-01" },
    ] as const;
    expect(editExpiries("a.yaml", text, changes)).toEqual({
      text: "pushers:\n  x: {token: {expires: [2031-01-01, 2031-01-02]}}\n  y: {token: {expires: 2031-01-03}}\n",
      lines: [3, 2, 2],
    });
  });

  const own =
    "allowed: a value that is one pusher's own; fix: write the dates out at each pusher, so that one can be rotated without another";
  test.each<[string, string, string]>([
    [
      "an alias of a date",
      "pushers:\n  w: {token: {expires: &d 2030-06-01}}\n  x: {token: {expires: *d}}\n",
      `a.yaml:3:24: pushers.x.token.expires: got the alias *d; ${own}`,
    ],
    [
      "an anchor at a date",
      "pushers:\n  x: {token: {expires: &d 2030-06-01}}\n  y: {token: {expires: *d}}\n",
      `a.yaml:2:27: pushers.x.token.expires: got the anchor &d; ${own}`,
    ],
    [
      "an anchor at one date of a list",
      "pushers:\n  x: {token: {expires: [&d 2030-06-01, 2030-07-01]}}\n",
      `a.yaml:2:28: pushers.x.token.expires: got the anchor &d; ${own}`,
    ],
    [
      "an anchor at the list",
      "pushers:\n  x:\n    token:\n      expires: &dates\n        - 2030-06-01\n",
      `a.yaml:5:9: pushers.x.token.expires: got the anchor &dates; ${own}`,
    ],
    [
      "a token that is another's",
      "pushers:\n  w: {token: &t {expires: 2030-06-01}}\n  x: {token: *t}\n",
      `a.yaml:3:14: pushers.x.token.expires: got the alias *t; ${own}`,
    ],
    [
      "a pusher that others are like",
      "pushers:\n  x: &p {token: {expires: 2030-06-01}}\n  y: *p\n",
      `a.yaml:2:9: pushers.x.token.expires: got the anchor &p; ${own}`,
    ],
    [
      "escapes",
      'pushers:\n  x: {token: {expires: "\\x32030-06-01"}}\n',
      "a.yaml:2:24: pushers.x.token.expires: got a date written with escapes or over several lines; allowed: the ten characters of the date, with or without quotes; fix: write 2030-06-01",
    ],
    [
      "another date than was read",
      "pushers:\n  x: {token: {expires: 2030-06-02}}\n",
      "a.yaml:2:24: pushers.x.token.expires: got another value than a moment ago; allowed: 2030-06-01; fix: somebody else edits the file: try again when they are done",
    ],
    [
      "a pusher that has gone",
      "pushers:\n  y: {token: {expires: 2030-06-01}}\n",
      "a.yaml:2:3: pushers.x.token.expires: got another value than a moment ago; allowed: 2030-06-01; fix: somebody else edits the file: try again when they are done",
    ],
  ])("GIVEN %s THEN it is refused, with its place", (_, text, problem) => {
    expect(problems(text)).toEqual([problem]);
  });

  test("GIVEN several changes that cannot be made THEN all are told", () => {
    const text = "pushers:\n  x: {token: {expires: &d 2030-06-01}}\n  y: {token: {expires: *d}}\n";
    const changes = (["x", "y"] as const).map((pusher) => ({ pusher, slot: 0 as const, from: FROM, to: TO }));
    expect(() => editExpiries("a.yaml", text, changes)).toThrow(
      /^2 problems in the inventory, nothing was changed:\n {2}a\.yaml:2.*the anchor &d.*\n {2}a\.yaml:3.*the alias \*d/,
    );
  });
});
