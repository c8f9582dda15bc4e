import { DESCRIBED_TOKENS } from "../../gitlab/release";
import type { GoneStack } from "../../state/gone-stacks";
import { goneProblem } from "../../state/left-behind";
import type { Finding } from "./finding";
import { operatorFinding } from "./operator-finding";
import type { Orphan, OrphanReason } from "./orphan";
import type { StatusReport } from "./report";
import { ruleFindings } from "./rule-findings";
import { slotFindings } from "./slot-findings";
import { tagFindings } from "./tag-findings";
import { variableFindings } from "./variable-findings";

/**
 * All findings of a report: what all others hang on first, then the slots', soonest death first.
 * @param failUnder days; a slot with fewer is a finding, and so is the operator's token. undefined: only what is dead or wrong is
 */
export function findings(report: StatusReport, failUnder?: number): Finding[] {
  return [
    ...oldFinding(report),
    ...report.slots.flatMap((slot) => slotFindings(slot, failUnder)),
    ...report.variables.flatMap(variableFindings),
    ...report.rules.flatMap(ruleFindings),
    ...report.tags.flatMap(tagFindings),
    ...report.orphans.map(orphanFinding),
    ...report.gone.map(goneFinding),
    ...operatorFinding(report.operator, failUnder),
  ];
}

const oldFinding = ({ tooOld, gitlabVersion }: StatusReport): Finding[] => {
  if (!tooOld) return [];
  const problem = {
    got: "a release whose access tokens have no descriptions",
    allowed: `${DESCRIBED_TOKENS} or later: ours are told by theirs, so that no slot and no orphan can be named here`,
    fix: "upgrade GitLab before the next deploy",
  };
  return [{ code: "gitlab-too-old", subject: `GitLab ${gitlabVersion ?? "of no known version"}`, problem }];
};

const goneFinding = (gone: GoneStack): Finding => ({
  code: "stack-gone",
  subject: `stack ${gone.name}`,
  problem: goneProblem(gone),
});

const ORPHAN: Readonly<Record<OrphanReason, readonly [got: string, fix: string]>> = {
  duplicate: ["is not the one Terraform keeps for its slot", "deploy, look again, then revoke it"],
  "other project": ["its slot left behind in another project", "revoke it"],
  "not in the inventory": ["no pusher of its stack declares", "revoke it"],
  "unknown stack": [
    "belongs to a stack that is not in this inventory",
    "revoke it, unless another ops repository has it",
  ],
};

function orphanFinding({ project, token, reason }: Orphan): Finding {
  const [got, fix] = ORPHAN[reason];
  return {
    code: "orphan",
    subject: `token ${token.id} (${token.description}) of ${project}`,
    problem: {
      got: `a living token that ${got}`,
      allowed: "one living token a slot of the inventory",
      fix: `${fix} (Settings > Access tokens of the project)`,
    },
  };
}
