import { CAUSES } from "./cause";
import { type Diagnosis, fixOf, namesOf } from "./diagnosis";
import { type Examination, foundCauses } from "./examination";
import type { LoggedRefusal } from "./job-log";
import type { Link } from "./link";

/**
 * The examination for programs. Keys are only added, never renamed, while `version` stays 1; ids of causes are stable and
 * explained in docs/refused-pushes.md. null is what is not known or was not asked.
 */
export function asJson(examination: Examination): object {
  const { checkedAt, gitlab, diagnoses, log, notSeen } = examination;
  const [first] = diagnoses;
  const names = namesOf({ ...log, ...first?.walk }, log?.ref ?? first?.ref, first?.key);
  return {
    version: 1,
    checked_at: checkedAt.toISOString(),
    gitlab: gitlab ?? null,
    causes: foundCauses(examination),
    walks: diagnoses.map(walkJson),
    log: log
      ? {
          ref: log.ref ?? null,
          target: log.target ?? null,
          branch: log.branch ?? null,
          refusals: log.refusals.map((refusal) => refusalJson(refusal, names)),
        }
      : null,
    not_seen: notSeen,
  };
}

function walkJson({ walk, ref, key, links, findings, advice }: Diagnosis): object {
  return {
    pusher: walk.declared?.name ?? null,
    source: walk.source,
    target: walk.target,
    branch: walk.branch,
    ref: ref ?? null,
    key: key ?? null,
    links: links.map(linkJson),
    findings: findings.map(({ cause, evidence, fix }) => ({
      cause,
      link: CAUSES[cause].link,
      title: CAUSES[cause].title,
      why: CAUSES[cause].why,
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

const refusalJson = ({ id, line, words, causes }: LoggedRefusal, names: ReturnType<typeof namesOf>): object => ({
  id,
  line,
  words,
  causes: causes.map((cause) => ({ cause, title: CAUSES[cause].title, fix: fixOf(cause, names) })),
});
