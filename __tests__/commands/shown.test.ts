import { shown } from "../../commands/shown";
import { ExpiryDate } from "../../gitlab/expiry-date";

test("GIVEN what was found THEN each text in it is on one line, printable, without a token, and the rest is as it was", () => {
  const expires = ExpiryDate.parse("2030-06-01");
  const locate = () => "x";
  const found = { name: "a\u001b[2K\r\n✓ fine\u2028b", tokens: [{ name: "glpat-\u200bSecretSecret", id: 7, expires }] };
  expect(shown({ ...found, locate, none: undefined }, {})).toEqual({
    name: "a[2K ✓ fine b",
    tokens: [{ name: "[a token]", id: 7, expires }],
    locate,
    none: undefined,
  });
});
