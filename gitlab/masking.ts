/**
 * Says why GitLab cannot mask a variable's value, or undefined when it can. The value itself is not told.
 * @param raw whether the variable is "expand: off"
 * @see https://docs.gitlab.com/ci/variables/#mask-a-cicd-variable
 */
export function maskingProblem(value: string, raw: boolean): string | undefined {
  if (/[\r\n]/.test(value)) return "it has more than one line";
  if (/\s/.test(value)) return "it has blanks";
  if (value.length < 8) return `it has ${value.length} characters, and masking needs 8`;
  if (!raw && !/^[a-zA-Z0-9_+=/@:.~-]+$/.test(value)) {
    return "it has characters other than letters, digits and _+=/@:.~-, and the variable is not raw";
  }
  return undefined;
}
