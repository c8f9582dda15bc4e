import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { App } from "cdktf";
import { BranchPattern } from "../../gitlab/branch-pattern";
import { ExpiryDate } from "../../gitlab/expiry-date";
import { declareStack, InventoryError, type InventoryFile, loadInventory } from "../../inventory";
import { editExpiries } from "../../inventory/edit-expiry";
import { config, GITLAB, NOW, outdir, problems as stackProblems } from "../support/synth";

function load(text: string): InventoryFile {
  const folder = outdir();
  writeFileSync(path.join(folder, "ops.yaml"), text);
  return loadInventory(folder)[0]!;
}

function problems(text: string): string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(InventoryError);
    return (error as InventoryError).problems.map((problem) => problem.replace(/^\S*ops\.yaml/, "ops.yaml"));
  }
}

const stackOf = (text: string) =>
  declareStack(new App({ outdir: outdir() }), load(text), { now: NOW, baseUrl: GITLAB });

const byName = <Rule>(rules: ReadonlyMap<BranchPattern, Rule>) => Object.fromEntries(rules);

const DEFAULTS = `defaults:
  token: {role: maintainer, name: PUSH}
  variable:
    key: KEY
    in: [a/shop]
  branches:
    main: {push: maintainer, merge: developer}
pushers:
`;

