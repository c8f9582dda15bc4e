import { createColors } from "picocolors";
import { layOut } from "../../commands/layout";

const HEAD = ["Pusher", "Slot", "Project", "Expires"];
const ROWS = [
  ["ops/gitops", "1", "xlink/xlink-k8s-gitops", "2100-06-01"],
  ["ops/gitops", "2", "", "2100-12-01"],
];
const lay = (columns?: number, colored = false) => layOut(HEAD, ROWS, { colors: createColors(colored), columns });

test("GIVEN room, or no terminal, is a table", () => {
  const table = lay();
  expect(table.split("\n")[0]).toHaveLength(59);
  expect([lay(59), lay(200)]).toEqual([table, table]);
});

test("GIVEN less room, has a row on lines of its own, none longer than the terminal, and no cell cut", () => {
  expect(lay(58)).toBe(
    "Pusher ops/gitops\n  Slot 1   Project xlink/xlink-k8s-gitops\n  Expires 2100-06-01\nPusher ops/gitops\n  Slot 2   Expires 2100-12-01",
  );
  expect(lay(30)).toBe(
    "Pusher ops/gitops\n  Slot 1\n  Project xlink/xlink-k8s-gitops\n  Expires 2100-06-01\nPusher ops/gitops\n  Slot 2   Expires 2100-12-01",
  );
});

test("colours take no room", () => {
  const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");
  for (const columns of [59, 58, 42, 30]) expect(lay(columns, true).replace(ESCAPES, "")).toBe(lay(columns));
});

test("GIVEN no rows, is nothing where the head has no room", () =>
  expect(layOut(HEAD, [], { colors: createColors(false), columns: 20 })).toBe(""));
