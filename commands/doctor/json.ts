import { requestsOf } from "./ask";
import { CAUSES } from "./cause";
import type { Diagnosis } from "./diagnosis";
import { caseNames, type Examination, foundCauses } from "./examination";
import { fixOf, inCase } from "./fix";
import type { Link } from "./link";
import { KINDS } from "./log/kind";
import type { LoggedRefusal } from "./log/logged-refusal";
import type { Names } from "./names";

/**
 * The examination for programs. Keys are only added, never renamed, while `version` stays 1; ids of causes are stable and
 * explained in docs/refused-pushes.md. null is what is not known or was not asked.
 */
export function asJson(examination: Examination): object {
  const { checkedAt, gitlab, diagnoses, log, job, notSeen } = examination;
  const names = caseNames(examination);
  return {
    version: 1,
    checked_at: checkedAt.toISOString(),
    gitlab: gitlab ?? null,
    causes: foundCauses(examination),
    walks: diagnoses.map(walkJson),
    log: log
      ? {
          outcome: log.outcome,
          ref: log.ref ?? null,
          target: log.target ?? null,
          branch: log.branch ?? null,
          refusals: log.refusals.map((refusal) => refusalJson(refusal, names)),
          notes: log.notes,
          ask: requestsOf(log, names, job?.url),
        }
      : null,
    not_seen: notSeen,
  };
}

function walkJson({ walk, ref, key, names, links, findings, advice }: Diagnosis): object {
  return {
    pusher: walk.declared?.name ?? null,
    source: walk.source,
    target: walk.target,
    branch: walk.branch,
    job: walk.job ?? null,
    ref: ref ?? null,
    key: key ?? null,
    links: links.map(linkJson),
    findings: findings.map(({ cause, evidence, fix }) => ({
      cause,
      link: CAUSES[cause].link,
      title: CAUSES[cause].title,
      why: inCase(CAUSES[cause].why, names),
      evidence,
      fix,
    })),
    advice,
  };
}

const linkJson = (link: Link): object => ({
  link: link.link,
  status: link.status,
  detail: link.detail,
  cause: link.status === "wrong" ? link.cause : null,
});

const refusalJson = ({ id, line, words, causes, kind }: LoggedRefusal, names: Names): object => ({
  id,
  line,
  words,
  kind: kind ?? null,
  look: kind ? KINDS[kind].look : null,
  causes: causes.map((cause) => ({ cause, title: CAUSES[cause].title, fix: fixOf(cause, names) })),
});
