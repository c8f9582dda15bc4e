import * as fs from "node:fs";
import * as path from "node:path";
import { ownerOnly } from "../../state/owner-only";
import { outdir } from "../support/synth";

jest.mock("node:fs", () => ({ ...jest.requireActual("node:fs"), chmodSync: jest.fn() }));
const chmod = jest.mocked(fs.chmodSync);
beforeEach(() => void chmod.mockReset().mockImplementation(jest.requireActual("node:fs").chmodSync));

test.each([
  [0o644, 0o600],
  [0o755, 0o700],
  [0o600, 0o600],
  [0o500, 0o500],
])("a file of mode %o is then of mode %o", (before, after) => {
  const file = path.join(outdir(), "state");
  fs.writeFileSync(file, "");
  jest.requireActual("node:fs").chmodSync(file, before);
  expect(ownerOnly(file)).toBeUndefined();
  expect(fs.statSync(file).mode & 0o777).toBe(after);
});

test("a file that is not there is nobody's", () => {
  expect(ownerOnly(path.join(outdir(), "none"))).toBeUndefined();
});

test("GIVEN somebody else's THEN what is the matter is said, with what its owner is to do", () => {
  chmod.mockImplementation(() => {
    throw Object.assign(new Error("no"), { code: "EPERM" });
  });
  const folder = outdir();
  jest.requireActual("node:fs").chmodSync(folder, 0o755);
  expect(ownerOnly(folder)).toBe(
    `others than its owner may open ${folder} (mode 055), which holds tokens, and that could not be changed (EPERM): have its owner run \`chmod go= ${folder}\``,
  );
});
