import { untraced } from "../../constructs/untraced";

describe("what is made untraced", () => {
  test("takes no traces, and only meanwhile", () => {
    const capture = Error.captureStackTrace;
    const traced = untraced(() => {
      const holder: { stack?: string } = {};
      Error.captureStackTrace(holder);
      return holder.stack !== undefined;
    });
    expect(traced).toBe(false);
    expect(Error.captureStackTrace).toBe(capture);
  });

  test("throws what was thrown, with its own trace, and traces again", () => {
    const capture = Error.captureStackTrace;
    const fail = () => {
      throw new Error("no");
    };
    expect(() => untraced(fail)).toThrow(expect.objectContaining({ stack: expect.stringContaining("untraced.test") }));
    expect(Error.captureStackTrace).toBe(capture);
  });
});
