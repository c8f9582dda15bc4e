import { unifiedDiff } from "../../commands/unified-diff";

const diff = (before: string, after: string) =>
  unifiedDiff({ name: "a/x y", text: before }, { name: "b/x y", text: after });

test("the change of a text, with three lines around it", () => {
  const lines = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ""];
  const after = lines.flatMap((line) => (line === "5" ? ["five", "and more"] : line === "9" ? [] : [line]));
  expect(diff(lines.join("\n"), after.join("\n"))).toBe(
    "--- a/x y\n+++ b/x y\n@@ -2,8 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+and more\n 6\n 7\n 8\n-9\n",
  );
});

test("is empty when nothing changed, and says so when a line end is missing", () => {
  expect(diff("1\n", "1\n")).toBe("");
  expect(diff("1\n", "1")).toBe("--- a/x y\n+++ b/x y\n@@ -1,1 +1,1 @@\n-1\n+1\n\\ No newline at end of file\n");
});
