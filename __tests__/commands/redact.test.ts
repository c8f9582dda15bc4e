import { runInNewContext } from "node:vm";
import { redact } from "../../commands/redact";

const TOKEN = "glpat-SecretSecretSecret1.01.0w1abc";
/** With a prefix of its own instance. */
const OWN = { GITLAB_TOKEN: "acme_Secret+Secret/Secret", TF_HTTP_PASSWORD: "short" };

describe("what is printed holds no token", () => {
  test.each([
    ["alone", TOKEN],
    ["in an address", `https://oauth2:${TOKEN}@gitlab.example.com/a.git`],
    ["in an encoded address", `%2F%2Foauth2%3A${TOKEN}%40gitlab.example.com`],
    ["after a colour", `\u001b[31m${TOKEN}`],
    ["after the line end of a text in JSON", `bad\\n${TOKEN}`],
    ["after a character in JSON", `\\u003c${TOKEN}`],
    ["after a word", `key_${TOKEN}`],
    ["of a runner, after a word", "xglrt-SecretSecretSecret1"],
    ["in an address without a scheme", "//u:secretpw@h/x"],
    ["of somebody whose name ends with a sign", "//u=:secretpw@h/x"],
    ["of somebody whose name is a sign", "redis (:secretpw@h/x"],
    ["of somebody whose name is several signs, after a path", "/u((:secretpw@h/x"],
    ["behind another address", "https://h/?to=//u:secretpw@h2/x,ftp://u:secretpw@h3"],
    ["before a host", 'got "u:secretpw@gitlab.example.com/a"'],
    ["among parameters", "https://h/x?private_token=secretsecret&a=1"],
    ["of GitHub", "ghp_abcdefghijklmnopqrstuvwxyz0123456789"],
    ["that is signed", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xx.c2lnbmF0dXJl"],
    ["that is signed, with certificates in its header", `eyJ4NWMi${"b".repeat(4_000)}.eyJzdWIiOiJzZWNyZXQ.c2VjcmV0`],
    ["that is signed, behind other words", "id-eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0xx.c2lnbmF0dXJl"],
  ])("GIVEN one %s", (_, text) => {
    expect(redact(text, {})).not.toMatch(/secret|ghp_|eyJ/i);
    expect(redact(text, {})).toMatch(/\[a token\]|\[redacted\]/);
  });

  test.each([
    ["as it is", OWN.GITLAB_TOKEN],
    ["in a query", `?given=${encodeURIComponent(OWN.GITLAB_TOKEN)}`],
    ...["", "a:", "ab:", "abc:"].map((user): [string, string] => [
      `in Base64 after ${JSON.stringify(user)}`,
      `Basic ${Buffer.from(user + OWN.GITLAB_TOKEN).toString("base64")}`,
    ]),
  ])("GIVEN the command's own, whatever it begins with, %s", (_, text) => {
    expect(redact(text, OWN)).toContain("[a token]");
    expect(redact(text, {})).toBe(text);
  });

  test("GIVEN anything else THEN it is as it was", () => {
    const text = "a short glance at gl-docs, https://gitlab.example.com/a@b and me@example.com, aglpat- too";
    expect(redact(text, OWN)).toBe(text);
  });

  // A pattern that looks at each beginning anew takes a minute for this.
  test("GIVEN a line without an end THEN it is looked at in no time", () => {
    const long = "a".repeat(300_000);
    expect(redact(`${long}://me:pass@host ${TOKEN}`, {})).toBe(`${long}://[redacted]@host [a token]`);
  }, 5_000);

  test.each(["://:", "=a", "/a=", "=//(", "eyJaaaaaaaa-", "-eyJaaaaaaaa.a."])(
    "GIVEN %j for ever, as no server of GitLab's answers, THEN likewise",
    (unit) => {
      const act = () => redact(unit.repeat(300_000 / unit.length), {});
      // Ended from outside: nothing else stops a pattern that is at work.
      expect(runInNewContext("act()", { act }, { timeout: 10_000 })).toContain(unit);
    },
  );
});
