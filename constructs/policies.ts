import type { IConstruct } from "constructs";
import type { BranchPattern } from "../gitlab/branch-pattern";
import type { Problem } from "../gitlab/problem";
import { samePath } from "../gitlab/project-path";
import { opensBeyond, opensTagsBeyond } from "../gitlab/rule";
import type { Fleet } from "./fleet";

/** An objection of a policy to a construct. */
export interface Finding {
  readonly at: IConstruct;
  readonly problem: Problem;
}

/** Checks that need more than one construct. Each is a pure function of what the app declares. */
export const POLICIES: Readonly<Record<string, (fleet: Fleet) => Finding[]>> = {
  OneRulePerBranch,
  OneRulePerTag,
  OneTokenPerMark,
  OneVariablePerKeyAndEnvironment,
  NoWildcardOpensBranch,
  NoWildcardOpensTag,
};

/** The findings of every policy over all stacks of an app. */
export function policyProblems(fleets: readonly Fleet[]): Finding[] {
  const all: Fleet = {
    tokens: fleets.flatMap(({ tokens }) => tokens),
    variables: fleets.flatMap(({ variables }) => variables),
    rules: fleets.flatMap(({ rules }) => rules),
    tags: fleets.flatMap(({ tags }) => tags),
  };
  return Object.values(POLICIES).flatMap((policy) => policy(all));
}

/** Two resources for one rule overwrite each other at each deploy; on the default branch without an error. */
function OneRulePerBranch({ rules }: Fleet): Finding[] {
  return repeatedRules(
    rules.map((at) => ({ at, project: at.project, name: at.branch, guard: at.guard })),
    "branch",
  );
}

/** The provider takes every rule over that is there, so that two resources for one undo each other's work at each deploy. */
function OneRulePerTag({ tags }: Fleet): Finding[] {
  return repeatedRules(
    tags.map((at) => ({ at, project: at.project, name: at.tag, guard: at.guard })),
    "tag",
  );
}

/** A rule with its guard, as GitLab lists them. */
interface NamedRule {
  readonly at: IConstruct;
  readonly project: string;
  readonly name: string;
  readonly guard?: string;
}

function repeatedRules(rules: readonly NamedRule[], kind: "branch" | "tag"): Finding[] {
  const names = rules.flatMap(({ at, project, name, guard }) => [
    { at, project, name, isGuard: false },
    ...(guard === undefined ? [] : [{ at, project, name: guard, isGuard: true }]),
  ]);
  return duplicates(names, ({ project, name }) => `${samePath(project)}\n${name}`)
    .filter(({ first, again }) => !(first.isGuard && again.isGuard))
    .map(({ first, again }) => ({
      at: again.at,
      problem: {
        got: `a second rule ${JSON.stringify(again.name)} of ${again.project}, beside ${first.at.node.path}`,
        allowed: `one rule a ${kind}`,
        fix: `${
          first.isGuard || again.isGuard
            ? `one of them is the guard of the other's ${kind}: choose another pattern, or set guard: false`
            : `leave it out here: a rule is the project's, not the pusher's (on premium, \`with\` lets another pusher's bot in)`
        }`,
      },
    }));
}

/** Tokens of one description could not be told apart; two pushers that say they were the same one, for example. */
function OneTokenPerMark({ tokens }: Fleet): Finding[] {
  return duplicates(tokens, ({ mark }) => mark).map(({ first, again }) => ({
    at: again,
    problem: {
      got: `a second token marked ${again.mark}, beside ${first.node.path}`,
      allowed: "one a mark",
      fix: `correct or take out \`was\` of one of them; a new pusher cannot have the id that another one had: choose another`,
    },
  }));
}

/** GitLab refuses the second one with "has already been taken", after the token has been made. */
function OneVariablePerKeyAndEnvironment({ variables }: Fleet): Finding[] {
  return duplicates(
    variables,
    (v) => `${"group" in v.in ? "group " : ""}${samePath(v.home)}\n${v.key}\n${v.environment}`,
  ).map(({ first, again }) => ({
    at: again,
    problem: {
      got: `a second variable ${again.key} for environment ${JSON.stringify(again.environment)} in ${again.home}, beside ${first.node.path}`,
      allowed: "one a key and environment",
      fix: "give one of them another key",
    },
  }));
}

/** The most permissive of all matching rules decides, so a wildcard can open what a narrower rule closes. */
function NoWildcardOpensBranch({ rules }: Fleet): Finding[] {
  const known = rules.flatMap((at) => (at.rule ? [{ at, project: at.project, name: at.branch, rule: at.rule }] : []));
  return openings(known, "branches", opensBeyond);
}

/** The same for tags. */
function NoWildcardOpensTag({ tags }: Fleet): Finding[] {
  const known = tags.flatMap((at) => (at.rule ? [{ at, project: at.project, name: at.tag, rule: at.rule }] : []));
  return openings(known, "tags", opensTagsBeyond);
}

function openings<R extends { readonly pattern: BranchPattern }>(
  all: readonly { readonly at: IConstruct; readonly project: string; readonly name: string; readonly rule: R }[],
  kind: "branches" | "tags",
  opens: (wide: R, narrow: R) => string[],
): Finding[] {
  const findings: Finding[] = [];
  for (const ofProject of groups(all, ({ project }) => samePath(project)).values()) {
    for (const wide of ofProject.filter(({ rule }) => rule.pattern.isWildcard)) {
      for (const narrow of ofProject) {
        // A wildcard that matches another one's text matches everything the other matches.
        if (wide === narrow || !wide.rule.pattern.matches(narrow.name)) continue;
        const opened = opens(wide.rule, narrow.rule);
        if (opened.length === 0) continue;
        findings.push({
          at: wide.at,
          problem: {
            got: `the wildcard ${JSON.stringify(wide.name)}, which opens ${JSON.stringify(narrow.name)} of ${wide.project} for ${opened.join(", ")} although ${narrow.at.node.path} closes it`,
            allowed: `a wildcard no more open than the ${kind} it matches, since GitLab takes the most permissive matching rule`,
            fix: `narrow the wildcard, close it as far, or open ${JSON.stringify(narrow.name)} on purpose`,
          },
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
