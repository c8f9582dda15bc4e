import type { ObservedToken } from "../../estate/observed";
import { levelOf } from "../../gitlab/access-level";
import type { Problem } from "../../gitlab/problem";
import { slotNumber } from "../../gitlab/slot";
import { inDays } from "../duration";
import type { Finding, FindingCode } from "./finding";
import { type SlotStatus, soonest } from "./report";
import type { SlotState } from "./verdict";

/** Findings about a slot: what is wrong, or will be in fewer than `failUnder` days. */
export function slotFindings(status: SlotStatus, failUnder: number | undefined): Finding[] {
  const found = [stateProblem(status), roleProblem(status), dateProblem(status, failUnder)].filter(
    (problem) => problem !== undefined,
  );
  return found.map(([code, problem]) => ({
    code,
    subject: slotName(status),
    location: status.slot.locate(),
    problem,
  }));
}

/** `ops/gitops slot 1` */
export const slotName = ({ slot: { stack, pusher, slot } }: SlotStatus): string =>
  `${stack}/${pusher} slot ${slotNumber(slot)}`;

type Found = readonly [FindingCode, Problem] | undefined;

function stateProblem(status: SlotStatus): Found {
  const { verdict } = status;
  if (!verdict || verdict.state === "active") return undefined;
  const [code, problem] = PROBLEMS[verdict.state];
  return [code, problem(status, verdict.token as ObservedToken)];
}

const PROBLEMS: Readonly<
  Record<Exclude<SlotState, "active">, readonly [FindingCode, (status: SlotStatus, token: ObservedToken) => Problem]>
> = {
  "not deployed": [
    "not-deployed",
    ({ slot }, { id, expires_at }) => ({
      got: `token ${id}, which dies on ${expires_at ?? "no day"}`,
      allowed: `a token until ${slot.expires.text}, the inventory's date`,
      fix: "deploy",
    }),
  ],
  "rotated elsewhere": [
    "rotated-elsewhere",
    (_status, { id, expires_at }) => ({
      got: `token ${id} until ${expires_at ?? "for ever"}, which no deploy of this inventory made`,
      allowed: "the token a deploy made",
      fix: `deploy: it makes a new token and the variable follows; then revoke token ${id}`,
    }),
  ],
  "bot removed": [
    "bot-removed",
    ({ slot }, { id, user_id }) => ({
      got: `token ${id}, whose bot (user ${user_id}) is no member of ${slot.project} and cannot push`,
      allowed: `a bot with the role ${slot.role}`,
      fix: `revoke token ${id} and deploy: it makes a new one`,
    }),
  ],
  revoked: [
    "revoked",
    (_status, { id }) => ({
      got: `token ${id}, which was revoked`,
      allowed: "a living token",
      fix: "deploy: it makes a new one and the variable follows",
    }),
  ],
  expired: [
    "expired",
    (status, { id, expires_at }) => ({
      got: `token ${id}, which died on ${expires_at}`,
      allowed: "a living token",
      fix: cure(status, 0),
    }),
  ],
  unknown: [
    "unknown-token",
    ({ slot }) => ({
      got: "no such token: never deployed, deleted by GitLab a month after it died, or its bot was removed",
      allowed: `a living token of ${slot.project}`,
      fix: "deploy",
    }),
  ],
};

function roleProblem({ slot, verdict }: SlotStatus): Found {
  const { active, access_level: level, user_id } = verdict?.token ?? {};
  if (!active || !level || level === levelOf(slot.role)) return undefined;
  return [
    "role-changed",
    {
      got: `a bot (user ${user_id}) with access level ${level}`,
      allowed: `${levelOf(slot.role)} (${slot.role}), as declared`,
      fix: "deploy: it makes a new token of that role, as GitLab lets nobody give a bot another one",
    },
  ];
}

function dateProblem(status: SlotStatus, failUnder = 0): Found {
  const { slot, daysLeft, verdict } = status;
  const days = soonest(status);
  if (verdict?.state === "expired") return undefined;
  if (daysLeft <= 0) {
    const got = `${slot.expires.text}, which is past: the token is dead`;
    return ["expired", { got, allowed: "a date after today", fix: cure(status, daysLeft) }];
  }
  if (days >= failUnder) return undefined;
  return ["expires-soon", { got: `${inDays(days)} left`, allowed: `at least ${failUnder}`, fix: cure(status, days) }];
}

/** A date that is bumped already needs a deploy only. */
const cure = ({ slot, daysLeft }: SlotStatus, days: number): string =>
  daysLeft > Math.max(days, 0)
    ? "deploy: the inventory has a later date"
    : `bump the date (npx gitlab-ci-pusher rotate ${slot.stack}/${slot.pusher}) and deploy`;
