import { MAINTAINER, roleName } from "../../gitlab/role";
import type { Estate, TokenPicture, VariablePicture } from "../estate";
import { few } from "./few";
import type { FindingRule, Found } from "./finding";

/** Days. GitLab's own limit for tokens is a year. */
const FAR = 366;
const SOON = 30;
const LONG_UNUSED = 90;

/** All that Git needs. */
const GIT_SCOPES = ["write_repository", "read_repository"];

export const tokenWide: FindingRule = {
  id: "token-wide",
  severity: "danger",
  title: "a token can do more than push where it has to",
  allowed:
    "a project access token of the one project, scope write_repository, the least role that its branches ask for",
  fix: "declare a pusher, deploy it, let the jobs take its variable, then revoke this token",
  find: (estate) => ofTokens(estate, (token) => widths(token, estate).join(", ")),
};

function widths(token: TokenPicture, { projects }: Estate): string[] {
  const more = token.scopes.filter((scope) => !GIT_SCOPES.includes(scope));
  return [
    ...(token.kind === "personal" ? ["may whatever its person may, in all their projects"] : []),
    ...(token.kind === "group" ? [`reaches every project of group ${token.home ?? "it belongs to"}`] : []),
    ...(more.length > 0 ? [`scopes ${more.join(", ")}`] : []),
    ...(isRoleNeeded(token, projects)
      ? []
      : [`role ${roleName(token.level as number)}, though a Developer may push to the same branches`]),
  ];
}

/** Tells whether a token that is more than a Developer's gets in somewhere for that reason. What is not known counts as needed. */
function isRoleNeeded({ id, level, userId, home }: TokenPicture, projects: Estate["projects"]): boolean {
  const reached = projects.filter(({ path }) => path === home || path.startsWith(`${home}/`));
  const isKnown = reached.length > 0 && reached.every(({ branches }) => branches !== undefined);
  if (level === undefined || level < MAINTAINER || !isKnown) return true;
  return reached
    .flatMap(({ branches }) => branches ?? [])
    .filter(({ tokens, protected: closed }) => closed && tokens.includes(id))
    .some(
      ({ push }) =>
        !push.some((who) => (who.kind === "role" ? who.level < MAINTAINER : who.kind === "user" && who.id === userId)),
    );
}

export const tokenFarExpiry: FindingRule = {
  id: "token-far-expiry",
  severity: "warning",
  title: "a token lives for ever, or for long",
  allowed: "an expiry date within a year",
  fix: "rotate it to a near date, or declare a pusher in its place",
  find: (estate) =>
    ofTokens(estate, ({ expiresAt }) => {
      if (expiresAt === null) return "no expiry date";
      return daysTo(expiresAt, estate.readAt) > FAR ? `expires on ${expiresAt}` : "";
    }),
};

export const tokenDiesSoon: FindingRule = {
  id: "token-dies-soon",
  severity: "warning",
  title: "a token dies soon",
  allowed: `more than ${SOON} days to live, or nobody who pushes with it`,
  fix: "rotate it (`npx gitlab-ci-pusher rotate --due` where an inventory declares it), and give its variables the new value",
  find: (estate) =>
    ofTokens(estate, ({ expiresAt }) =>
      expiresAt !== null && daysTo(expiresAt, estate.readAt) <= SOON ? `expires on ${expiresAt}` : "",
    ),
};

export const tokenUnused: FindingRule = {
  id: "token-unused",
  severity: "warning",
  title: "nobody uses a token",
  allowed: "no credential that nobody needs",
  fix: "revoke it once its owner agrees",
  // The second slot of a pusher waits for its turn.
  find: (estate) => ofTokens(estate, (token) => (token.slot === undefined ? unused(token, estate.readAt) : "")),
};

function unused({ lastUsedAt, createdAt }: TokenPicture, now: Date): string {
  if (lastUsedAt) return daysSince(lastUsedAt, now) > LONG_UNUSED ? `last used on ${lastUsedAt.slice(0, 10)}` : "";
  const isOld = createdAt !== undefined && daysSince(createdAt, now) > SOON;
  return lastUsedAt === null && isOld ? `never used since ${createdAt.slice(0, 10)}` : "";
}

export const tokenInManyPlaces: FindingRule = {
  id: "token-in-many-places",
  severity: "warning",
  title: "one token is in many places",
  allowed: "one variable for each token, or a pusher that switches all of its variables at once",
  fix: "declare a pusher with these projects in variable.in, or one for each",
  find: (estate) =>
    ofTokens(estate, (token) => {
      const carriers = carriersOf(token, estate);
      return token.slot === undefined && carriers.length > 1 ? `in ${few(carriers.map(variableText))}` : "";
    }),
};

/** The variables that carry a token. */
export const carriersOf = ({ id }: TokenPicture, { variables }: Estate): VariablePicture[] =>
  variables.filter(({ carries }) => carries.kind === "token" && carries.token === id);

/** `GITLAB_TOKEN of group xlink` */
export const variableText = ({ key, environment, home }: VariablePicture): string =>
  `${key}${environment === "*" ? "" : ` (${environment})`} of ${home.kind} ${home.path}`;

/** `token deploy (12)`, with whose it is where that is no project. */
export const tokenText = ({ id, name, kind, username }: TokenPicture): string =>
  `${kind === "personal" ? `personal token of ${username}:` : kind === "group" ? "group token" : "token"} ${name} (${id})`;

const ofTokens = ({ tokens }: Estate, words: (token: TokenPicture) => string): Found[] =>
  tokens.flatMap((token) => {
    const got = words(token);
    return got === "" ? [] : [{ place: token.home, subject: tokenText(token), got }];
  });

const daysTo = (date: string, now: Date): number => -daysSince(date, now);

const daysSince = (moment: string, now: Date): number => (now.getTime() - Date.parse(moment)) / 86_400_000;
