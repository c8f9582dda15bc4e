import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BEHIND } from "../../../../commands/doctor/log/behind";
import { jobLine } from "../../../../commands/doctor/log/job-line";
import { REFUSALS, type RefusalId, refusalOf } from "../../../../gitlab/refusal";

const TEMPLATE = readFileSync(join(__dirname, "../../../../templates/push.yml"), "utf8");

/** Every verdict that the push job can end with: its words, and the id it gives. */
const VERDICTS = [...TEMPLATE.matchAll(/(?:pusher_cause=|pusher_fail |echo )"([^"]*) \[([a-z-]+)\]"/g)].map(
  ([, words = "", id = ""]) => ({ words: words.replaceAll(/\$\{?\w+\}?/g, "X"), id }),
);

/** What stands before the words of the variable's checks. */
const said = ({ words, id }: { words: string; id: string }) =>
  id.startsWith("empty")
    ? `push: X_TOKEN is empty: ${words}`
    : id === "input-of-others"
      ? `push: message names ${words}`
      : `push: refused: ${words}`;

test("the push job has verdicts, each with an id", () => {
  expect(VERDICTS.length).toBeGreaterThan(20);
  const silent = [...TEMPLATE.matchAll(/(?:pusher_cause=|pusher_fail )"([^"]{12,})"/g)].map(([, words = ""]) => words);
  expect(silent.filter((words) => !/\[[a-z-]+\]$|\$\(pusher_why_empty\)$|\$pusher_cause$/.test(words))).toEqual([]);
});

test.each(VERDICTS)("the doctor reads $id, by its id and in logs of older jobs by its words", (verdict) => {
  const { words, id } = verdict;
  expect(REFUSALS.map((each) => each.id)).toContain(id);
  expect(jobLine(`${said(verdict)} [${id}]`)).toMatchObject({ kind: "refused", id });
  expect(jobLine(said(verdict))).toMatchObject({ kind: "refused", id });
  expect(refusalOf(`push: ${words}`) ?? refusalOf(said(verdict))).toMatchObject({ id });
});

/** What Git and GitLab say to the push job, a text for each. */
const TEXTS: readonly [RefusalId, string][] = [
  ["login-ban", "remote: Too many failed authentication attempts from this IP"],
  ["access-denied", "remote: HTTP Basic: Access denied. …"],
  ["authentication-failed", "fatal: Authentication failed for 'https://h/a/b.git/'"],
  ["upload-denied", "remote: You are not allowed to upload code."],
  ["download-denied", "remote: You are not allowed to download code from this project."],
  ["job-token-not-allowed", "remote: Authentication by CI/CD job token not allowed from a to b."],
  ["push-denied", "remote: You are not allowed to push code to this project."],
  [
    "project-not-found",
    "remote: The project you were looking for could not be found or you don't have permission to view it.",
  ],
  ["archived", "remote: You can't push code to an archived project."],
  ["no-remote-ref", "fatal: couldn't find remote ref refs/heads/main"],
  ["force-denied", "remote: GitLab: You are not allowed to force push code to a protected branch on this project."],
  ["branch-denied", "remote: GitLab: You are not allowed to push code to protected branches on this project."],
  [
    "push-rule",
    "remote: GitLab: Commit message must contain a DCO signoff ! [remote rejected] (pre-receive hook declined)",
  ],
  ["fetch-first", " ! [rejected]        HEAD -> main (fetch first)"],
  ["fetch-first", " ! [remote rejected] HEAD -> main (cannot lock ref 'refs/heads/main': is at 1 but expected 2)"],
  ["fetch-first", " ! [remote rejected] HEAD -> main (failed to update ref)"],
  ["unavailable", "fatal: unable to access 'https://h/a/b.git/': The requested URL returned error: 502"],
  ["unreachable", "fatal: unable to access 'https://h/a/b.git/': Connection timed out"],
];

test("what the push job makes of a text is among what the doctor makes of it", () => {
  // GIVEN the job's own reader, run in a shell
  const body = /pusher_read_refusal\(\) \{[\s\S]*?\n {6}\}/.exec(TEMPLATE)?.[0] ?? "";
  const calls = TEXTS.map(
    ([, text]) =>
      `printf '%s' "${text.replaceAll(/["$`\\]/g, "\\$&")}" >"$pusher_log"; pusher_read_refusal; echo "$pusher_cause"`,
  );
  const script = `pusher_log=$(mktemp); ${body}\n${calls.join("\n")}\nrm "$pusher_log"`;
  // WHEN
  const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  // THEN
  const ids = stdout
    .trim()
    .split("\n")
    .map((line) => / \[([a-z-]+)\]$/.exec(line)?.[1] as RefusalId);
  expect(ids).toHaveLength(TEXTS.length);
  TEXTS.forEach(([id, text], at) => {
    expect([refusalOf(text)?.id, text]).toEqual([id, text]);
    const common = BEHIND[ids[at] as RefusalId].filter((cause) => BEHIND[id].includes(cause));
    expect([common.length > 0, text, ids[at]]).toEqual([true, text, ids[at]]);
  });
});
