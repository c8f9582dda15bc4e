import { mkdirSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { readStackStates } from "../../state/stack-states";
import { outdir } from "../support/synth";

const NAMED = { stack: "shop", stateName: "ops" };

/** Folders of local states and of cdktf, and in one of them a state that Terraform could not store. */
function left(where: "states" | "cdktf" | "nowhere") {
  const [directory, cdktf] = [outdir(), outdir()];
  const runsIn = path.join(cdktf, "stacks/shop");
  mkdirSync(runsIn, { recursive: true });
  const file = { states: `${directory}/ops.errored.tfstate`, cdktf: `${runsIn}/errored.tfstate`, nowhere: "" }[where];
  if (file !== "") writeFileSync(file, "{}", { mode: 0o644 });
  return { file, runsIn, options: { directory, outdir: cdktf } };
}

describe("a state that Terraform could not store", () => {
  test.each(["states", "cdktf"] as const)(
    "GIVEN one among the %s THEN its stack is refused with the command that stores it, and it is made private",
    async (where) => {
      const { file, options } = left(where);
      const read = readStackStates({ kind: "local" }, [NAMED], options);
      await expect(read).rejects.toThrow(
        /got .*errored\.tfstate, the state of ops after a deploy whose state could not be stored; .*; fix: npx gitlab-ci-pusher state push ops$/,
      );
      expect(statSync(file).mode & 0o777).toBe(0o600);
    },
  );

  test("GIVEN one of a stack that is left out, or is only looked at, THEN it is nobody's concern", async () => {
    const { options } = left("cdktf");
    await readStackStates({ kind: "local", stacks: [] }, [NAMED], options);
    await readStackStates({ kind: "local" }, [NAMED], { ...options, onlyLooks: true });
  });
});

test("GIVEN folders of states and plans that others may look into THEN a look at the states makes them private", async () => {
  const { runsIn, options } = left("nowhere");
  expect(statSync(runsIn).mode & 0o055).not.toBe(0);
  await readStackStates({ kind: "local" }, [NAMED], options);
  for (const folder of [runsIn, options.directory]) expect(statSync(folder).mode & 0o777).toBe(0o700);
});
