import { type Problem, quoted, secretIn, unseenIn } from "./problem";

/** More than GitLab takes for any name, in characters. What is longer is not looked into, which could take for ever. */
const MOST_CHARACTERS = 1000;

/**
 * Says why a text that a person wrote should reach GitLab under no name at all, or undefined when there is nothing against it: whatever it is
 * the name of, GitLab shows it to everybody who sees the project.
 */
export function writtenTextProblem(text: string): Problem | undefined {
  if (text.length > MOST_CHARACTERS) {
    return {
      got: quoted(text),
      allowed: `up to ${MOST_CHARACTERS}, and less for most things`,
      fix: "shorten it",
    };
  }
  const secret = secretIn(text);
  if (secret) {
    return {
      got: quoted(text),
      allowed: "a text without secrets",
      fix: `take ${secret} out of it, and ${secret === "a token" ? "revoke it" : "change it"}: whoever reads the file or its history has it`,
    };
  }
  const unseen = unseenIn(text);
  if (!unseen) return undefined;
  return {
    got: `${unseen.character} as character ${unseen.index + 1}, which nobody sees`,
    allowed: "characters that show, on one line",
    fix: "delete it, or type the text anew",
  };
}
