import { readFileSync } from "node:fs";
import * as path from "node:path";
import { resourcesIn } from "../../commands/state/content";
import { DeployedState } from "../../state/deployed-state";
import { lineageOf, stateForm } from "../../state/state-form";
import { secretsIn } from "../support/state-text";

/** One state as OpenTofu 1.10.6 wrote it in clear, and encrypted by the next deploy, of a pusher in a sandbox that is no more. */
const [PLAIN, ENCRYPTED] = ["plain", "encrypted"].map((name) =>
  readFileSync(path.join(__dirname, "opentofu", `${name}.tfstate`), "utf8"),
) as [string, string];
const read = (text: string) => DeployedState.fromText(text, { name: "one.tfstate", mend: "mend it" });

describe("states of OpenTofu", () => {
  test("GIVEN one in clear, which has no spaces and another registry THEN all in it is known", () => {
    expect(stateForm(PLAIN)).toBe("whole");
    expect(PLAIN).not.toMatch(/": /);
    const { tokens, addresses, encrypted } = read(PLAIN);
    expect([...tokens.keys()].sort()).toEqual(["one/one/Token", "one/one/TokenB"]);
    expect([addresses.size, resourcesIn(PLAIN), encrypted]).toEqual([6, 6, false]);
    expect(lineageOf(PLAIN)).toEqual({ lineage: expect.stringMatching(/^[0-9a-f-]{36}$/), serial: 1 });
  });

  test("GIVEN an encrypted one, which has no version THEN it is told from a broken one, and its history is known", () => {
    expect(stateForm(ENCRYPTED)).toBe("encrypted");
    expect(JSON.parse(ENCRYPTED)).not.toHaveProperty("version");
    expect(read(ENCRYPTED)).toMatchObject({ begun: true, encrypted: true, addresses: new Set() });
    expect(lineageOf(ENCRYPTED)).toEqual(lineageOf(PLAIN));
  });

  test("GIVEN both THEN a search for secrets finds those of the one in clear, and the other one has none", () => {
    const secrets = secretsIn(PLAIN);
    expect(new Set(secrets).size).toBe(2);
    expect(secretsIn(ENCRYPTED)).toEqual([]);
    for (const secret of secrets) expect(ENCRYPTED).not.toContain(secret);
  });
});
