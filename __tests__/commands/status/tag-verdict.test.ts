import { tagFindings } from "../../../commands/status/tag-findings";
import { judgeTag } from "../../../commands/status/tag-verdict";
import type { TagRule } from "../../../estate/reader";
import { inWords } from "../../../gitlab/placed-problem";
import type { AccessEntry } from "../../../gitlab/protected-branch";
import type { DeclaredTag } from "../../../inventory/pushers";

const role = (access_level: number): AccessEntry => ({ access_level });
const user = (user_id: number): AccessEntry => ({ access_level: 40, user_id });
const rule = (name: string, ...create_access_levels: AccessEntry[]): TagRule => ({ name, create_access_levels });

const DECLARED: DeclaredTag = {
  stack: "ops",
  pusher: "gitops",
  project: "xlink/gitops",
  tag: "v*",
  create: "maintainer",
  creators: [],
  guard: "v**",
  locate: () => "pushers/ops.yaml:9:3",
};
const GUARD = rule("v**", role(0));

test.each<[string, Partial<DeclaredTag>, TagRule[], string, RegExp?]>([
  ["the same", {}, [rule("v*", role(40)), GUARD], "as declared"],
  ["nothing", {}, [], "missing", /got no rule that matches: every Developer may create such tags/],
  ["a wildcard that closes", {}, [rule("*", role(0))], "missing", /got no such rule/],
  [
    "a lower level",
    {},
    [rule("v*", role(30)), GUARD],
    "wider",
    /got "v\*" \(create: .*which opens create \(Developers/,
  ],
  [
    "a higher level",
    { create: "developer" },
    [rule("v*", role(40)), GUARD],
    "narrower",
    /allowed: create \(Developers/,
  ],
  ["somebody beside it", {}, [rule("v*", role(40), user(5)), GUARD], "wider", /user 5/],
  ["another that opens", {}, [rule("v*", role(40)), GUARD, rule("*", role(30))], "wider", /Protected tags/],
  ["another that does not match", {}, [rule("v*", role(40)), GUARD, rule("w*", role(30))], "as declared"],
  ["no guard", {}, [rule("v*", role(40))], "no guard", /got no rule "v\*\*" that lets nobody in/],
  ["no guard where none is declared", { guard: undefined }, [rule("v*", role(40))], "as declared"],
])("GIVEN %s in a tag rule's place", (_, declared, rules, state, told = /^/) => {
  const tag = { ...DECLARED, ...declared };
  const verdict = judgeTag(tag, rules, []);
  expect(verdict.state).toBe(state);
  const messages = tagFindings({ tag, verdict }).map(({ problem }) => inWords(problem));
  expect(messages.length > 0).toBe(state !== "as declared");
  expect(messages.join("\n")).toMatch(told);
});

test("GIVEN nobody can tell whom it lets in by name, names are not compared, and levels are", () => {
  const judged = (...entries: AccessEntry[]) => judgeTag(DECLARED, [rule("v*", ...entries), GUARD], undefined).state;
  expect(judged(role(40), user(8))).toBe("not known");
  expect(judged(role(30), user(8))).toBe("wider");
});
