import { z } from 'zod';

import { runInLookup, runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { Slug } from '@gatehouse/policy/documents/definition';

import type { ServiceContext } from '../context.ts';
import { createNotFoundError, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { isSignedOut } from './check-session.ts';

export const OpenContext = z.strictObject({
  userId: z.uuid(),
  tenantSlug: Slug,
  requestId: z.string().max(100),
  /** by which the person acts; left out where somebody acts without one */
  sessionId: z.uuid().optional(),
});
export type OpenContext = z.input<typeof OpenContext>;

/** The person has a password that somebody else chose or wants changed, and chooses one before anything else. */
export class PasswordDueError extends ServiceError {
  constructor() {
    super(
      'precondition',
      'Somebody else chose your password, or has asked that you change it. Choose one of your own first, under Account.',
    );
  }
}

/** The session has ended, or the workspace has signed its member out since it began. */
export class SessionEndedError extends ServiceError {
  constructor() {
    super('not_permitted', 'Your session has ended. Sign in again.');
  }
}

/**
 * The context in which a signed-in person acts in one workspace. Throws `not_found` alike for a workspace that does not exist and for one
 * that the person does not belong to, SessionEndedError for a session that is over here, PasswordDueError before the person has chosen a password.
 */
export async function openContext({ runtime, input }: { runtime: Runtime; input: OpenContext }): Promise<ServiceContext> {
  const parsed = OpenContext.safeParse(input);
  if (!parsed.success) throw createNotFoundError('workspace');
  const { userId, tenantSlug, requestId, sessionId } = parsed.data;
  const { membership, isOver } = await runInLookup(runtime.db, { userId }, async (tx) => {
    const found = await tx.membership.findFirst({
      where: { userId, endedAt: null, tenant: { slug: tenantSlug } },
      select: {
        id: true,
        role: true,
        readsValues: true,
        tenantId: true,
        signedOutAt: true,
        lastSeenAt: true,
        user: { select: { disabledAt: true, passwordDue: true } },
      },
    });
    return { membership: found, isOver: sessionId !== undefined && (await isSessionOver(tx, runtime, sessionId, found)) };
  });
  if (isOver) throw new SessionEndedError();
  if (!membership || membership.user.disabledAt) throw createNotFoundError('workspace');
  if (membership.user.passwordDue) throw new PasswordDueError();
  const { id: membershipId, role, readsValues, tenantId } = membership;
  if (sessionId !== undefined) await keepLastSeen(runtime, membership);
  return { runtime, tenantId, tenantSlug, actor: { kind: 'person', userId, membershipId, role, readsValues }, requestId };
}

/** A session that a workspace has signed out is ended as a whole when it comes back there: the person signs in again, for all of them. */
async function isSessionOver(
  tx: TenantTx,
  runtime: Runtime,
  sessionId: string,
  membership: { signedOutAt: Date | null } | null,
): Promise<boolean> {
  const now = runtime.now();
  const live = { id: sessionId, revokedAt: null, expiresAt: { gt: now } };
  const session = await tx.consoleSession.findFirst({ where: live, select: { createdAt: true } });
  if (!session) return true;
  if (!membership || !isSignedOut(membership, session)) return false;
  await tx.consoleSession.updateMany({ where: live, data: { revokedAt: now } });
  return true;
}

const SEEN_EVERY_MS = 60_000;

/** For the workspace's list of members, which says nothing of what a person does in others. */
async function keepLastSeen(
  runtime: Runtime,
  { id, tenantId, lastSeenAt }: { id: string; tenantId: string; lastSeenAt: Date | null },
): Promise<void> {
  const now = runtime.now();
  if (lastSeenAt !== null && now.getTime() - lastSeenAt.getTime() < SEEN_EVERY_MS) return;
  await runInTenant(runtime.db, tenantId, (tx) =>
    tx.membership.updateMany({ where: { tenantId, id }, data: { lastSeenAt: now } }),
  );
}
