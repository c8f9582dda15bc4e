import type { Estate } from "../../estate/estate";
import type { Finding } from "../../estate/findings/finding";
import { readEstate } from "../../estate/read-estate";
import { ApiClient } from "../../gitlab/api-client";
import { requireBaseUrl } from "../../gitlab/base-url";
import type { CommandContext } from "../context";
import { CommandError, ExitCode } from "../exit-code";
import { during } from "../progress";

/** Projects after which a person wants to know how far it is. */
const STEP = 50;

/**
 * Reads the estate of groups and projects with the operator's token, and tells on standard error how far it is.
 * @throws ExpectedError when there is no token, a path is none, or GitLab does not answer
 */
export function askedEstate(
  paths: readonly string[],
  { checkValues }: { readonly checkValues: boolean },
  { environment, now, stderr }: CommandContext,
): Promise<Estate> {
  const client = clientOf(environment);
  const progress = (read: number, all: number) => {
    if (read % STEP === 0 && read < all) stderr.write(`${read} of ${all} projects read …\n`);
  };
  return during(`Asking ${client.baseUrl}`, readEstate(client, paths, { now: now(), checkValues, progress }), stderr);
}

/** The exit code of a command that showed an estate. */
export function exitCodeOf(estate: Estate, findings: readonly Finding[]): ExitCode {
  if (findings.length > 0) return ExitCode.finding;
  return isBlind(estate) ? ExitCode.usage : ExitCode.ok;
}

/** Tells whether nothing was seen that could be judged. */
const isBlind = ({ projects }: Estate): boolean =>
  projects.length > 0 && projects.every(({ branches }) => branches === undefined);

function clientOf(environment: CommandContext["environment"]): ApiClient {
  const { GITLAB_TOKEN: token } = environment;
  if (token) return new ApiClient({ baseUrl: requireBaseUrl(environment), token });
  throw new CommandError({
    got: "no GITLAB_TOKEN",
    allowed: "an access token with scope read_api",
    fix: "export GITLAB_TOKEN, of a Maintainer of the projects or an Owner of the groups",
  });
}