describe("defaults of a file", () => {
  test("GIVEN equal pushers THEN each is one line, and has what defaults say", () => {
    const { pushers } = load(
      `${DEFAULTS}  one: {target: a/one, token: {expires: 2030-06-01}}\n  two: {target: a/two, token: {expires: 2030-07-01}}\n`,
    ).content;
    const given = {
      variable: {
        key: "KEY",
        in: [{ project: "a/shop" }],
        environment: "*",
        protected: true,
        hidden: false,
        adopt: false,
      },
      branches: new Map([
        [BranchPattern.parse("main"), expect.objectContaining({ push: "maintainer", merge: "developer", guard: true })],
      ]),
      tags: new Map(),
      unprotectedBranches: false,
    };
    const token = { role: "maintainer", name: "PUSH", allowInterruption: false };
    const expires = (day: string) => ({ ...token, expires: [ExpiryDate.parse(day)] });
    expect(pushers).toEqual({
      one: { target: "a/one", token: expires("2030-06-01"), ...given },
      two: { target: "a/two", token: expires("2030-07-01"), ...given },
    });
  });

  test("GIVEN a pusher that says otherwise THEN its own settings stand, and whole rules in place of whole rules", () => {
    const { one } = load(
      `${DEFAULTS}  one:\n    target: a/one\n    token: {expires: 2030-06-01, role: developer}\n    variable: {in: [a/x]}\n    branches: {main: {push: no one}, stable: {push: developer}}\n`,
    ).content.pushers;
    expect(one).toMatchObject({
      token: { role: "developer", name: "PUSH" },
      variable: { key: "KEY", in: [{ project: "a/x" }] },
    });
    expect(byName(one!.branches)).toMatchObject({
      main: { push: "no one", merge: "maintainer" },
      stable: { push: "developer" },
    });
  });

  test("GIVEN the same written out THEN it is the same stack", () => {
    const written = `pushers:\n  one:\n    target: a/one\n    token: {role: maintainer, name: PUSH, expires: 2030-06-01}\n    variable: {key: KEY, in: [a/shop]}\n    branches: {main: {push: maintainer, merge: developer}}\n`;
    const short = `${DEFAULTS}  one: {target: a/one, token: {expires: 2030-06-01}}\n`;
    expect(config(stackOf(short))).toEqual(config(stackOf(written)));
  });

  test("GIVEN mistakes THEN each is told once, where it was written", () => {
    const two = "  one: {target: a/one, token: {expires: 2030-06-01}}\n  two: {target: a/two, token: {}}\n";
    expect(
      problems(
        `defaults:\n  token: {role: owner}\n  variable: {ky: A, in: []}\n  branches:\n    a..b: {push: all}\npushers:\n${two}`,
      ),
    ).toEqual([
      expect.stringMatching(/^ops.yaml:2:11: defaults\.token\.role: got "owner"/),
      expect.stringMatching(/^ops.yaml:3:14: defaults\.variable: got the unknown key "ky"; .*; fix: write key$/),
      expect.stringMatching(/^ops.yaml:3:21: defaults\.variable\.in: got a list of 0/),
      expect.stringMatching(/^ops.yaml:5:5: defaults\.branches\.a\.\.b: got "a\.\.b"/),
      expect.stringMatching(/^ops.yaml:5:12: defaults\.branches\.a\.\.b\.push: got "all"/),
      expect.stringMatching(/^ops.yaml:8:24: pushers\.two\.token\.expires: got nothing/),
    ]);
  });

  test("GIVEN a mistake that only the stack shows THEN it is at the line in defaults", () => {
    const stack = stackOf(
      `${DEFAULTS.replace("push: maintainer", "push: bot")}  one: {target: a/one, token: {expires: 2030-06-01}}\n`,
    );
    expect(stackProblems(stack)).toEqual([
      expect.stringMatching(/ops\.yaml:7:5: \[ops\/one\/Rule main\] got push: bot/),
    ]);
  });

  test.each([
    ["target: a/b", "target"],
    ["token: {expires: 2030-06-01}", "expires"],
    ["variable: {import: true}", "import"],
    ["branches: {main: {push: bot, with: [x]}}", "with"],
  ])("GIVEN %s in defaults THEN it is refused as a pusher's own", (line, key) => {
    expect(problems(`defaults: {${line}}\npushers: {}`)).toEqual([
      expect.stringMatching(new RegExp(`the unknown key "${key}".*fix: write it at each pusher`)),
    ]);
  });

  test("GIVEN tags in defaults and at a pusher THEN it has both, and its own in place of a default one", () => {
    const tags = "defaults:\n  tags: {v*: {create: developer, guard: false}, rc*: {create: developer}}\npushers:\n";
    const { one } = load(`${tags}  one: {target: a/one, token: {expires: 2030-06-01}, tags: {v*: {create: no one}}}\n`)
      .content.pushers;
    expect(byName(one!.tags)).toMatchObject({
      "v*": { create: "no one", guard: true },
      "rc*": { create: "developer" },
    });
  });

  test("GIVEN no branches where defaults has some THEN it is asked which is meant", () => {
    expect(problems(`${DEFAULTS}  one: {target: a/one, token: {expires: 2030-06-01}, branches: {}}\n`)).toEqual([
      expect.stringMatching(/^ops.yaml:9:54: pushers\.one\.branches: got no branches where defaults has 1/),
    ]);
  });

  test("GIVEN defaults that pushers repeat a million times THEN there is an end to it", () => {
    const branches = Array.from({ length: 1500 }, (_, i) => `b${i}: {push: developer}`).join(", ");
    const pushers = Array.from({ length: 400 }, (_, i) => `  p${i}: {target: a/p${i}, token: {expires: 2030-06-01}}\n`);
    expect(problems(`defaults: {branches: {${branches}}}\npushers:\n${pushers.join("")}`)).toEqual([
      expect.stringMatching(/got more than 1000000 values, those that aliases or defaults repeat/),
    ]);
  });

  test("GIVEN a rotation THEN the dates of one pusher change", () => {
    const text = `${DEFAULTS}  one: {target: a/one, token: {expires: 2030-06-01}}\n`;
    const change = { pusher: "one", slot: 0, from: "2030-06-01", to: "2030-12-03" } as const;
    expect(editExpiries("ops.yaml", text, [change])).toEqual({
      text: text.replace("2030-06-01", "2030-12-03"),
      lines: [9],
    });
  });
});
