import type { Identity, TokenRecord } from "../../../estate/identities";
import { ifSeen } from "../../../estate/reader";
import { DEVELOPER, roleName } from "../../../gitlab/role";
import type { Facts, TokenFacts } from "../facts";
import { type Link, ok, unknown, wrong } from "../link";
import { isSame } from "../walk";
import { brokenValue, shadowedVariable } from "./variable";

const PUSH_SCOPES = ["write_repository", "api"];

/** Tells whether the credential the job pushes with is alive and good for the target. */
export function examineToken(facts: Facts): Link[] {
  const { pipeline, token, variable, walk } = facts;
  const credential = pipeline?.best && pipeline.best.toTarget !== false ? pipeline.best.push.credential : undefined;
  if (credential?.kind === "job-token") return examineJobToken(facts);
  if (credential?.kind === "none")
    return [unknown("token", "the remote's address has no password; something else of the job must give one")];
  if (credential?.kind === "other" && walk.key === undefined)
    return [unknown("token", `the job pushes with ${credential.what}`)];
  const winner = variable.exposure?.winner;
  if (variable.key !== undefined && !winner) return [];
  // What is told at the variable need not be told twice.
  if (winner && (brokenValue(winner) || shadowedVariable(facts))) return [];
  if (token.identity?.kind === "refused") return [refused(token.identity, facts)];
  if (token.identity?.kind === "token") return [examineRecord(token.identity.token, token, walk.target)];
  return [bySlot(facts)];
}

/** The job token pushes to its own project only, where the setting allows it, with the role of whoever started the job. */
function examineJobToken({ pipeline, source, walk }: Facts): Link[] {
  const job = pipeline?.best?.job.name;
  if (!isSame(walk.source.path, walk.target)) {
    return [wrong("token", "job-token-other-project", `job ${job} of ${walk.source.path} pushes with its job token`)];
  }
  const allowed = ifSeen(source)?.ci_push_repository_for_job_token_allowed;
  if (allowed === undefined)
    return [
      unknown(
        "token",
        `job ${job} pushes with its job token; whether ${walk.source.path} allows it is not shown to this token`,
      ),
    ];
  if (!allowed)
    return [
      wrong(
        "token",
        "job-token-remote",
        `job ${job} pushes to ${remoteName(pipeline?.best?.push.credential)}, which carries CI_JOB_TOKEN; ${walk.source.path} does not allow it to push`,
      ),
    ];
  return [ok("token", `the job token, with the role of whoever starts job ${job}; such a push starts no pipeline`)];
}

const remoteName = (credential: { readonly kind: string; readonly user?: string } | undefined): string =>
  credential?.user === undefined ? "the runner's own origin" : "an address";

function refused({ status }: Extract<Identity, { kind: "refused" }>, { variable, token, walk }: Facts): Link {
  const where = `${variable.key} of ${variable.exposure?.winner?.home}`;
  const dates = token.declared
    .filter(({ active }) => !active)
    .map(({ id, expires_at }) => `token ${id}, expired on ${expires_at}`);
  if (status === "expired") return wrong("token", "token-expired", [where, ...dates.slice(0, 1)].join(": "));
  if (status === "revoked") return wrong("token", "token-revoked", where);
  return wrong(
    "token",
    "token-unknown",
    `the value of ${where} is no token of this GitLab${walk.declared ? ", or one whose record is gone" : ""}`,
  );
}

function examineRecord(
  { name, scopes, user_id, expires_at, id }: TokenRecord,
  { level }: TokenFacts,
  target: string,
): Link {
  const which = `token ${id} (${name}, user ${user_id})`;
  if (!scopes.some((scope) => PUSH_SCOPES.includes(scope))) {
    return wrong("token", "token-scope", `${which} has ${scopes.join(", ") || "no scope"}`);
  }
  if (level === "none") return wrong("token", "token-wrong-project", `${which} is no member of ${target}`);
  if (level === undefined)
    return unknown("token", `${which} is alive; its role in ${target} is not shown to this token`);
  if (level < DEVELOPER) return wrong("token", "token-role", `${which} is ${roleName(level)} of ${target}`);
  return ok(
    "token",
    `${which}: ${scopes.join(", ")}, ${roleName(level)} of ${target}, until ${expires_at ?? "revoked"}`,
  );
}

/** The value is hidden, not shown or not to be tried: what the records of the target tell is all there is. */
function bySlot({ token, walk, now }: Facts): Link {
  const { declared } = walk;
  if (!token.listed.seen)
    return unknown("token", `which token it is, and the tokens of ${walk.target}, are not shown to this token`);
  if (!declared) {
    const living = token.listed.value.filter(
      ({ active, scopes }) => active && scopes.some((scope) => PUSH_SCOPES.includes(scope)),
    );
    return unknown(
      "token",
      `GitLab does not tell which token a variable holds; ${living.length} living project token${living.length === 1 ? "" : "s"} of ${walk.target} may push`,
    );
  }
  const [newest] = token.declared;
  if (!newest) return wrong("token", "token-missing", `no token of ${walk.target} has the mark of ${declared.slot}`);
  if (newest.active) return examineRecord(newest, token, walk.target);
  const expired = newest.expires_at !== null && Date.parse(newest.expires_at) <= now.getTime();
  return newest.revoked && !expired
    ? wrong("token", "token-revoked", `token ${newest.id} of ${declared.slot}`)
    : wrong("token", "token-expired", `token ${newest.id} of ${declared.slot}, on ${newest.expires_at}`);
}
