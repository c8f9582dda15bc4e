import { difference } from "../../../commands/review/difference";
import { asMarkdown } from "../../../commands/review/summary";
import { type ChangeParts, ruleChange, tokenChange } from "../../support/plan-json";
import { planned } from "../../support/planned";

const ROTATED = tokenChange(["update"], { expires_at: "2030-09-01" });
const WIDER = ruleChange(["update"], { push_access_level: "developer" });
const summary = (changes: readonly ChangeParts[], notes?: readonly string[]) => asMarkdown(planned(changes, notes), {});

describe("the difference between what was reviewed and what is planned now", () => {
  test("is that of the two summaries", () => {
    const text = difference({ summary: summary([ROTATED]) }, planned([ROTATED, WIDER]), {});
    expect(text).toMatch(/^--- reviewed\n\+\+\+ planned now\n@@ /);
    expect(text).toContain("\n+### Dangers (1)\n");
    expect(text).toContain("\n+- opened: rule `main` of `xlink/gitops`: push_access_level maintainer → developer\n");
    expect(text).toContain("\n - rotated: slot 1 `CI` of `xlink/gitops`: 2030-06-01 → 2030-09-01\n");
    expect(text).not.toContain("igest");
  });

  test("leaves out what differs from review to review", () => {
    const before = summary([ROTATED], ["1 of 2 stacks differ from c0ffee."]);
    const text = difference({ summary: before }, planned([ROTATED], ["1 of 3 stacks differ from decaf."]), {});
    expect(text).toBe("The summaries are the same: the difference is in details that they do not name.\n");
  });

  test("is unknown where the summary is, or where it is endless", () => {
    expect(difference({}, planned([ROTATED]), {})).toBeUndefined();
    expect(difference({ summary: "- x\n".repeat(1_000_000) }, planned([ROTATED]), {})).toBeUndefined();
  });

  test("shows nothing that a terminal obeys, and no token", () => {
    const text = difference(
      {
        summary:
          "a\u001b[31mred\u0007\r\u009b2J\u202egnp\u2066x\ttab glpat-secretsecretsecret1 https://me:pass@host/\n",
      },
      planned([ROTATED]),
      {},
    );
    expect(text).toContain("\n-a[31mred2Jgnpx\ttab [a token] https://[redacted]@host/\n");
  });
});
