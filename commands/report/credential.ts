import type { Estate } from "../../estate/estate";
import { carriersOf, tokenText, variableText } from "../../estate/findings/tokens";
import { roleName } from "../../gitlab/role";

/** A token or key that can push, as the page tells of it. */
export interface Credential {
  readonly name: string;
  /** Full path of what it belongs to; undefined for a person's. */
  readonly home: string | undefined;
  readonly may: string;
  /** Whole days to its last midnight; null = it lives for ever. undefined: what GitLab tells is no date. */
  readonly days: number | null | undefined;
  /** As GitLab tells it. */
  readonly expires: string | null;
  readonly lastUsed: string;
  readonly carriers: readonly string[];
}

const MS_PER_DAY = 86_400_000;

/** All of an estate, the first to die first. */
export function credentialsOf(estate: Estate): Credential[] {
  const { tokens, projects, readAt } = estate;
  const found = [
    ...tokens.map((token) => ({
      name: tokenText(token),
      home: token.home,
      may: [token.level === undefined ? "" : roleName(token.level), token.scopes.join(" ")].filter(Boolean).join(", "),
      ...lifetime(token.expiresAt, readAt),
      lastUsed: usedText(token.lastUsedAt),
      carriers: carriersOf(token, estate).map(variableText),
    })),
    ...projects.flatMap(({ path, deployKeys }) =>
      (deployKeys ?? []).map((key) => ({
        name: `deploy key ${key.title} (${key.id})`,
        home: path,
        may: "write, by SSH",
        ...lifetime(key.expiresAt?.slice(0, 10) ?? null, readAt),
        lastUsed: usedText(key.lastUsedAt),
        carriers: [],
      })),
    ),
  ];
  const rank = ({ days }: Credential) => days ?? Number.MAX_SAFE_INTEGER;
  return found.sort((a, b) => rank(a) - rank(b));
}

function lifetime(expires: string | null, now: Date): Pick<Credential, "days" | "expires"> {
  if (expires === null) return { days: null, expires };
  const midnight = /^\d{4}-\d{2}-\d{2}$/.test(expires) ? Date.parse(expires) : Number.NaN;
  const today = Math.floor(now.getTime() / MS_PER_DAY);
  return { days: Number.isNaN(midnight) ? undefined : midnight / MS_PER_DAY - today, expires };
}

const usedText = (moment: string | null | undefined): string =>
  moment === undefined ? "not told" : (moment?.slice(0, 10) ?? "never");
