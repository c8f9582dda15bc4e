import { childrenIn } from "../../bench/timed";

test("GIVEN what a shell says of its times THEN those of its children are on the last line, of user and system together", () => {
  expect(childrenIn("a warning\n0m0.010s 0m0.020s\n1m1.250s 0m0.310s\n")).toBeCloseTo(61.56);
});
