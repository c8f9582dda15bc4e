/** GitLab's numbers for the names the provider uses. */
const LEVELS: Readonly<Record<string, number>> = {
  "no one": 0,
  minimal: 5,
  guest: 10,
  planner: 15,
  reporter: 20,
  developer: 30,
  maintainer: 40,
  owner: 50,
  admin: 60,
};

const NAMES = new Map(Object.entries(LEVELS).map(([name, level]) => [level, name]));

/** A name the provider does not know is sent as 0 and refused by GitLab, as in the real one. */
export function levelOf(name: string): number {
  return LEVELS[name] ?? 0;
}

/** GitLab leaves the level of user and group entries null in some answers; the Go client reads that as 0. */
export function levelName(level: number | null | undefined): string {
  return NAMES.get(level ?? 0) ?? "";
}
