import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';

export const ListSessions = z.strictObject({ userId: z.uuid() });
export type ListSessions = z.input<typeof ListSessions>;

export interface SessionView {
  id: string;
  createdAt: Date;
  lastSeenAt: Date;
  expiresAt: Date;
  ip: string | null;
  /** as the browser sent it: untrusted text */
  userAgent: string | null;
}

/** One's own live sessions, last used first. */
export async function listSessions({ runtime, input }: { runtime: Runtime; input: ListSessions }): Promise<SessionView[]> {
  const { userId } = parseInput(ListSessions, input);
  return runInLookup(runtime.db, { userId }, (tx) =>
    tx.consoleSession.findMany({
      where: { userId, revokedAt: null, expiresAt: { gt: runtime.now() } },
      select: { id: true, createdAt: true, lastSeenAt: true, expiresAt: true, ip: true, userAgent: true },
      orderBy: { lastSeenAt: 'desc' },
      take: 100,
    }),
  );
}
