import { type CauseId, LINKS, type LinkName } from "./cause";
import { examineBranch } from "./examine/branch";
import { examineCheckout } from "./examine/checkout";
import { examineJob } from "./examine/job";
import { examineProject } from "./examine/project";
import { examineRules } from "./examine/rules";
import { examineRunner } from "./examine/runner";
import { examineToken } from "./examine/token";
import { examineVariable } from "./examine/variable";
import type { Facts } from "./facts";
import { type Fix, fixOf } from "./fix";
import type { Link } from "./link";
import { type Names, namesOf } from "./names";
import { isSame, type Walk } from "./walk";

/** The result of one walk. */
export interface Diagnosis {
  readonly walk: Walk;
  /** The branch the pipeline runs for; undefined where no pipeline was looked at. */
  readonly ref?: string;
  readonly key?: string;
  /** The names in the texts of its causes. */
  readonly names: Names;
  /** In the order of the walk, from the job to the branch. */
  readonly links: readonly Link[];
  /** Findings, those that explain most first. */
  readonly findings: readonly Finding[];
  /** Ways that would be simpler, though nothing is wrong. */
  readonly advice: readonly string[];
}

export interface Finding {
  readonly cause: CauseId;
  readonly evidence: string;
  readonly fix: Fix;
}

const EXAMINERS = [
  examineJob,
  examineRunner,
  examineCheckout,
  examineVariable,
  examineToken,
  examineProject,
  examineBranch,
  examineRules,
];

/** The links by how much they explain, the most telling first; that no runner takes the job tells nothing of the push. */
const TELLING: readonly LinkName[] = ["project", "job", "checkout", "variable", "token", "branch", "rules", "runner"];

/** Judges each link of a walk by what was gathered. */
export function diagnose(facts: Facts): Diagnosis {
  const links = EXAMINERS.flatMap((examine) => examine(facts)).sort(
    (a, b) => LINKS.indexOf(a.link) - LINKS.indexOf(b.link),
  );
  const { walk } = facts;
  const { winner, withheld = [] } = facts.variable.exposure ?? {};
  const names = namesOf(walk, facts.pipeline?.ref, facts.variable.key, winner ?? withheld[0]?.variable);
  return {
    walk,
    ref: facts.pipeline?.ref,
    key: facts.variable.key,
    names,
    links,
    findings: [...links]
      .sort((a, b) => TELLING.indexOf(a.link) - TELLING.indexOf(b.link))
      .flatMap((link) =>
        link.status === "wrong" ? [{ cause: link.cause, evidence: link.detail, fix: fixOf(link.cause, names) }] : [],
      ),
    advice: adviceFor(facts),
  };
}

/** Since 18.4 a project may let its own jobs push with the job token: then there is no secret to keep at all. */
function adviceFor({ walk, source, pipeline, rules }: Facts): string[] {
  const push = pipeline?.best?.toTarget === true ? pipeline.best.push : undefined;
  const own = source?.seen && isSame(walk.source.path, walk.target);
  if (!own || !push?.skipsPipeline || push.credential.kind === "job-token") return [];
  if (source.value.ci_push_repository_for_job_token_allowed !== false) return [];
  const byRole =
    rules.seen &&
    rules.value.some(({ push_access_levels }) =>
      push_access_levels.some(({ access_level: level, user_id }) => level && !user_id),
    );
  return [
    `job-token-would-do: the job pushes to its own project and wants no pipeline, so the job token would do without any secret to keep: Settings > CI/CD > Job token permissions > Allow Git push requests to the repository (GitLab 18.4).${byRole ? " It pushes with the role of whoever starts the job." : ""}`,
  ];
}
