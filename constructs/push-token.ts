import { ProjectAccessToken } from "@cdktf/provider-gitlab/lib/project-access-token";
import { Annotations } from "cdktf";
import { Construct } from "constructs";
import type { BotRole } from "../gitlab/access-level";
import { DEFAULT_TOKEN_NAME } from "../gitlab/defaults";
import { ExpiryDate } from "../gitlab/expiry-date";
import type { Problem } from "../gitlab/problem";
import { projectPathProblem } from "../gitlab/project-path";
import { markOf } from "../gitlab/token-mark";
import { writtenTextProblem } from "../gitlab/written-text";
import { tokenIdentity } from "../state/identity";
import { Expression } from "./expression";
import type { FleetToken } from "./fleet";
import { stackOf } from "./stack";
import { untraced } from "./untraced";
import { check, parsed, ValidationError } from "./validation";

/** The only scope a push over HTTPS needs. It gives no access to the API. */
export const PUSH_SCOPE = "write_repository";

/** Days before its expiry from which a token is announced at each synth. */
export const EXPIRES_SOON = 30;

const MAX_NAME_LENGTH = 255;

export interface PushTokenProps {
  /** Full path of the target project, `namespace/project`. Changing it replaces the token and its bot. */
  readonly project: string;
  /**
   * The day the token dies, a text `YYYY-MM-DD` or its value, at 00:00 UTC. A later date rotates the token in place: the bot stays, the value changes.
   * Limit: in the future, at most {@link PusherStackProps.lifetimeLimit} days from now.
   */
  readonly expires: string | ExpiryDate;
  /**
   * Role of the bot in the project.
   * @default "developer"
   */
  readonly role?: BotRole;
  /**
   * Name of the token, also the bot's display name; everybody who sees the project sees it. Changing it replaces the token.
   * Limit: 1 to 255 characters.
   * @default "GITLAB_CI_PUSHER"
   */
  readonly name?: string;
  /**
   * Construct path that tells this token from others in GitLab, where it was first declared at another one. Changing it replaces the token.
   * @default - the path of this construct, `stack/pusher/Token`
   */
  readonly mark?: string;
}

/**
 * One project access token that may push, and the bot GitLab makes for it.
 *
 * Whatever would replace the token by accident (description, scopes, role default) is written out and never changes by itself.
 * @see https://docs.gitlab.com/user/project/settings/project_access_tokens/
 */
export class PushToken extends Construct implements FleetToken {
  /** The token's value. Sensitive: put it nowhere but into a {@link PushVariable}. */
  readonly token: Expression;
  /** The bot's user id. It survives rotation. */
  readonly userId: Expression;
  /** Terraform address of the token. */
  readonly address: string;
  /** Undefined when {@link PushTokenProps.expires} is no date, which fails the synth. */
  readonly expires: ExpiryDate | undefined;
  readonly project: string;
  readonly role: BotRole;
  readonly name: string;
  /** The text that tells this token from others in GitLab: its path, or an earlier one. */
  readonly mark: string;
  readonly identity: string;

  constructor(scope: Construct, id: string, props: PushTokenProps) {
    super(scope, id);
    const stack = stackOf(this);
    this.project = props.project;
    this.role = props.role ?? "developer";
    this.name = props.name ?? DEFAULT_TOKEN_NAME;
    this.mark = props.mark ?? this.node.path;
    this.identity = tokenIdentity(this.mark);
    this.expires = parsed(this, props.expires, ExpiryDate.parse);

    const resource = untraced(
      () =>
        new ProjectAccessToken(this, "Default", {
          project: this.project,
          name: this.name,
          description: markOf(this.mark),
          scopes: [PUSH_SCOPE],
          accessLevel: this.role,
          expiresAt: String(props.expires),
          // From creation on: setting it later would be an update, and every update of a token rotates it.
          validatePastExpirationDate: true,
          // A token that must be replaced, or whose slot goes away, lives until the variable carries the other one.
          lifecycle: { createBeforeDestroy: true },
        }),
    );
    stack.renderLiterally(resource);
    this.address = `gitlab_project_access_token.${resource.friendlyUniqueId}`;
    this.token = Expression.attribute(this.address, "token");
    this.userId = Expression.attribute(this.address, "user_id");

    check(this, projectPathProblem(props.project));
    check(this, () => this.expires?.problem(stack.now, stack.lifetimeLimit));
    check(this, this.nameProblem());
    const advice = this.advice(stack.now);
    if (advice) Annotations.of(this).addWarning(advice);
    stack.fleet.tokens.push(this);
  }

  /** Project access tokens cannot be adopted: GitLab tells the value of a token only when it makes or rotates it. */
  static importFrom(id: string): never {
    throw new ValidationError({
      got: `the existing token ${JSON.stringify(id)}`,
      allowed: "a new token only",
      fix:
        "declare a new one, deploy, then revoke the old one in GitLab. A token cannot be adopted: GitLab tells its value only when it is " +
        "made or rotated, so an imported one would put an empty value into the variable",
    });
  }

  /** The bot's user id as the state has it, where the next deploy leaves the token its bot; undefined where that is not known. */
  get knownUserId(): number | undefined {
    const { revoked, bot } = stackOf(this).deployed.tokens.get(this.mark) ?? {};
    const stays = bot && !revoked && bot.project === this.project && bot.name === this.name && bot.role === this.role;
    return stays ? bot.userId : undefined;
  }

  private nameProblem(): Problem | undefined {
    const written = writtenTextProblem(this.name);
    if (written) return written;
    if (this.name.trim() !== "" && this.name.length <= MAX_NAME_LENGTH) return undefined;
    return {
      got: `a name of ${this.name.length} characters`,
      allowed: `1 to ${MAX_NAME_LENGTH}`,
      fix: `name the token after its use, such as ${DEFAULT_TOKEN_NAME}`,
    };
  }

  private advice(now: Date): string | undefined {
    const days = this.expires?.daysAfter(now);
    if (days === undefined || days > EXPIRES_SOON || days <= 0) return undefined;
    return `expires on ${this.expires?.text}, in ${days} day${days === 1 ? "" : "s"}: bump the date and deploy before then`;
  }
}
