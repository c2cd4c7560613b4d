import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { createNotFoundError, parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

export const RevokeSession = z.strictObject({ userId: z.uuid(), sessionId: z.uuid() });
export type RevokeSession = z.input<typeof RevokeSession>;

/** Ends another of one's own sessions at once. Throws `not_found` for anybody else's. */
export async function revokeSession({ runtime, input }: { runtime: Runtime; input: RevokeSession }): Promise<void> {
  const { userId, sessionId } = parseInput(RevokeSession, input);
  const { count } = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.consoleSession.updateMany({ where: { id: sessionId, userId, revokedAt: null }, data: { revokedAt: runtime.now() } }),
  );
  if (count === 0) throw createNotFoundError('session');
}
