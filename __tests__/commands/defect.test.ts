import { mkdirSync } from "node:fs";
import { processContext } from "../../commands/context";
import { CommandError } from "../../commands/exit-code";
import { main } from "../../commands/main";
import { ValidationError } from "../../constructs";
import { ApiError } from "../../gitlab/api-error";
import { plainBaseUrl } from "../../gitlab/base-url";
import { BranchPattern } from "../../gitlab/branch-pattern";
import { ExpiryDate } from "../../gitlab/expiry-date";
import { failureOf } from "../../gitlab/failure";
import { InventoryError } from "../../inventory";
import { StateError } from "../../state/state-error";
import { pusher } from "../support/pusher-run";

const TOKEN = "glpat-0123456789abcdefghij";

/** What this throws. */
function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("how a failure is told", () => {
  test.each<[string, unknown]>([
    ["a broken inventory", new InventoryError([{ place: "a.yaml", problem: `got ${TOKEN}` }])],
    ["a state", new StateError(`got ${TOKEN}`)],
    ["stacks", new ValidationError(`got ${TOKEN}`)],
    ["GitLab's answer", ApiError.answered("GET /x", 404, "")],
    ["a command", new CommandError(`got ${TOKEN}`)],
    ["an address", thrownBy(() => plainBaseUrl("nowhere"))],
    ["a date", thrownBy(() => ExpiryDate.parse("tomorrow"))],
    ["a branch", thrownBy(() => BranchPattern.parse("a b"))],
    ["the machine", thrownBy(() => mkdirSync("/proc/nothing/here"))],
  ])("GIVEN what is wrong with %s THEN one sentence says so, without a trace or a token", (_, error) => {
    const { text, isDefect } = failureOf(error);
    expect(isDefect).toBe(false);
    expect(text).not.toMatch(/\n {4}at |defect|glpat/);
  });

  test.each<[string, unknown, RegExp]>([
    ["a TypeError", new TypeError(`no ${TOKEN}`), /TypeError: no \[a token\]\n {4}at /],
    ["a plain error", new Error("x", { cause: new RangeError(TOKEN) }), /caused by RangeError: \[a token\]\n {4}at /],
    ["something that is no error", TOKEN, /thrown: \[a token\]/],
  ])("GIVEN %s THEN it is called a defect of ours, with its trace", (_, error, message) => {
    const { text, isDefect } = failureOf(error);
    expect(isDefect).toBe(true);
    expect(text).toMatch(/^This is a defect of gitlab-ci-pusher/);
    expect(text).toMatch(message);
    expect(text).not.toContain("glpat");
  });

  test("GIVEN a command whose own code fails THEN it ends with a code of its own", async () => {
    const noClock = (() => undefined) as unknown as () => Date;
    const write = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      await main(["node", "pusher", "rotate", "--due", "--inventory", "pushers"], {
        ...processContext(),
        now: noClock,
      });
      expect(process.exitCode).toBe(70);
      expect(write.mock.calls.join("")).toMatch(/TypeError: .*\n {4}at /);
    } finally {
      process.exitCode = undefined;
      write.mockRestore();
    }
  });

  test("GIVEN wrong usage THEN the code is that of wrong usage", async () => {
    expect(await pusher(["rotate"], new Date())).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^got neither/),
    });
  });

  test.each([
    [["status", "--json", "--nope"], "unknown option '--nope'"],
    [["deploy", "--lock-timeout", "5", "--json"], expect.stringContaining('got "5"; allowed: seconds')],
    [["state", "lock", "--json"], "missing required argument 'stack'"],
    [["--json", "nope"], "unknown option '--json'"],
  ])("GIVEN %j, which no command line is, THEN programs are told so as well", async (args, message) => {
    const { code, stdout } = await pusher(args, new Date());
    expect([code, JSON.parse(stdout)]).toEqual([2, { problems: [expect.objectContaining({ message })] }]);
  });

  test("GIVEN a working directory that was removed THEN that is said, not the call that found it out", async () => {
    const cwd = jest.spyOn(process, "cwd").mockImplementation(() => {
      throw new Error("ENOENT: no such file or directory, uv_cwd");
    });
    const said: string[] = [];
    const stderr = { ...processContext().stderr, write: (text: string) => void said.push(text) };
    const end = jest.fn();
    await main(["node", "x", "check"], { ...processContext(), stderr, end });
    cwd.mockRestore();
    expect(said.join("")).toMatch(/^got a working directory that was removed;/);
    expect(end).toHaveBeenCalledWith(2);
  });
});
