/**
 * Tells whether a value in an answer is what GitLab's documentation says. A server in its place, a proxy, or another release may say anything;
 * what is made of an answer of another form would be a defect here, or a wrong word about who may push.
 */
export interface Form {
  (value: unknown): boolean;
  /** Of an object. */
  readonly fields?: Readonly<Record<string, Form>>;
}

export const text: Form = (value) => typeof value === "string";

export const yesOrNo: Form = (value) => typeof value === "boolean";

/** An id, a role, a count. */
export const whole: Form = (value) => Number.isSafeInteger(value);

/** Nothing, too: left out, as by an older release or for whoever may not see it, or null. */
export const maybe =
  (form: Form): Form =>
  (value) =>
    value === undefined || value === null || form(value);

export const listOf =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every(form);

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An object with every field of a type; others may stand beside them. */
export const formOf = <T extends object>(fields: { readonly [Field in keyof T]-?: Form }): Form => {
  const all = Object.entries<Form>(fields);
  const form = (value: unknown) => isRecord(value) && all.every(([field, each]) => each(value[field]));
  return Object.assign(form, { fields });
};

/** The first field in which an object is not of a form. */
export const oddField = (value: unknown, { fields = {} }: Form): string | undefined =>
  isRecord(value) ? Object.entries(fields).find(([field, form]) => !form(value[field]))?.[0] : undefined;
