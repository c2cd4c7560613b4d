import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { createNotFoundError, parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

/** One of a person's own sessions: nobody ends another's. */
export const EndSession = z.strictObject({ userId: z.uuid(), sessionId: z.uuid() });
export type EndSession = z.input<typeof EndSession>;

/** What a person names of a session to revoke; whose it is, their own session says. */
export const RevokeSession = EndSession.pick({ sessionId: true });

/** Signs out the session one acts in. Doing so twice changes nothing. */
export async function signOut({ runtime, input }: { runtime: Runtime; input: EndSession }): Promise<void> {
  await endSession(runtime, input);
}

/** Signs out another of one's own sessions at once. Throws `not_found` for anybody else's, and for one that has ended. */
export async function revokeSession({ runtime, input }: { runtime: Runtime; input: EndSession }): Promise<void> {
  if (!(await endSession(runtime, input))) throw createNotFoundError('session');
}

/** False when there was nothing to end. */
async function endSession(runtime: Runtime, input: EndSession): Promise<boolean> {
  const { userId, sessionId } = parseInput(EndSession, input);
  const { count } = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.consoleSession.updateMany({ where: { id: sessionId, userId, revokedAt: null }, data: { revokedAt: runtime.now() } }),
  );
  return count > 0;
}
