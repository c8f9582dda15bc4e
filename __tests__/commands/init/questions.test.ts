import { PassThrough } from "node:stream";
import { terminalQuestions } from "../../../commands/init/questions";
import { plainBaseUrl } from "../../../gitlab/base-url";

const GITLAB = "https://gitlab.example.com";

/** Somebody at a terminal: `type` sends keys, `seen` is what was shown. */
function person() {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const seen: string[] = [];
  output.setEncoding("utf8").on("data", (text) => seen.push(text));
  const ask = terminalQuestions({ input: terminal(input), output: terminal(output) })!;
  return { ask, type: (keys: string) => input.write(keys), seen: () => seen.join("") };
}

const terminal = (stream: PassThrough) => Object.assign(stream, { isTTY: true });
const any = () => undefined;

describe("terminalQuestions", () => {
  test.each(["one\ntwo\nthree\n", "one\r\ntwo\r\nthree\r\n", "one\rtwo\rthree\r"])(
    "GIVEN %j pasted at once THEN each line answers one question",
    async (pasted) => {
      const { ask, type } = person();
      const first = ask("First", undefined, any);
      type(pasted);
      expect([await first, await ask("Second", "x", any), await ask("Third", "x", any)]).toEqual([
        "one",
        "two",
        "three",
      ]);
    },
  );

  test("GIVEN the last line pasted without its end THEN it can be gone on with", async () => {
    const { ask, type } = person();
    const first = ask("First", undefined, any);
    type("one\ntw");
    await first;
    const second = ask("Second", "x", any);
    type("o\n");
    expect(await second).toBe("two");
  });

  test("GIVEN an answer that is none THEN it is said, and the question comes again", async () => {
    const { ask, type, seen } = person();
    const answer = ask("Address", undefined, (answer) => plainBaseUrl(answer, "--gitlab"));
    type(`gitlab\n\n${GITLAB}\n`);
    expect(await answer).toBe(GITLAB);
    expect(seen()).toContain('got --gitlab "gitlab"; allowed: the address of a GitLab');
    expect(seen().match(/Address: /g)).toHaveLength(3);
  });

  test.each(["\x03", "\x04"])(
    "GIVEN %j THEN it ends without an answer, and what is said next has a line of its own",
    async (key) => {
      const { ask, type, seen } = person();
      const answer = ask("First", "x", any);
      type(key);
      await expect(answer).rejects.toThrow("nothing was written");
      expect(seen()).toMatch(/\n$/);
    },
  );
});
