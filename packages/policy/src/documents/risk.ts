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

/** True when a tool counts as destructive: what the server declares, or leaves open, weighs as much as what a reviewer sets. */
export function isDestructive(declared: Risk, chosen: Risk): boolean {
  return declared === 'destructive' || chosen === 'destructive';
}
