import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";
import { type Problem, quoted } from "../gitlab/problem";
import { allowedKeysAt } from "./allowed-keys";
import type { Misfit } from "./misfit";
import { shapeFix } from "./shape-fix";

type Issue = z.core.$ZodIssue;

/** Keys people bring from GitLab's forms, the provider or the articles, and what stands for them here. */
const HABITS: Readonly<Record<string, string>> = {
  scopes: "leave it out: the scope is always write_repository, all that a push needs",
  scope: "leave it out: the scope is always write_repository, all that a push needs",
  expires_at: "write expires",
  expiry: "write expires",
  access_level: "write role",
  value: "leave it out: the value is the token, and never stands in a file",
  masked: "leave it out: the variable is always masked",
  project: "write target",
  user_id: "write user: with the number",
  group_id: "write group: with the number",
  deploy_key_id: "write deploy_key",
  unprotect_access_level: "write unprotect",
  push_access_level: "write push",
  merge_access_level: "write merge",
  create_access_level: "write create",
  allow_force_push: "write force_push",
  environment_scope: "write environment",
  rotation_configuration: "write expires: a literal date, so that each rotation is reviewed",
};

/** GitLab's other names of what is allowed: of subscriptions, today's and former ones. */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["ultimate", "premium"],
  ["gold", "premium"],
  ["silver", "premium"],
  ["bronze", "premium"],
  ["starter", "premium"],
  ["core", "free"],
]);

const NO_TOKEN_IMPORT =
  "leave it out: a token cannot be adopted, since GitLab tells its value only when it is made or rotated. Declare a new one, deploy, then revoke the old one in GitLab";

/** Says what is wrong with a value in our words: got, allowed, fix. `root` is what the whole file holds. */
export function issueProblems(issue: Issue, root: unknown): Misfit[] {
  const { path } = issue;
  const value = dig(root, path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path, key, problem: unknownKey(key, path) }));
  if (issue.code === "invalid_union") return unionProblems(issue, root);
  return [{ path, problem: problemOf(issue, value) }];
}

function problemOf(issue: Issue, value: unknown): Problem {
  switch (issue.code) {
    case "custom":
      return issue.params?.problem as Problem;
    case "invalid_value":
      return choice(show(value), issue.values.map(String), value);
    case "too_big":
      return said(value, `at most ${issue.maximum}${unitOf(issue.origin)}`, "take out what is too much");
    case "too_small":
      return said(
        value,
        `at least ${issue.minimum}${unitOf(issue.origin)}`,
        "add what is missing, or leave the key out",
      );
    case "invalid_type":
      return said(value, typeName(issue.expected), typeFix(issue.expected, value, issue.path));
    default:
      return said(value, issue.message, "correct the value");
  }
}

function unknownKey(key: string, path: readonly PropertyKey[]): Problem {
  const allowed = allowedKeysAt(path);
  const near = allowed.length > 0 ? closest(key, allowed) : "";
  const guess = near && distance(key, near) <= 2 ? `write ${near}` : "take the key out";
  const fix =
    key === "import" && path.at(-1) === "token"
      ? NO_TOKEN_IMPORT
      : isPushersOwn(key, path)
        ? "write it at each pusher: targets, dates, and what is for one deploy are a pusher's own"
        : Object.hasOwn(HABITS, key)
          ? (HABITS[key] as string)
          : guess;
  return { got: `the unknown key ${quoted(key)}`, allowed: allowed.join(", "), fix };
}

/** Tells whether a key of `defaults` is one that a pusher alone may have there. */
const isPushersOwn = (key: string, [top, ...path]: readonly PropertyKey[]): boolean =>
  top === "defaults" && allowedKeysAt(["pushers", "", ...path]).includes(key);

function choice(got: string, allowed: readonly string[], value: unknown): Problem {
  const meant = typeof value === "string" ? (OTHER_NAMES.get(value.toLowerCase()) ?? value) : "";
  // A word that is not nearly one of them may mean its opposite.
  const guess = closest(meant, allowed);
  const near = meant !== "" && distance(meant, guess) <= Math.max(2, guess.length / 3) ? guess : "";
  return { got, allowed: allowed.join(", "), fix: near ? `write ${near}` : "choose one of them" };
}

/** A union fails in each of its arms: the arm of the value's own kind tells best what is wrong. */
function unionProblems(issue: Extract<Issue, { code: "invalid_union" }>, root: unknown): Misfit[] {
  const inside = (inner: Issue): Issue => ({ ...inner, path: [...issue.path, ...inner.path] });
  const fitting = issue.errors.find(
    (errors) => !errors.some(({ code, path }) => code === "invalid_type" && path.length === 0),
  );
  if (fitting) return fitting.flatMap((inner) => issueProblems(inside(inner), root));
  const allowed = issue.errors.flatMap((errors) =>
    errors.flatMap((e) => (e.code === "invalid_type" ? [typeName(e.expected)] : [])),
  );
  return [
    {
      path: issue.path,
      problem: said(dig(root, issue.path), [...new Set(allowed)].join(" or "), "write one of these"),
    },
  ];
}

const dig = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, step) => {
    const isThere = typeof inner === "object" && inner !== null && Object.hasOwn(inner, step);
    return isThere ? (inner as Record<PropertyKey, unknown>)[step] : undefined;
  }, value);

const said = (value: unknown, allowed: string, fix: string): Problem => ({ got: show(value), allowed, fix });

function typeFix(expected: string, value: unknown, path: readonly PropertyKey[]): string {
  if (path.length === 0) return "write `edition: free` and `pushers:` with your pushers, or `pushers: {}` for none";
  if (value === undefined) return "add it";
  if (expected === "string" && typeof value === "number")
    return "write the full path instead of an id, or put a name of digits in quotes";
  const shaped = shapeFix(expected, value, path);
  if (shaped) return shaped;
  if (value === null) return "write a value, or take the key out";
  if (expected === "record" && Array.isArray(value)) return "write a name and a colon before each, instead of a dash";
  return `write ${typeName(expected)}`;
}

const unitOf = (origin: string): string =>
  ({ string: " characters", array: " entries", int: "", number: "" })[origin] ?? "";

const typeName = (expected: string): string =>
  ({
    object: "a mapping",
    record: "a mapping",
    array: "a list",
    string: "a text",
    boolean: "true or false",
    int: "a whole number",
    number: "a whole number",
  })[expected] ?? expected;

/** A value as people would name it. Long ones are cut: a pasted token must not travel into logs. */
function show(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "an empty value";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return value.length > 40 ? `a text of ${value.length} characters` : quoted(value);
  return JSON.stringify(value);
}
