import { digestOf } from "../../commands/review/digest";
import { effectsOf } from "../../commands/review/effects/effects-of";
import type { Review } from "../../commands/review/review";
import { terraformReport } from "../../commands/review/terraform-report";
import { isEmpty, planOf } from "../../commands/stacks/plan";
import { type ChangeParts, carries, planJson } from "./plan-json";

/** The review of one stack, `ops`, whose plan has these changes. */
export function planned(changes: readonly ChangeParts[], notes: readonly string[] = []): Review {
  const plan = planOf("ops", planJson({ changes, resources: [carries(2)] }));
  const digest = digestOf([plan]);
  return {
    planned: [],
    effects: effectsOf(plan),
    access: [],
    undeclared: [],
    code: [],
    fails: [],
    foreign: [],
    digest,
    digests: isEmpty(plan) ? {} : { ops: digest },
    report: terraformReport([plan]),
    unchecked: [],
    notes,
  };
}
