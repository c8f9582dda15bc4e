import { applyAll } from "../../../commands/deploy/apply-all";
import type { PlannedStack } from "../../../commands/review/review";
import type { Plan } from "../../../commands/stacks/plan";
import { planOf } from "../../../commands/stacks/plan";
import type { Terraform } from "../../../commands/stacks/terraform";
import { type ChangeParts, planJson, ruleChange, tokenChange } from "../../support/plan-json";

const CREATED = tokenChange(["create"]);
const NOTHING = tokenChange(["no-op"]);

/** Stacks whose Terraform only notes what it is told. */
class Fleet {
  readonly calls: string[] = [];
  readonly planned: PlannedStack[] = [];

  add(
    name: string,
    change: ChangeParts,
    { after = [], again = change, code = 0 }: { after?: string[]; again?: ChangeParts; code?: number } = {},
  ): this {
    const plan = (which: ChangeParts): Plan => planOf(name, planJson({ changes: [which] }));
    const terraform: Pick<Terraform, "plan" | "read" | "apply"> = {
      plan: async () => {
        this.calls.push(`plan ${name}`);
        return "changes";
      },
      read: async () => plan(again),
      apply: async (onLine) => {
        this.calls.push(`apply ${name}`);
        onLine("Apply complete!");
        return { code, stdout: "", said: "" };
      },
    };
    const stack = {
      name,
      folder: "",
      project: "",
      configuration: "",
      providers: {},
      dependencies: after,
      warnings: [],
    };
    this.planned.push({ stack, plan: plan(change), terraform: terraform as Terraform });
    return this;
  }

  readonly lines: string[] = [];

  apply(reviewed = true, encrypts = false): Promise<string[]> {
    const onLine = (line: string) => void this.lines.push(line);
    const { signal } = new AbortController();
    const options = { reviewed, encrypts, onLine, patience: 0, environment: {}, now: () => new Date(), signal };
    return applyAll(this.planned, options);
  }
}

test("GIVEN stacks with and without changes THEN those with changes are applied as they were planned", async () => {
  const fleet = new Fleet().add("a", CREATED).add("b", NOTHING).add("c", CREATED);
  expect(await fleet.apply()).toEqual(["a", "c"]);
  expect(fleet.calls).toEqual(["apply a", "apply c"]);
  expect(fleet.lines).toEqual(["a: Apply complete!", "c: Apply complete!"]);
});

test("GIVEN states that are encrypted THEN a plan that changes nothing is applied too, as that encrypts an older state", async () => {
  const fleet = new Fleet().add("a", CREATED).add("b", NOTHING);
  expect(await fleet.apply(true, true)).toEqual(["a"]);
  expect(fleet.calls).toEqual(["apply a", "apply b"]);
});

test("GIVEN a stack that depends on a deployed one THEN it is planned again, and applied when that is the same", async () => {
  const fleet = new Fleet().add("late", CREATED, { after: ["early"] }).add("early", CREATED);
  expect(await fleet.apply()).toEqual(["late", "early"]);
  expect(fleet.calls).toEqual(["apply early", "plan late", "apply late"]);
});

test("GIVEN a stack that depends on one that stays as it is THEN its plan stands", async () => {
  const fleet = new Fleet().add("early", NOTHING).add("late", CREATED, { after: ["early"] });
  expect(await fleet.apply()).toEqual(["late"]);
  expect(fleet.calls).toEqual(["apply late"]);
});

test.each([CREATED, NOTHING])(
  "GIVEN a review, and another plan after a dependency's deploy THEN it is refused",
  async (change) => {
    const again = ruleChange(["delete"]);
    const fleet = new Fleet().add("early", CREATED).add("late", change, { after: ["early"], again });
    await expect(fleet.apply()).rejects.toThrow(
      "late was not deployed: after the deploys it depends on, its plan is not what was reviewed\ndeployed: early; fix: review again, then deploy",
    );
    expect(fleet.calls).toEqual(["apply early", "plan late"]);
  },
);

test("GIVEN no review THEN the new plan is applied", async () => {
  const fleet = new Fleet().add("early", CREATED).add("late", NOTHING, { after: ["early"], again: CREATED });
  expect(await fleet.apply(false)).toEqual(["early", "late"]);
});

test("GIVEN no review, and a new plan with what nobody reviews here THEN it is refused", async () => {
  const again = { ...CREATED, address: "gitlab_project_label.Label" };
  const fleet = new Fleet().add("early", CREATED).add("late", NOTHING, { after: ["early"], again });
  await expect(fleet.apply(false)).rejects.toThrow(/what this tool does not review \(gitlab_project_label\.Label\)/);
  expect(fleet.calls).toEqual(["apply early", "plan late"]);
});

test("GIVEN a failure THEN it is told what was deployed, what failed and what was not begun", async () => {
  const fleet = new Fleet()
    .add("a", CREATED)
    .add("b", CREATED, { code: 1 })
    .add("c", CREATED, { after: ["b"] })
    .add("d", CREATED, { after: ["c"] });
  await expect(fleet.apply()).rejects.toThrow(
    "the deploy of b failed, see above\ndeployed: a; not begun: c, d; fix: review again, then deploy",
  );
});

test("GIVEN one stack that fails THEN nothing else is said to be done", async () => {
  await expect(new Fleet().add("a", CREATED, { code: 1 }).apply()).rejects.toThrow(
    "the deploy of a failed, see above\nno other stack was deployed; fix: ",
  );
});
