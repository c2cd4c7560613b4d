import type { Risk, ToolDefinition } from './definition.ts';

const RANK: Record<Risk, number> = { read: 0, write: 1, open_world: 2, destructive: 3 };

/** The graver of two risks. */
export function pickGraverRisk(a: Risk, b: Risk): Risk {
  return RANK[a] >= RANK[b] ? a : b;
}

/**
 * Risk by the server's own annotations, which are advice from an untrusted party. `assumed`: the server did not say, and a tool that says
 * nothing counts as destructive, never as reading.
 */
export function getDeclaredRisk(definition: ToolDefinition): { risk: Risk; assumed: boolean } {
  const { readOnlyHint, destructiveHint, openWorldHint } = definition.annotations ?? {};
  if (readOnlyHint === true) return { risk: openWorldHint === true ? 'open_world' : 'read', assumed: false };
  if (destructiveHint === false) return { risk: openWorldHint === true ? 'open_world' : 'write', assumed: false };
  return { risk: 'destructive', assumed: destructiveHint === undefined };
}

/** What there is to say about the risk of a tool before anybody decides. */
export interface RiskOpinions {
  declared: Risk;
  /** what its name, description and arguments suggest */
  named: Risk;
  /** what was decided on the tool of this name before, if anything was */
  decided: Risk | null;
}

/** The gravest opinion. Its server writes two of them, so a lower one of these lowers nothing. */
export function weighRisk({ declared, named, decided }: RiskOpinions): Risk {
  return [named, decided ?? 'read'].reduce(pickGraverRisk, declared);
}

/** True when the chosen risk is below what weighs. Raising is free. */
export function isLowered(weighed: Risk, chosen: Risk): boolean {
  return RANK[chosen] < RANK[weighed];
}

/** True when approving a tool takes two people: it counts as destructive, or is to count as less than what weighs. */
export function takesTwoPeople(weighed: Risk, chosen: Risk): boolean {
  return weighed === 'destructive' || chosen === 'destructive' || isLowered(weighed, chosen);
}
