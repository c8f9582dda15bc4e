import { readJobLog } from "../../../../commands/doctor/log/job-log";

/** A log with these commands and this end, as a runner writes it. */
const log = (script: string[], end: string) =>
  [
    "Running with gitlab-runner 18.6.0 (00000000)",
    "Fetching changes with git depth set to 20...",
    "Checking out 7226fc70 as detached HEAD (ref is release/1.0)...",
    ...script.map((line) => `$ ${line}`),
    end,
    "ERROR: Job failed: exit code 1",
  ].join("\n");

const DENIED = "remote: HTTP Basic: Access denied. If a password was provided …";
const FORBIDDEN = "remote: You are not allowed to push code to this project.";
const WITH_VARIABLE = "git push https://gitlab-ci-token:${GITLAB_PUSHER_TOKEN}@h/a/b.git HEAD:main";

test.each<[string, string[], string, string[]]>([
  ["403, the runner's origin", ["git push origin HEAD:main"], FORBIDDEN, ["job-token-remote"]],
  ["403, a variable", [WITH_VARIABLE], FORBIDDEN, ["token-role", "token-wrong-project"]],
  [
    "403, the job token elsewhere",
    ["git push https://gitlab-ci-token:$CI_JOB_TOKEN@h/a/b HEAD:x"],
    FORBIDDEN,
    ["job-token-remote", "job-token-other-project"],
  ],
  [
    "403, the script is not shown",
    [],
    FORBIDDEN,
    ["job-token-remote", "job-token-other-project", "token-role", "token-wrong-project"],
  ],
  [
    "403, a block of lines, of which one is shown",
    ["git status # collapsed multi-line command"],
    FORBIDDEN,
    ["job-token-remote", "job-token-other-project", "token-role", "token-wrong-project"],
  ],
  [
    "401, the job token under another name",
    ["git push https://oauth2:$CI_JOB_TOKEN@h/a/b HEAD:x"],
    DENIED,
    ["job-token-remote"],
  ],
  [
    "no full name, a bare name",
    ["git push origin HEAD"],
    "error: The destination you provided is not a full refname (i.e.,",
    ["detached-head"],
  ],
  [
    "no full name, a refspec",
    ["git push origin HEAD:production"],
    "error: The destination you provided is not a full refname (i.e.,",
    ["branch-missing", "push-other-branch"],
  ],
])("%s", (_, script, end, causes) => {
  expect(readJobLog(log(script, end)).refusals.map((refusal) => refusal.causes)).toEqual([causes]);
});

test("a 401 from the runner's origin tells of a credential that the log does not show: GitLab answers a living job token with 403", () => {
  const [refusal] = readJobLog(log(["git push origin HEAD:main"], DENIED)).refusals;
  expect(refusal?.causes).toEqual(expect.arrayContaining(["token-expired", "token-revoked", "variable-missing"]));
  expect(refusal?.causes.at(-1)).toBe("job-token-remote");
});

test("a 401 in a merge request pipeline tells of that first, and not of its branch", () => {
  const text = log([WITH_VARIABLE], DENIED).replace("release/1.0", "refs/merge-requests/4/head");
  const [refusal] = readJobLog(text).refusals;
  expect(refusal?.causes.slice(0, 2)).toEqual(["merge-request-pipeline", "token-expired"]);
});

test("a 401 leaves the likeliest cause first", () => {
  const [refusal] = readJobLog(log([WITH_VARIABLE], DENIED)).refusals;
  expect(refusal?.causes.slice(0, 3)).toEqual(["variable-protected-ref-unprotected", "token-expired", "token-revoked"]);
  expect(refusal?.causes).not.toContain("job-token-remote");
});
