import { differs, inOneLine, relevant } from "../../conformance/comparison";

test.each<[unknown, unknown, boolean]>([
  [1, 1, false],
  [1, "1", true],
  [null, undefined, true],
  [/^a/, "abc", false],
  [/^a/, "bc", true],
  [/./, 5, true],
  [{ a: 1 }, { a: 1, b: 2 }, false],
  [{ a: 1 }, { b: 2 }, true],
  [{ a: undefined }, {}, false],
  [{ a: 1 }, null, true],
  [{ a: 1 }, [1], true],
  [[1, { a: /x/ }], [1, { a: "x", b: 0 }], false],
  [[1], [1, 2], true],
  [[], {}, true],
])("GIVEN %j expected WHEN %j comes THEN it differs: %j", (expected, got, result) => {
  expect(differs(expected, got)).toBe(result);
});

test("GIVEN an answer with more keys than asked for WHEN it is shown THEN those alone, and what a refusal says", () => {
  const expected = { status: 201, body: { name: "a", list: [{ level: 1 }] } };
  const got = { status: 201, body: { name: "b", list: [{ level: 1, more: 2 }, { level: 3 }], other: true } };
  expect(relevant(expected, got)).toEqual({ status: 201, body: { name: "b", list: [{ level: 1 }, { level: 3 }] } });
  expect(relevant(expected, { status: 403, body: { message: "no", id: 1 } })).toEqual({
    status: 403,
    body: { message: "no" },
  });
  expect(inOneLine({ a: /^x$/, b: undefined })).toBe('{"a":"/^x$/"}');
  expect(inOneLine(undefined)).toBe("nothing");
});
