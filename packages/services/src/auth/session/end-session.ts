import { z } from 'zod';

import { runInLookup, type TenantTx } from '@gatehouse/db/tenant';

import { parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';

/** One of a person's own sessions: nobody ends another's. */
export const EndSession = z.strictObject({ userId: z.uuid(), sessionId: z.uuid() });
export type EndSession = z.input<typeof EndSession>;

/** Ends a session at once. False when there was nothing to end. */
export async function endSession(runtime: Runtime, input: EndSession): Promise<boolean> {
  const { userId, sessionId } = parseInput(EndSession, input);
  const { count } = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.consoleSession.updateMany({ where: { id: sessionId, userId, revokedAt: null }, data: { revokedAt: runtime.now() } }),
  );
  return count > 0;
}

/** Ends all sessions of an account but one; null: all. Needs the user id presented in `tx`. Returns how many there were. */
export async function endSessions(
  tx: TenantTx,
  { userId, now, keepSessionId }: { userId: string; now: Date; keepSessionId: string | null },
): Promise<number> {
  const { count } = await tx.consoleSession.updateMany({
    where: { userId, revokedAt: null, ...(keepSessionId === null ? {} : { id: { not: keepSessionId } }) },
    data: { revokedAt: now },
  });
  return count;
}
