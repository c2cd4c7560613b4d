import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';
import { Slug } from '@gatehouse/policy/documents/definition';

import type { ServiceContext } from '../context.ts';
import { createNotFoundError, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

export const OpenContext = z.strictObject({
  userId: z.uuid(),
  tenantSlug: Slug,
  requestId: z.string().max(100),
  /** by which the person acts; left out where somebody acts without one */
  sessionId: z.uuid().optional(),
});
export type OpenContext = z.input<typeof OpenContext>;

/** The person has a password that somebody else chose, and chooses one before anything else. */
export class PasswordDueError extends ServiceError {
  constructor() {
    super('precondition', 'Somebody else chose your password. Choose one of your own first, under Account.');
  }
}

/**
 * The context in which a signed-in person acts in one workspace. Throws `not_found` alike for a workspace that does not exist and for one
 * that the person does not belong to, and for a session that has ended: it opens nothing that was joined since. PasswordDueError before the person has chosen a password.
 */
export async function openContext({ runtime, input }: { runtime: Runtime; input: OpenContext }): Promise<ServiceContext> {
  const parsed = OpenContext.safeParse(input);
  if (!parsed.success) throw createNotFoundError('workspace');
  const { userId, tenantSlug, requestId, sessionId } = parsed.data;
  const live = { revokedAt: null, expiresAt: { gt: runtime.now() } };
  const membership = await runInLookup(runtime.db, { userId }, async (tx) => {
    if (sessionId !== undefined && (await tx.consoleSession.count({ where: { ...live, id: sessionId, userId } })) === 0)
      return null;
    return tx.membership.findFirst({
      where: { userId, endedAt: null, tenant: { slug: tenantSlug } },
      select: { id: true, role: true, tenantId: true, user: { select: { disabledAt: true, passwordDue: true } } },
    });
  });
  if (!membership || membership.user.disabledAt) throw createNotFoundError('workspace');
  if (membership.user.passwordDue) throw new PasswordDueError();
  const { id: membershipId, role, tenantId } = membership;
  return { runtime, tenantId, tenantSlug, actor: { kind: 'person', userId, membershipId, role }, requestId };
}
