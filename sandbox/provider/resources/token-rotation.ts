import { DiagnosticError } from "../protocol/diagnostic";
import type { PlanRequest, ResourcePlan } from "../protocol/resource-plan";
import { equalValues, isKnown, isUnknown, type ObjectValue, UNKNOWN, type Value } from "../protocol/value";
import { dayAfter, daysBefore, isDate, startOfDay } from "./expiry-date";

/** In days. */
interface RotationConfiguration {
  readonly expiration_days: number;
  readonly rotate_before_days: number;
}

/** A token revoked by others is made anew, unless a fixed date says that it is not wanted any more. */
export function planRevoked({ plan, requiresReplace: replaced }: ResourcePlan, state: ObjectValue, now: Date): void {
  const fixed = state.rotation_configuration === null;
  if (fixed && isDate(state.expires_at) && startOfDay(state.expires_at) < now) return;
  replaced.push(["revoked"]);
  plan.expires_at = plannedExpiry(plan, now);
  plan.revoked = false;
}

/** 18.8 on: a changed `rotation_configuration` is due at once, otherwise the calendar decides. */
export function planRotation({ plan }: ResourcePlan, { state }: PlanRequest, now: Date): void {
  if (state === null || !isRotationDue(plan, state, now)) return;
  const expiry = plannedExpiry(plan, now);
  if (isUnknown(expiry) || equalValues(expiry, state.expires_at)) return;
  applyRotation(plan, expiry);
}

function isRotationDue(plan: ObjectValue, state: ObjectValue, now: Date): boolean {
  if (state.expires_at === null && plan.expires_at === null) return false;
  if (state.expires_at === null || !equalValues(state.expires_at, plan.expires_at)) return true;
  const rotation = rotationOf(plan);
  if (rotation === null) return false;
  const before = rotationOf(state);
  if (before !== null && !equalValues({ ...before }, { ...rotation })) return true;
  return now >= daysBefore(state.expires_at, rotation.rotate_before_days);
}

/** 18.6: a changed `expiration_days` rotates by the framework's diff, but keeps the old date (TP#6546). */
export function planRotation186({ plan }: ResourcePlan, { state }: PlanRequest, now: Date): void {
  if (state === null) return;
  const changed = state.expires_at === null || !equalValues(state.expires_at, plan.expires_at);
  const rotation = rotationOf(plan);
  const due =
    rotation !== null && rotationOf(state) !== null && daysBefore(state.expires_at, rotation.rotate_before_days) < now;
  if (!changed && !due) return;
  const expiry = plannedExpiry(plan, now);
  if (!isKnown(expiry) || equalValues(expiry, state.expires_at)) return;
  applyRotation(plan, expiry);
}

/**
 * Only these become unknown when the calendar rotates: `active` stays as it is in the state, so rotating an expired token
 * ends in Terraform's "inconsistent result", after the rotation is done (TP#6879, open until 18.11).
 */
function applyRotation(plan: ObjectValue, expiry: Value): void {
  Object.assign(plan, { expires_at: expiry, id: UNKNOWN, token: UNKNOWN, created_at: UNKNOWN });
}

function plannedExpiry(plan: ObjectValue, now: Date): Value {
  return expiryFor(plan, now, "Error determining new expiry date", "Could not determine new expiry date: ");
}

/** The configured date, or the plan's day plus `expiration_days`. */
export function expiryFor(plan: ObjectValue, now: Date, summary: string, prefix: string): Value {
  const rotation = rotationOf(plan);
  if (rotation !== null) return dayAfter(now, rotation.expiration_days);
  const expiry = plan.expires_at ?? null;
  if (!isKnown(expiry) || isDate(expiry)) return expiry;
  const detail = `${prefix}failed to parse expiration date into ISOTime. Provided value: ${shown(expiry)}`;
  throw new DiagnosticError(summary, detail, ["expires_at"]);
}

function rotationOf(value: ObjectValue): RotationConfiguration | null {
  const rotation = value.rotation_configuration;
  return isKnown(rotation) ? (rotation as unknown as RotationConfiguration) : null;
}

/** The words of a message for a date that may not be known. */
export function shown(value: Value): string {
  return isUnknown(value) ? "(known after apply)" : String(value ?? "");
}
