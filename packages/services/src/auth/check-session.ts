import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import type { Runtime } from '../runtime.ts';

const SEEN_EVERY_MS = 60_000;

export const CheckSession = z.strictObject({ sessionId: z.uuid(), userId: z.uuid() });
export type CheckSession = z.input<typeof CheckSession>;

/** The person behind a live console session. */
export interface SignedInUser {
  userId: string;
  sessionId: string;
  name: string;
  /** somebody else chose the password, or has asked that it is changed: nothing else is open before */
  passwordDue: boolean;
  /** IANA name of the zone in which the person reads times; null: the browser's */
  timeZone: string | null;
}

/**
 * The person whose console session this is; null when it is unknown, another's, ended, its person disabled, or the last workspace that it
 * opened has signed the person out. Asked for every request, so that an ended session is out at once. Also keeps when it was last used.
 */
export async function checkSession({
  runtime,
  input,
}: {
  runtime: Pick<Runtime, 'db' | 'now'>;
  input: CheckSession;
}): Promise<SignedInUser | null> {
  const parsed = CheckSession.safeParse(input);
  if (!parsed.success) return null;
  const { sessionId, userId } = parsed.data;
  const now = runtime.now();
  return runInLookup(runtime.db, { userId }, async (tx) => {
    const session = await tx.consoleSession.findFirst({
      where: { id: sessionId, userId, revokedAt: null, expiresAt: { gt: now }, user: { disabledAt: null } },
      select: { createdAt: true, lastSeenAt: true, user: { select: { name: true, passwordDue: true, timeZone: true } } },
    });
    if (!session) return null;
    const memberships = await tx.membership.findMany({ where: { userId }, select: { endedAt: true, signedOutAt: true } });
    const over = memberships.filter((membership) => isSignedOut(membership, session));
    const isOpen = memberships.some((membership) => membership.endedAt === null && !over.includes(membership));
    if (over.length > 0 && !isOpen) return null;
    if (now.getTime() - session.lastSeenAt.getTime() > SEEN_EVERY_MS) {
      await tx.consoleSession.updateMany({ where: { id: sessionId, userId }, data: { lastSeenAt: now } });
    }
    return { userId, sessionId, ...session.user };
  });
}

/** Whether the workspace of this membership has signed its member out since the session began. */
export function isSignedOut({ signedOutAt }: { signedOutAt: Date | null }, { createdAt }: { createdAt: Date }): boolean {
  return signedOutAt !== null && createdAt <= signedOutAt;
}
