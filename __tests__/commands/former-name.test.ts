import { currentName } from "../../commands/former-name";
import { pusher } from "../support/pusher-run";

describe("a former name of a command", () => {
  test.each([
    ["lock example --json", "state lock example --json", "lock", "state lock"],
    ["lock --help", "state lock --help", "lock", "state lock"],
    ["providers", "providers lock", "providers", "providers lock"],
    ["providers --upgrade --json", "providers lock --upgrade --json", "providers", "providers lock"],
  ])("GIVEN %s THEN it is %s, and the new name is told", (typed, args, former, current) => {
    const hint = expect.stringMatching(
      `^\`npx gitlab-ci-pusher ${former}\` is \`npx gitlab-ci-pusher ${current}\` now;`,
    );
    expect(currentName(typed.split(" "))).toEqual({ args: args.split(" "), hint });
  });

  test.each([
    "",
    "status lock",
    "state lock one",
    "providers lock --upgrade",
    "providers lokc",
    "providers --help",
    "--help",
  ])("GIVEN %j THEN it is what it is", (typed) => {
    const args = typed.split(" ");
    expect(currentName(args)).toEqual({ args });
  });

  test("GIVEN one WHEN it is run THEN it does what it did, with one line more for people, and is in no help", async () => {
    const now = new Date("2030-01-10");
    const former = await pusher(["lock", "--help"], now);
    expect(former).toMatchObject({ code: 0, stdout: expect.stringContaining("Usage: gitlab-ci-pusher state lock") });
    expect(former.stderr).toMatch(/^.*`npx gitlab-ci-pusher state lock` now;.*\n$/);
    expect((await pusher(["--help"], now)).stdout).not.toMatch(/^ {2}lock/m);
  });
});
