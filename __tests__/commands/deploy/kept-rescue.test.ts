import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { keepRescue } from "../../../commands/deploy/kept-rescue";
import { outdir } from "../../support/synth";

/** A project, and what Terraform left for everybody to read. */
function left(): { project: string; found: string } {
  const found = path.join(outdir(), "errored.tfstate");
  writeFileSync(found, "state", { mode: 0o644 });
  return { project: outdir(), found };
}

const modes = (file: string): number[] => [file, path.dirname(file)].map((each) => statSync(each).mode & 0o777);

describe("a state that could not be stored", () => {
  test("GIVEN a .state that others may look into THEN it is kept there, and both are for their owner only", () => {
    const { project, found } = left();
    mkdirSync(path.join(project, ".state"), { mode: 0o755 });
    const kept = keepRescue(found, "ops", project);
    expect(kept).toBe(path.join(project, ".state/ops.errored.tfstate"));
    expect([readFileSync(kept, "utf8"), ...modes(kept)]).toEqual(["state", 0o600, 0o700]);
  });

  test.each<[string, (project: string) => void]>([
    ["another one that is kept already", (project) => keepRescue(left().found, "ops", project)],
    ["a .state that cannot be written", (project) => writeFileSync(path.join(project, ".state"), "")],
  ])("GIVEN %s THEN it is kept in a new folder, and nothing is replaced", (_, make) => {
    const { project, found } = left();
    make(project);
    const kept = keepRescue(found, "ops", project);
    expect(path.basename(kept)).toBe("ops.errored.tfstate");
    expect(kept.startsWith(project)).toBe(false);
    expect([readFileSync(kept, "utf8"), existsSync(found), ...modes(kept)]).toEqual(["state", false, 0o600, 0o700]);
    rmSync(path.dirname(kept), { recursive: true });
  });
});
