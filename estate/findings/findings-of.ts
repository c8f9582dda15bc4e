import type { Estate } from "../estate";
import { defaultBranchOpen, defaultBranchRewritable, wildcardOpens } from "./branches";
import { deployKeyWrites } from "./deploy-keys";
import { type Finding, type FindingRule, SEVERITIES } from "./finding";
import { noTokenNeeded, noTokenNeededAcross } from "./no-token-needed";
import { tokenDiesSoon, tokenFarExpiry, tokenInManyPlaces, tokenUnused, tokenWide } from "./tokens";
import { variableDead, variableReadable, variableUnmasked, variableUnprotected } from "./variables";

/** Every kind of finding, the worst first. */
export const FINDING_RULES: readonly FindingRule[] = [
  wildcardOpens,
  defaultBranchOpen,
  defaultBranchRewritable,
  variableUnprotected,
  variableUnmasked,
  tokenWide,
  variableReadable,
  tokenInManyPlaces,
  tokenFarExpiry,
  tokenDiesSoon,
  variableDead,
  tokenUnused,
  deployKeyWrites,
  noTokenNeeded,
  noTokenNeededAcross,
].sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));

/** All findings in an estate, the worst first. */
export const findingsOf = (estate: Estate): Finding[] =>
  FINDING_RULES.flatMap((rule) => rule.find(estate).map((found) => ({ ...found, rule })));

/** Findings by their kind, in their order. */
export const findingsByRule = (findings: readonly Finding[]): [FindingRule, Finding[]][] => {
  const ids = [...new Set(findings.map(({ rule }) => rule.id))];
  return ids.map((id) => {
    const found = findings.filter(({ rule }) => rule.id === id);
    return [found[0]!.rule, found];
  });
};
