import type { IConstruct } from "constructs";
import { samePath } from "../gitlab/project-path";
import { opensBeyond } from "../gitlab/rule";
import type { PushRule } from "./push-rule";
import type { PushToken } from "./push-token";
import type { PushVariable } from "./push-variable";

/** What the stacks of an app declare. */
export interface Fleet {
  readonly tokens: PushToken[];
  readonly variables: PushVariable[];
  readonly rules: PushRule[];
}

/** What a policy has against a construct. */
export interface Finding {
  readonly at: IConstruct;
  readonly message: string;
}

/** Checks that need more than one construct. Each is a pure function of what the app declares. */
export const POLICIES: Readonly<Record<string, (fleet: Fleet) => Finding[]>> = {
  OneRulePerBranch,
  OneTokenPerMark,
  OneVariablePerKeyAndEnvironment,
  NoWildcardOpensBranch,
};

/** The findings of every policy over all stacks of an app. */
export function policyProblems(fleets: readonly Fleet[]): Finding[] {
  const all: Fleet = {
    tokens: fleets.flatMap(({ tokens }) => tokens),
    variables: fleets.flatMap(({ variables }) => variables),
    rules: fleets.flatMap(({ rules }) => rules),
  };
  return Object.values(POLICIES).flatMap((policy) => policy(all));
}

/** Two resources for one rule overwrite each other at each deploy; on the default branch without an error. */
function OneRulePerBranch({ rules }: Fleet): Finding[] {
  const names = rules.flatMap((rule) => [
    { rule, name: rule.branch, guard: false },
    ...(rule.guard === undefined ? [] : [{ rule, name: rule.guard, guard: true }]),
  ]);
  return duplicates(names, ({ rule, name }) => `${samePath(rule.project)}\n${name}`)
    .filter(({ first, again }) => !(first.guard && again.guard))
    .map(({ first, again }) => ({
      at: again.rule,
      message: `got a second rule ${JSON.stringify(again.name)} of ${again.rule.project}, beside ${first.rule.node.path}; allowed: one rule a branch; fix: ${
        first.guard || again.guard
          ? "one of them is the guard of the other's branch: choose another pattern, or set guard: false"
          : "leave it out here: a rule is the project's, not the pusher's (on premium, `with` lets another pusher's bot in)"
      }`,
    }));
}

/** Tokens of one description could not be told apart; two pushers that say they were the same one, for example. */
function OneTokenPerMark({ tokens }: Fleet): Finding[] {
  return duplicates(tokens, ({ mark }) => mark).map(({ first, again }) => ({
    at: again,
    message: `got a second token marked ${again.mark}, beside ${first.node.path}; allowed: one a mark; fix: correct or take out \`was\` of one of them; a new pusher cannot have the id that another one had: choose another`,
  }));
}

/** GitLab refuses the second one with "has already been taken", after the token has been made. */
function OneVariablePerKeyAndEnvironment({ variables }: Fleet): Finding[] {
  return duplicates(
    variables,
    (v) => `${"group" in v.in ? "group " : ""}${samePath(v.home)}\n${v.key}\n${v.environment}`,
  ).map(({ first, again }) => ({
    at: again,
    message: `got a second variable ${again.key} for environment ${JSON.stringify(again.environment)} in ${again.home}, beside ${first.node.path}; allowed: one a key and environment; fix: give one of them another key`,
  }));
}

/** The most permissive of all matching rules decides, so a wildcard can open what a narrower rule closes. */
function NoWildcardOpensBranch({ rules }: Fleet): Finding[] {
  const findings: Finding[] = [];
  for (const ofProject of groups(rules, (rule) => samePath(rule.project)).values()) {
    for (const wide of ofProject.filter(({ rule }) => rule?.pattern.isWildcard)) {
      for (const narrow of ofProject) {
        // A wildcard that matches another one's text matches every branch the other matches.
        if (!wide.rule || !narrow.rule || wide === narrow || !wide.rule.pattern.matches(narrow.branch)) continue;
        const opened = opensBeyond(wide.rule, narrow.rule);
        if (opened.length === 0) continue;
        findings.push({
          at: wide,
          message: `got the wildcard ${JSON.stringify(wide.branch)}, which opens ${JSON.stringify(narrow.branch)} of ${wide.project} for ${opened.join(", ")} although ${narrow.node.path} closes it; allowed: a wildcard no more open than the branches it matches, since GitLab takes the most permissive matching rule; fix: narrow the wildcard, close it as far, or open ${JSON.stringify(narrow.branch)} on purpose`,
        });
      }
    }
  }
  return findings;
}

function duplicates<T>(items: readonly T[], key: (item: T) => string): { first: T; again: T }[] {
  return [...groups(items, key).values()].flatMap(([first, ...rest]) =>
    rest.map((again) => ({ first: first as T, again })),
  );
}

function groups<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of items) {
    const group = found.get(key(item));
    if (group) group.push(item);
    else found.set(key(item), [item]);
  }
  return found;
}
