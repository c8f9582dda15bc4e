import type { ToldGitLab } from "../../estate/reader";
import type { Problem } from "../../gitlab/problem";
import { missingIn, OLDEST_GITLAB } from "../../gitlab/release";
import { CommandError } from "../exit-code";
import type { SynthesizedStack } from "./synthesis";
import { toldGitLab } from "./told-gitlab";

/**
 * Asks GitLab, once, whether it is one that the stacks are written for: no older than what is needed, and of the package that their rules
 * are for. Nothing is said of a GitLab that does not tell.
 * @throws CommandError when it is another one
 */
export async function checkGitLab(stacks: readonly SynthesizedStack[], environment: NodeJS.ProcessEnv): Promise<void> {
  if (stacks.length === 0) return;
  const told = await toldGitLab(environment);
  const problem = releaseProblem(told) ?? stacks.map((stack) => packageProblem(stack, told)).find((each) => each);
  if (problem) throw new CommandError(problem);
}

/** Says what a GitLab that is too old does not have. */
export function releaseProblem({ version = "" }: ToldGitLab): Problem | undefined {
  const missing = missingIn(version);
  if (missing.length === 0) return undefined;
  return {
    got: `GitLab ${version}, without ${missing.join(", ")}`,
    allowed: `${OLDEST_GITLAB} or later`,
    fix: "upgrade GitLab before a deploy; nothing was changed there",
  };
}

/** Says why rules that are written for one package could not be made in a GitLab of the other. */
export function packageProblem(
  { name, configuration }: Pick<SynthesizedStack, "name" | "configuration">,
  told: ToldGitLab,
): Problem | undefined {
  const rules = rulesIn(configuration);
  if (told.enterprise === true && rules.some(isForCommunity)) {
    return {
      of: name,
      got: "package ce for a GitLab that is Enterprise Edition, with a licence or without",
      allowed: "the package that is installed: provider 19 takes rules of branches in another form for each",
      fix: `take package out of ${name}.yaml, or write package: ee`,
    };
  }
  if (told.enterprise === false && rules.some(isForEnterprise)) {
    return {
      of: name,
      got: "rules for Enterprise Edition (package ee, or edition premium) for a GitLab that is Community Edition",
      allowed: "levels alone",
      fix: `write edition: free and package: ce into ${name}.yaml`,
    };
  }
  return undefined;
}

type Rule = Readonly<Record<string, unknown>>;

function rulesIn(configuration: string): Rule[] {
  const [{ resource = {} }] = JSON.parse(configuration) as [{ resource?: Record<string, Record<string, Rule>> }];
  return Object.values(resource.gitlab_branch_protection ?? {});
}

/** Provider 18 writes out who may take a rule away. */
const isForCommunity = (rule: Rule): boolean => "push_access_level" in rule && !("unprotect_access_level" in rule);

const isForEnterprise = (rule: Rule): boolean =>
  Object.keys(rule).some((key) => key.startsWith("allowed_to_")) || rule.code_owner_approval_required === true;
