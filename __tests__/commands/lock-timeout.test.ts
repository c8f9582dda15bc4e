import { pusher } from "../support/pusher-run";

describe("gitlab-ci-pusher deploy --lock-timeout", () => {
  test.each([
    ["5", "write 5s"],
    ["10 minutes", "write 10m"],
    ["1d", "write 10m"],
    ["", "write 10m"],
    ["-1s", "write 10m"],
  ])("%j is refused: %s", async (timeout, fix) => {
    const { code, stderr } = await pusher(["deploy", `--lock-timeout=${timeout}`], new Date());
    expect(code).toBe(2);
    expect(stderr).toContain(
      `got ${JSON.stringify(timeout)}; allowed: seconds, minutes or hours, such as 30s, 10m or 1h; 0s fails at once; fix: ${fix}`,
    );
  });
});
