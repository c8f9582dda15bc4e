/** Letters, digits and emoji of any script, as GitLab counts them. */
const WORD = "\\p{L}\\p{M}\\p{Nd}\\u00A9-\\u{1f9ff}_";

const FORMS = {
  project: {
    form: new RegExp(`^[${WORD}][${WORD}\\p{Pd}+. ]*$`, "u"),
    says: "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. It must start with a letter, digit, emoji, or '_'.",
  },
  group: {
    form: new RegExp(`^[${WORD}][${WORD}\\p{Pd}(). ]*$`, "u"),
    says: "can contain only letters, digits, emoji, '_', '.', dash, space, parenthesis. It must start with letter, digit, emoji or '_'.",
  },
} as const;

const LONGEST = 255;

/** All that is wrong with the name of a project or group that people read, beside its path. */
export function shownNameProblems(of: keyof typeof FORMS, name: string): string[] {
  const { form, says } = FORMS[of];
  return [
    ...(name.length > LONGEST ? [`is too long (maximum is ${LONGEST} characters)`] : []),
    ...(form.test(name) ? [] : [says]),
  ];
}
