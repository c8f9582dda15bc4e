import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { App, TerraformStack } from "cdktf";
import { failureOf } from "../gitlab/failure";
import { type SynthesizeOptions, synthesizeInventory } from "../synthesize-inventory";
import { outdir } from "./support/synth";

describe("synthesizeInventory", () => {
  /** How it is told that the synth of one file, `example.yaml`, failed. */
  async function failure(options: SynthesizeOptions, app = new App({ outdir: outdir(), stackTraces: false })) {
    const pushers = outdir();
    writeFileSync(path.join(pushers, "example.yaml"), "edition: free\npushers: {}\n");
    try {
      await synthesizeInventory(pushers, {
        app,
        environment: { GITLAB_BASE_URL: "https://gitlab.example.com" },
        ...options,
      });
    } catch (error) {
      return failureOf(error);
    }
    return undefined;
  }

  test("GIVEN `customize` that throws THEN it is called no defect of ours, and the trace says where", async () => {
    const customize = () => {
      throw new TypeError("no such aspect");
    };
    expect(await failure({ customize })).toMatchObject({
      isDefect: false,
      text: expect.stringMatching(
        /^customize, of the app itself, failed:\nTypeError: no such aspect\n {4}at customize /,
      ),
    });
    expect(await failure({ customize: () => Promise.reject("x") })).toMatchObject({ isDefect: false });
  });

  test("GIVEN an app with a stack of a file's name, or the folder twice, THEN it says which one", async () => {
    const app = new App({ outdir: outdir(), stackTraces: false });
    new TerraformStack(app, "example");
    expect(await failure({}, app)).toMatchObject({
      isDefect: false,
      text: expect.stringMatching(/^example\.yaml: got a stack of that name in the app already;/),
    });
    const once = new App({ outdir: outdir(), stackTraces: false });
    expect(await failure({}, once)).toBeUndefined();
    expect(await failure({}, once)).toMatchObject({ isDefect: false });
  });
});
