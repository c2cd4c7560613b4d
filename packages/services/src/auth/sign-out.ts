import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

export const SignOut = z.strictObject({ userId: z.uuid(), sessionId: z.uuid() });
export type SignOut = z.input<typeof SignOut>;

/** Ends one's own session. Ending it twice changes nothing. */
export async function signOut({ runtime, input }: { runtime: Runtime; input: SignOut }): Promise<void> {
  const { userId, sessionId } = parseInput(SignOut, input);
  await runInLookup(runtime.db, { userId }, (tx) =>
    tx.consoleSession.updateMany({ where: { id: sessionId, userId, revokedAt: null }, data: { revokedAt: runtime.now() } }),
  );
}
