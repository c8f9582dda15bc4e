import { maskingProblem } from "../../../gitlab/masking";
import type { Exposure, PlacedVariable } from "../../../gitlab/variable-exposure";
import { type Facts, onlyMergeRequests } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";
import { isSame } from "../walk";

/** Tells whether the variable with the token reaches the job. */
export function examineVariable(facts: Facts): Link[] {
  const { variable, pipeline, walk } = facts;
  const credential = pipeline?.best?.push.credential;
  if (credential?.kind === "job-token" && walk.key === undefined) return [];
  if (variable.setByJob) {
    return [unknown("variable", `the job sets ${variable.key} itself, to a text that only it knows`)];
  }
  if (variable.key === undefined || !variable.exposure) {
    return [unknown("variable", "no script names one: give its key with --key")];
  }
  const { exposure } = variable;
  const other = otherKey(facts);
  if (other) return [other];
  if (!exposure.winner) return [...withheld(facts, variable.key, exposure)];
  return [...shadowing(facts, exposure), ...reaching(facts, exposure.winner, exposure.uncertain)];
}

/** A key in the script that nothing stands behind, beside a declared one that would do. */
function otherKey({ walk, variable, pipeline }: Facts): Link | undefined {
  const best = pipeline?.best;
  const credential = best?.push.credential;
  if (credential?.kind !== "variable" || !walk.key || credential.key === walk.key || best?.toTarget === false)
    return undefined;
  if (variable.insteadOf) return undefined;
  if (variable.unseen.length > 0) {
    const detail = `job ${best?.job.name} reads ${credential.key}, not ${walk.key}; a group that this token may not see may have it`;
    return unknown("variable", detail);
  }
  return wrong(
    "variable",
    "variable-other-key",
    `job ${best?.job.name} reads ${credential.key}, which is not there; the pusher's is ${walk.key}`,
  );
}

function withheld({ walk, variable, pipeline, source }: Facts, key: string, { withheld: kept }: Exposure): Link[] {
  if (kept.length === 0) {
    // Where the inventory puts it, it must be: only elsewhere a group that is not shown may have it.
    const { unseen } = variable;
    const declared = walk.declared?.homes.some(({ path }) => isSame(path, walk.source.path));
    const complete = unseen.length === 0 || (declared && !unseen.includes(walk.source.path));
    const where = `${walk.source.path} and the groups above it`;
    return [
      complete
        ? wrong("variable", "variable-missing", `${key} is not in ${where}`)
        : unknown("variable", `${key} is not in what this token may see of ${where}`),
    ];
  }
  const closest = kept.find(({ why }) => why === "protected");
  if (!closest) {
    const scopes = kept.map(
      ({ variable: { environment_scope, home } }) => `${JSON.stringify(environment_scope)} in ${home}`,
    );
    const environment = walk.environment ?? pipeline?.best?.job.environment;
    return [
      wrong(
        "variable",
        "variable-environment",
        `${key} is for ${scopes.join(", ")}; the job's environment is ${environment ?? "none"}`,
      ),
    ];
  }
  if (pipeline?.tag) {
    return [
      wrong(
        "variable",
        "variable-protected-tag-unprotected",
        `${key} of ${closest.variable.home} is protected; no rule for tags of ${walk.source.path} protects ${pipeline.ref}`,
      ),
    ];
  }
  // The pipeline is the cause there, and is told at the job.
  if (source?.seen && onlyMergeRequests(pipeline?.best?.job)) return [];
  return [
    wrong(
      "variable",
      "variable-protected-ref-unprotected",
      `${key} of ${closest.variable.home} is protected; no rule of ${walk.source.path} protects ${pipeline?.ref}`,
    ),
  ];
}

function shadowing(facts: Facts, { winner }: Exposure): Link[] {
  const meant = shadowedVariable(facts);
  if (!winner || !meant) return [];
  return [wrong("variable", "variable-shadowed", `${winner.key} of ${winner.home} hides that of ${meant.home}`)];
}

/** The declared variable, or one that differs, that a nearer one is in the way of; undefined when what the job gets is right. */
export function shadowedVariable({ walk, variable, token }: Facts): PlacedVariable | undefined {
  const { winner, shadowed } = variable.exposure ?? {};
  if (!winner || !shadowed || variable.insteadOf) return undefined;
  const homes = walk.declared?.homes.map(({ path }) => path) ?? [];
  const isDeclared = ({ home }: PlacedVariable) => homes.some((declared) => isSame(declared, home));
  const hidden = shadowed.filter(
    ({ value, home }) => home !== winner.home && (value === null || value !== winner.value),
  );
  if (walk.declared) return isDeclared(winner) ? undefined : hidden.find(isDeclared);
  const works = token.identity?.kind === "token" && typeof token.level === "number";
  return works ? undefined : hidden[0];
}

/** The reason why a variable's value is no token at all, in words; undefined when it may be one. */
export function brokenValue({ value, variable_type: type, masked, raw }: PlacedVariable): string | undefined {
  if (type === "file") return "is of type file";
  if (value === "") return "has no value";
  const problem = value === null || masked ? undefined : maskingProblem(value, raw);
  return problem && `is not masked, and cannot be: ${problem}`;
}

function reaching({ variable: { insteadOf, mappedFrom } }: Facts, winner: PlacedVariable, uncertain: boolean): Link[] {
  const { key, home } = winner;
  const broken = brokenValue(winner);
  if (broken) return [wrong("variable", brokenCause(winner), `${key} of ${home} ${broken}`)];
  const as = mappedFrom ? `, as ${mappedFrom}` : "";
  const instead = insteadOf ? ` (not ${insteadOf}, which the pusher declares)` : "";
  const advice = winner.masked ? "" : "; it is not masked: do that";
  if (uncertain)
    return [unknown("variable", `${key} of ${home}${instead} may reach the job: its environment or ref is not known`)];
  return [ok("variable", `${key} of ${home}${instead} reaches the job${as}${advice}`)];
}

const brokenCause = ({ value, variable_type: type }: PlacedVariable) =>
  type === "file" ? "variable-file" : value === "" ? "variable-empty" : "variable-unmaskable";
