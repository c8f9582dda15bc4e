import type { Plan } from "../stacks/plan";

/** Counts as a merge request shows them. @see https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsterraform */
export interface TerraformReport {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
}

/** GitLab's Terraform report of some plans together. A replacement counts as a creation and a deletion, as in GitLab's own template. */
export function terraformReport(plans: readonly Plan[]): TerraformReport {
  const foreign = plans.flatMap((plan) => plan.foreign).filter(({ what }) => what === "resource");
  const actions = [...plans.flatMap(({ changes }) => changes), ...foreign].flatMap((each) => each.actions);
  const count = (action: string): number => actions.filter((each) => each === action).length;
  return { create: count("create"), update: count("update"), delete: count("delete") };
}
