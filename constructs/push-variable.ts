import { GroupVariable } from "@cdktf/provider-gitlab/lib/group-variable";
import { ProjectVariable } from "@cdktf/provider-gitlab/lib/project-variable";
import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { DEFAULT_VARIABLE_KEY } from "../gitlab/defaults";
import type { Problem } from "../gitlab/problem";
import { groupPathProblem, projectPathProblem } from "../gitlab/project-path";
import { variableKeyProblem } from "../gitlab/variable-key";
import { writtenTextProblem } from "../gitlab/written-text";
import { variableIdentity } from "../state/identity";
import type { Expression } from "./expression";
import type { FleetVariable } from "./fleet";
import { type Stack, stackOf } from "./stack";
import type { ToldThing } from "./thing";
import { check } from "./validation";
import type { VariableHome } from "./variable-home";

const MAX_DESCRIPTION_LENGTH = 255;

export interface PushVariableProps {
  /** The source project or group whose jobs read the variable. Changing it deletes the variable there and makes a new one. */
  readonly in: VariableHome;
  /** The value: that of a token, {@link PushToken.token}. */
  readonly value: Expression;
  /**
   * Limit: 1 to 255 letters, digits and underscores, the first no digit, and none that GitLab, the runner, the shell or a tool in the job
   * reads or sets (`CI_…`, `GITLAB_USER_…`, `PATH`, `GIT_DIR`).
   * @default "GITLAB_PUSHER_TOKEN"
   */
  readonly key?: string;
  /**
   * Environments whose jobs get the variable; `*` is a wildcard. In a group, other scopes than `*` need Premium.
   * @default "*"
   */
  readonly environment?: string;
  /**
   * Only pipelines on protected branches and tags get the variable; on any other ref it is empty. Without it whoever may push any
   * branch can read the token in a job.
   * @default true
   */
  readonly protected?: boolean;
  /**
   * Nobody can read the value in GitLab again, Terraform included: a value changed by hand goes unnoticed until the next rotation.
   * Can be chosen when the variable is made only; later changes replace the variable.
   * @default false
   */
  readonly hidden?: boolean;
  /** Up to 255 characters; tells whose the variable is. @default - names this tool and the construct */
  readonly description?: string;
  /**
   * The variable exists already and is adopted. Take it out again after the deploy that adopted it.
   * @default false
   */
  readonly adopt?: boolean;
}

/**
 * The masked and protected CI/CD variable that hands a push token to jobs.
 *
 * Every optional attribute is written out: what is left out, the provider resets at the next rotation, and an unset `hidden` makes
 * it delete and re-create the variable each time.
 * @see https://docs.gitlab.com/ci/variables/
 */
export class PushVariable extends Construct implements FleetVariable {
  readonly key: string;
  readonly environment: string;
  readonly in: VariableHome;
  /** Terraform address of the variable. */
  readonly address: string;
  readonly identity: string;
  /** Tells whether it exists already and is adopted. */
  readonly adopts: boolean;
  private readonly description: string;

  constructor(scope: Construct, id: string, props: PushVariableProps) {
    super(scope, id);
    const stack = stackOf(this);
    this.in = props.in;
    this.key = props.key ?? DEFAULT_VARIABLE_KEY;
    this.environment = props.environment ?? "*";
    this.adopts = props.adopt ?? false;

    this.description =
      props.description ?? `Push token, managed by gitlab-ci-pusher (${this.node.path}): changes by hand are undone.`;

    const settings = {
      key: this.key,
      value: props.value.as<string>(),
      description: this.description,
      environmentScope: this.environment,
      masked: true,
      hidden: props.hidden ?? false,
      protected: props.protected ?? true,
      raw: true,
      variableType: "env_var",
    };
    const resource =
      "project" in props.in
        ? new ProjectVariable(this, "Default", { ...settings, project: props.in.project })
        : new GroupVariable(this, "Default", { ...settings, group: props.in.group });
    stack.renderLiterally(resource);
    this.address = `${resource.terraformResourceType}.${resource.friendlyUniqueId}`;
    this.identity = variableIdentity("project" in this.in ? "project" : "group", this.home, this.key, this.environment);
    if (this.adopts) stack.adopt(this, this.importId);

    check(this, variableKeyProblem(this.key));
    check(this, "project" in props.in ? projectPathProblem(props.in.project) : groupPathProblem(props.in.group));
    check(this, this.environmentProblem(stack));
    if (this.adopts && props.hidden) {
      check(this, {
        got: "hidden: true for a variable that is adopted",
        allowed: "hidden variables that are made here",
        fix: "delete the old one by hand when no job needs it, and leave import out: GitLab hides new variables only, so adopting would delete and re-create it",
      });
    }
    check(this, this.descriptionProblem());
    if (!settings.protected) Annotations.of(this).addWarning(this.unprotectedAdvice());
    stack.fleet.variables.push(this);
  }

  /** The variable as GitLab would tell of it: the description says whose it is; the value may be of a token only a lost deploy knew. */
  declared(): ToldThing {
    return {
      address: this.address,
      identity: this.identity,
      id: this.importId,
      path: ["project" in this.in ? "projects" : "groups", this.home, "variables", this.key],
      query: { "filter[environment_scope]": this.environment },
      isOurs: ({ description, environment_scope: scope }) =>
        description === this.description && scope === this.environment,
    };
  }

  private get importId(): string {
    return `${this.home}:${this.key}:${this.environment}`;
  }

  /** Full path of the project or group that holds the variable. */
  get home(): string {
    return "project" in this.in ? this.in.project : this.in.group;
  }

  private environmentProblem(stack: Stack): Problem | undefined {
    if (!/^[\w /$.{}*-]{1,255}$/.test(this.environment)) {
      return {
        got: `the environment ${JSON.stringify(this.environment)}`,
        allowed: `1 to 255 letters, digits, spaces and -_/\${}.*`,
        fix: `write "*" for all environments`,
      };
    }
    const written = writtenTextProblem(this.environment);
    if (written) return written;
    if ("group" in this.in && this.environment !== "*" && stack.edition === "free") {
      return {
        got: `the environment ${JSON.stringify(this.environment)} for a group variable`,
        where: "on the free edition",
        allowed: `"*"`,
        fix: "put the variable into the projects, or set the edition to premium if you have it",
      };
    }
    return undefined;
  }

  private descriptionProblem(): Problem | undefined {
    if (this.description.length <= MAX_DESCRIPTION_LENGTH) return undefined;
    return {
      got: `a description of ${this.description.length} characters`,
      allowed: `up to ${MAX_DESCRIPTION_LENGTH}`,
      fix: "shorten it",
    };
  }

  private unprotectedAdvice(): string {
    return `${this.key} is not protected: whoever may push any branch of ${this.home} can read the token in a job`;
  }
}
