import { formOf, maybe, optional, text, yesOrNo } from "./answer-form";
import { wildcardCovers } from "./wildcard";

/** A CI/CD variable of a project or of a group above it. */
export interface CiVariable {
  readonly key: string;
  /** null: hidden, GitLab shows it to nobody. */
  readonly value: string | null;
  readonly protected: boolean;
  readonly masked: boolean;
  readonly hidden?: boolean;
  readonly raw: boolean;
  readonly variable_type: "env_var" | "file";
  readonly environment_scope: string;
  /** GitLab 16.2. */
  readonly description?: string | null;
}

export const CI_VARIABLE = formOf<CiVariable>({
  key: text,
  value: maybe(text),
  protected: yesOrNo,
  masked: yesOrNo,
  hidden: optional(yesOrNo),
  raw: optional(yesOrNo),
  variable_type: text,
  environment_scope: text,
  description: maybe(text),
});

/** A variable and where it stands in GitLab's order of precedence. */
export interface PlacedVariable extends CiVariable {
  /** 0: the project's own; 1: the nearest group's; and so on upwards. */
  readonly distance: number;
  /** Full path of the project or group. */
  readonly home: string;
}

/** The job that reads the variable. */
export interface ReadingJob {
  /** null: the job has none; undefined: not known. */
  readonly environment: string | null | undefined;
  /** Tells whether protected variables are given to it; undefined: not known. */
  readonly exposesProtected: boolean | undefined;
}

/** The reason why a variable does not reach a job. */
export type Withheld = "protected" | "environment";

export interface Exposure {
  /** The variable that the job gets; undefined when nothing reaches it. */
  readonly winner?: PlacedVariable;
  /** Would reach the job too, were it not for the winner. */
  readonly shadowed: readonly PlacedVariable[];
  readonly withheld: readonly { readonly variable: PlacedVariable; readonly why: Withheld }[];
  /** Tells whether the environment or the ref is not known well enough to be sure. */
  readonly uncertain: boolean;
}

/**
 * Picks the one of the variables of one key that a job gets: the project's before the nearest group's before upper groups', and in each the most
 * exact environment scope. Protected ones only where the job's ref is protected; otherwise the job gets no error but an empty variable.
 * @see https://docs.gitlab.com/ci/variables/#cicd-variable-precedence
 */
export function exposure(variables: readonly PlacedVariable[], job: ReadingJob): Exposure {
  const verdicts = variables.map((variable) => ({ variable, why: withheldBy(variable, job) }));
  const reaching = verdicts
    .filter(({ why }) => why === undefined || why === "unknown")
    .map(({ variable }) => variable)
    .sort((a, b) => a.distance - b.distance || weight(b) - weight(a));
  const [winner, ...shadowed] = reaching;
  return {
    winner,
    shadowed,
    withheld: verdicts.flatMap(({ variable, why }) => (why && why !== "unknown" ? [{ variable, why }] : [])),
    uncertain: verdicts.some(({ why }) => why === "unknown"),
  };
}

function withheldBy(variable: PlacedVariable, job: ReadingJob): Withheld | "unknown" | undefined {
  const scoped = variable.environment_scope !== "*";
  if (scoped && job.environment !== undefined && !scopeCovers(variable, job.environment)) return "environment";
  if (variable.protected && job.exposesProtected === false) return "protected";
  if ((scoped && job.environment === undefined) || (variable.protected && job.exposesProtected === undefined))
    return "unknown";
  return undefined;
}

/** A scope other than `*` needs a job with an environment. */
const scopeCovers = ({ environment_scope }: CiVariable, environment: string | null): boolean =>
  environment !== null && wildcardCovers(environment_scope, environment);

/** The more literal a scope, the stronger. */
function weight({ environment_scope: scope }: CiVariable): number {
  if (scope === "*") return 0;
  return scope.includes("*") ? scope.length : Number.MAX_SAFE_INTEGER;
}
