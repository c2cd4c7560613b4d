import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import type { Runtime } from '../runtime.ts';

const SEEN_EVERY_MS = 60_000;

export const CheckSession = z.strictObject({ sessionId: z.uuid() });
export type CheckSession = z.input<typeof CheckSession>;

/** Who a console session belongs to; null when it is unknown, ended, revoked, or its person disabled. Also keeps when it was last used. */
export async function checkSession({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: CheckSession;
}): Promise<{ userId: string; name: string; passwordDue: boolean } | null> {
  const parsed = CheckSession.safeParse(input);
  if (!parsed.success) return null;
  const id = parsed.data.sessionId;
  const now = runtime.now();
  const session = await runInLookup(runtime.db, { lookup: id }, (tx) => tx.consoleSession.findUnique({ where: { id } }));
  if (!session || session.revokedAt || session.expiresAt <= now) return null;

  const { userId } = session;
  const user = await runInLookup(runtime.db, { userId }, async (tx) => {
    const seenBefore = new Date(now.getTime() - SEEN_EVERY_MS);
    await tx.consoleSession.updateMany({ where: { id, lastSeenAt: { lt: seenBefore } }, data: { lastSeenAt: now } });
    return tx.user.findUnique({ where: { id: userId } });
  });
  if (!user || user.disabledAt) return null;
  return { userId, name: user.name, passwordDue: user.passwordDue };
}
