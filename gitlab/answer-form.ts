/**
 * The form of a value in an answer, as GitLab's documentation has it. A server in its place, a proxy, or another release may say anything;
 * what is made of an answer of another form would be a defect here, or a wrong word about who may push.
 */
export interface Form<T = unknown> {
  readonly fits: (value: unknown) => boolean;
  /** A value that fits, as its type has it. */
  readonly read: (value: unknown) => T;
  /** Of an object. */
  readonly fields?: Readonly<Record<string, Form>>;
}

const asItIs = <T>(fits: (value: unknown) => boolean): Form<T> => ({ fits, read: (value) => value as T });

export const text = asItIs<string>((value) => typeof value === "string");

export const yesOrNo = asItIs<boolean>((value) => typeof value === "boolean");

/** An id, a role, a count. */
export const whole = asItIs<number>((value) => Number.isSafeInteger(value));

const isNothing = (value: unknown): value is null | undefined => value === undefined || value === null;

/** Nothing, too: left out, as by an older release or for whoever may not see it, or null. */
export const maybe = <T>({ fits, read }: Form<T>): Form<T | null | undefined> => ({
  fits: (value) => isNothing(value) || fits(value),
  read: (value) => (isNothing(value) ? value : read(value)),
});

/** The same, where null says no more than that it is left out: it is read as that. */
export const optional = <T>(form: Form<T>): Form<T | undefined> => ({
  ...maybe(form),
  read: (value) => (isNothing(value) ? undefined : form.read(value)),
});

export const listOf = <T>({ fits, read }: Form<T>): Form<readonly T[]> => ({
  fits: (value) => Array.isArray(value) && value.every(fits),
  read: (value) => (value as unknown[]).map(read),
});

type AnyObject = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is AnyObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const anyObject = asItIs<AnyObject>(isRecord);

/** A type whose words may be any: another release may have others. */
type AnyWord<T> = T extends string ? string : T;

/** An object with every field of a type; others may stand beside them. */
export function formOf<T extends object>(
  fields: {
    readonly [Field in keyof T]-?: Form<AnyWord<T[Field]> | undefined>;
  },
): Form<T> {
  const all = Object.entries<Form>(fields);
  return {
    fields,
    fits: (value) => isRecord(value) && all.every(([field, { fits }]) => fits(value[field])),
    read: (value) => {
      const given = value as AnyObject;
      const known = all.map(([field, { read }]) => [field, read(given[field])] as const);
      return { ...given, ...Object.fromEntries(known) } as T;
    },
  };
}

/** The first field in which an object is not of a form. */
export const oddField = (value: unknown, { fields = {} }: Form): string | undefined =>
  isRecord(value) ? Object.entries(fields).find(([field, { fits }]) => !fits(value[field]))?.[0] : undefined;
