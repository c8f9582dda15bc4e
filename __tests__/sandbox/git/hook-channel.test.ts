import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { parseHookCall, serveHooks } from "../../../sandbox/git/hook-channel";
import { parsePushOptions } from "../../../sandbox/git/push-options";

const ZERO = "0".repeat(40);
const ONE = "1".repeat(40);

test("GIVEN what the hook sends WHEN it is read THEN nothing is lost", () => {
  const lines = [
    "hook pre-receive",
    "option ci.skip",
    "option merge_request.title=two words",
    `change ${ZERO} ${ONE} refs/heads/new`,
    "within main",
    "within release/1",
    `change ${ONE} ${ONE} refs/heads/old`,
    "forced",
  ];
  expect(parseHookCall(lines)).toEqual({
    hook: "pre-receive",
    pushOptions: ["ci.skip", "merge_request.title=two words"],
    changes: [
      { oldSha: ZERO, newSha: ONE, ref: "refs/heads/new", forced: false, within: ["main", "release/1"] },
      { oldSha: ONE, newSha: ONE, ref: "refs/heads/old", forced: true, within: [] },
    ],
  });
});

test.each([
  ["hook pre-receive\nend\n", "exit 0\n"],
  ["hook post-receive\nend\n", "print one\nprint \nexit 0\n"],
  ["nonsense\nend\n", expect.stringMatching(/^print GitLab: The hook sent "nonsense".*\nexit 1\n$/)],
  ["hook broken\nend\n", "print GitLab: broken on purpose\nexit 1\n"],
])("GIVEN %j WHEN the hook asks THEN it is answered", async (question, expected) => {
  const server = createServer((socket) => {
    serveHooks(socket, async (call) => {
      if (call.hook === "broken") throw new Error("broken on purpose");
      return { accepted: true, lines: call.hook === "post-receive" ? ["one", ""] : [] };
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = createConnection((server.address() as { port: number }).port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk: Buffer) => {
    answer += chunk.toString();
    if (/^exit \d\n$/m.test(answer)) socket.destroy();
  });
  socket.write(question);
  await once(socket, "close");
  await new Promise((resolve) => server.close(resolve));
  expect(answer).toEqual(expected);
});

describe("GIVEN push options", () => {
  test.each([
    [[], { skipCi: false, mergeRequest: undefined }],
    [["ci.skip"], { skipCi: true, mergeRequest: undefined }],
    [["ci.skip=anything"], { skipCi: true, mergeRequest: undefined }],
    [["ci.variable=A=B", "nonsense", "merge_request.unknown=1"], { skipCi: false, mergeRequest: undefined }],
    [["merge_request.create"], { mergeRequest: { create: true } }],
    [["mr.create", "mr.title=a=b.c"], { mergeRequest: { create: true, title: "a=b.c" } }],
    [["mr.label=a", "mr.label=b", "mr.unlabel=c"], { mergeRequest: { labels: ["a", "b"], unlabels: ["c"] } }],
    [["mr.assign=root", "mr.unassign=7"], { mergeRequest: { assign: ["root"], unassign: ["7"] } }],
    [["mr.description=one\\ntwo"], { mergeRequest: { description: "one\ntwo" } }],
    [["mr.draft", "mr.remove_source_branch"], { mergeRequest: { draft: true, removeSourceBranch: true } }],
  ])("WHEN they are %j THEN they mean what GitLab takes them to mean", (given, expected) => {
    expect(parsePushOptions(given)).toMatchObject({ ...expected, given });
  });
});
