import { type Problem, quoted } from "./problem";
import { writtenTextProblem } from "./written-text";

/** GitLab's, which takes 255 characters. */
const USERNAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;

/** Says why `text` is no username, or undefined when it is one. */
export function usernameProblem(text: string): Problem | undefined {
  const written = writtenTextProblem(text);
  if (written) return written;
  if (USERNAME.test(text)) return undefined;
  return {
    got: quoted(text),
    allowed: "a username, such as anna.doe",
    fix: /^@/.test(text) ? "leave the @ out" : "copy it from the person's profile, where it stands after the @",
  };
}
