const SECONDS: Record<string, number> = {
  second: 1,
  sec: 1,
  s: 1,
  minute: 60,
  min: 60,
  m: 60,
  hour: 3_600,
  hr: 3_600,
  h: 3_600,
  day: 86_400,
  d: 86_400,
  week: 604_800,
  wk: 604_800,
  w: 604_800,
  month: 2_592_000,
  mo: 2_592_000,
  mos: 2_592_000,
  year: 31_557_600,
  yr: 31_557_600,
  y: 31_557_600,
};

/**
 * `artifacts:expire_in` in seconds: `1 week`, `3 mins 4 sec`, `2 h 20 min`, `42` (seconds).
 *
 * @returns undefined for `never`, and for what GitLab cannot read either: kept for ever
 */
export function artifactLifetime(text: string): number | undefined {
  const parts = text.toLowerCase().match(/\d+(?:\.\d+)?\s*[a-z]*/g) ?? [];
  const seconds = parts.map((part) => {
    const [, amount = "", unit = ""] = /^([\d.]+)\s*([a-z]*)$/.exec(part) ?? [];
    return Number(amount) * (unit === "" ? 1 : (SECONDS[unit] ?? SECONDS[unit.replace(/s$/, "")] ?? Number.NaN));
  });
  const sum = seconds.reduce((total, one) => total + one, 0);
  return sum > 0 ? sum : undefined;
}
