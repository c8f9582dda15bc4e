import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { lockNoteOf } from "../../state/broken-off-deploy";
import { readLocalState } from "../../state/local-state";
import { stateText } from "../support/state-text";
import { outdir } from "../support/synth";

/** What is said of a state beside which Terraform left this note of its lock. */
async function notices(note: string | undefined): Promise<readonly string[] | undefined> {
  const folder = outdir();
  const file = path.join(folder, "ops.tfstate");
  writeFileSync(file, stateText());
  if (note !== undefined) writeFileSync(lockNoteOf(file), note);
  return (await readLocalState("ops", folder)).notices;
}

describe("a deploy whose Terraform was killed", () => {
  test("GIVEN the note of its lock THEN that is said, whose it was, and what to do", async () => {
    const note = { ID: "x", Operation: "OperationTypeApply", Who: "ann@ops", Created: "2026-11-28T12:00:00Z" };
    expect(await notices(JSON.stringify(note))).toEqual([
      expect.stringMatching(
        /\(ann@ops, since 2026-11-28T12:00:00Z\)\. If no deploy runs, one was killed: deploy again; .*`npx gitlab-ci-pusher status`/,
      ),
    ]);
  });

  test("GIVEN a note that was cut off THEN that is said too", async () => {
    expect(await notices("{")).toEqual([
      expect.stringMatching(/cannot be read: if no deploy runs, one was killed: deploy again/),
    ]);
  });

  test("GIVEN none THEN nothing is said", async () => {
    expect(await notices(undefined)).toBeUndefined();
  });
});
