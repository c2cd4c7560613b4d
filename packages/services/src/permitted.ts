/** Whether something may be done, and the reason when not: shown before anyone tries, and what the refusal says. */
export type Permitted = { ok: true; reason: null } | { ok: false; reason: string };

export const PERMITTED: Permitted = { ok: true, reason: null };

/** A refusal, in a sentence or two: why, and who can. */
export function denyFor(reason: string): Permitted {
  return { ok: false, reason };
}
