import { describe } from "./problem";

/** Why `key` cannot be the key of the variable that carries a push token, or undefined when it can. */
export function variableKeyProblem(key: string): string | undefined {
  if (!/^[A-Za-z0-9_]{1,255}$/.test(key)) {
    return describe({
      got: JSON.stringify(key),
      allowed: "1 to 255 letters, digits and underscores",
      fix: `write ${JSON.stringify(key.replace(/[^A-Za-z0-9_]/g, "_").slice(0, 255) || "GITLAB_PUSHER_TOKEN")}`,
    });
  }
  if (/^CI(_|$)/.test(key) || key === "GITLAB_CI") {
    return describe({
      got: JSON.stringify(key),
      allowed: "a key that GitLab does not set itself",
      fix: "choose another name: jobs would lose the predefined variable, or not get this one",
    });
  }
  return undefined;
}
