import { guardsAmong } from "../gitlab/guard";
import type { DeployedState } from "../state/deployed-state";
import type { Stack } from "./stack";

const RULE = /^gitlab_(?:branch|tag)_protection\./;

/**
 * Lets rules outlive their pushers. What the state knows and the stack no longer declares is forgotten, not destroyed; and a destroy of
 * the whole stack fails at its first step, the only one that every other one waits for. (`prevent_destroy` would do as much, but the
 * cdktf command line does not show why a plan failed.)
 *
 * @param moved addresses that are declared under another one
 */
export function protectFromDeletion(stack: Stack, moved: ReadonlySet<string>): void {
  const { tokens, variables, rules, tags } = stack.fleet;
  const removed = undeclaredRules(stack, moved);
  if (removed.length > 0) {
    stack.addOverride(
      "removed",
      removed.map((from) => ({ from, lifecycle: { destroy: false } })),
    );
  }
  if (rules.length + tags.length === 0) return;
  const standing = [...tokens, ...variables, ...rules.filter(({ deferred }) => !deferred), ...tags];
  stack.addOverride("resource.terraform_data.deletion_protection", {
    depends_on: standing.map(({ address }) => address),
    provisioner: {
      "local-exec": { when: "destroy", quiet: true, command: `echo ${refusal(stack.node.id)} && exit 1` },
    },
  });
}

/** Addresses of the rules that the state has and the stack has not. Guards go away with their rules. */
function undeclaredRules({ deployed, fleet }: Stack, moved: ReadonlySet<string>): string[] {
  const rules = [...fleet.rules, ...fleet.tags];
  const declared = new Set(rules.flatMap(({ address, guardThing }) => [address, guardThing?.address]));
  const guards = deployedGuards(deployed);
  return [...deployed.addresses].filter(
    (address) => RULE.test(address) && !declared.has(address) && !guards.has(address) && !moved.has(address),
  );
}

function deployedGuards(deployed: DeployedState): Set<string> {
  const rules = [...deployed.addresses].flatMap((name) => {
    const rule = deployed.rule(name);
    if (!rule) return [];
    const closed = rule.push === "no one" && (rule.isForTags || rule.merge === "no one");
    return [{ name, ...rule, closed }];
  });
  // A rule of branches and one of tags may be called the same.
  const ofKind = (isForTags: boolean) => rules.filter((rule) => rule.isForTags === isForTags);
  const guards = [false, true].flatMap((isForTags) => [...guardsAmong(ofKind(isForTags)).keys()]);
  return new Set(guards.map(({ name }) => name));
}

const refusal = (stack: string): string =>
  `${stack} is protected from deletion, because its branches would be left open. Nothing was destroyed. Fix: set deletion_protection to false in pushers/${stack}.yaml, then destroy again.`;
