import { isDeepStrictEqual } from "node:util";

/**
 * A value Terraform does not know yet ("known after apply").
 *
 * Kept as it came off the wire: Terraform may refine an unknown (msgpack extension 12: "not null", "starts with …"), and a
 * configured value has to go back exactly as it was given, refinement included.
 */
export class Unknown {
  constructor(
    /** Msgpack extension type: 0 plain, 12 refined. */
    readonly extension: number = 0,
    readonly data: Uint8Array = new Uint8Array([0]),
  ) {}
}

/** The value that a provider plans for an attribute that it will only know after apply. */
export const UNKNOWN = new Unknown();

/** A Terraform value: sets and lists are arrays, objects and maps are records. */
export type Value = string | number | boolean | null | Unknown | Value[] | { [name: string]: Value };

/** The value of a resource, or of one nested block: every attribute of its schema is present, null when unset. */
export type ObjectValue = { [name: string]: Value };

export function isUnknown(value: Value | undefined): value is Unknown {
  return value instanceof Unknown;
}

/** Neither null nor unknown. */
export function isKnown<T extends Value>(value: T | null | undefined): value is Exclude<T, null | Unknown> {
  return value !== null && value !== undefined && !isUnknown(value);
}

/** Equality as Terraform encodes values: sets arrive in one canonical order, so arrays compare by position. */
export function equalValues(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== "object" || typeof right !== "object") return false;
  return isDeepStrictEqual(left, right);
}
