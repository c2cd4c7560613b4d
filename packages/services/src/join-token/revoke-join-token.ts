import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../list/apply-to-each.ts';

export const RevokeJoinToken = z.strictObject({ id: z.uuid() });
export type RevokeJoinToken = z.input<typeof RevokeJoinToken>;

/** Ends a token before its time. Throws `conflict` when it was used: then the agent itself has to be revoked. */
export async function revokeJoinToken({ ctx, input }: { ctx: ServiceContext; input: RevokeJoinToken }): Promise<void> {
  authorize(ctx, 'agent.manage');
  const { id } = parseInput(RevokeJoinToken, input);
  const { tenantId } = ctx;
  await mutate(ctx, async (m) => {
    const { count } = await m.tx.joinToken.updateMany({
      where: { tenantId, id, usedAt: null, revokedAt: null },
      data: { revokedAt: ctx.runtime.now() },
    });
    const token = await m.tx.joinToken.findUnique({ where: { tenantId_id: { tenantId, id } } });
    if (!token) throw createNotFoundError('join token');
    if (token.usedAt) throw new ServiceError('conflict', 'This token was used already. Revoke the agent that it enrolled.');
    if (count === 0) return m.reportUnchanged();
    await m.audit({ action: 'join_token.revoke', entityType: 'join_token', entityId: id, after: { agentName: token.agentName } });
    m.signal('join_token', id);
  });
}

export const RevokeJoinTokens = z.strictObject({ ids: ManyIds });
export type RevokeJoinTokens = z.input<typeof RevokeJoinTokens>;

/** Ends each of several tokens. */
export async function revokeJoinTokens({ ctx, input }: { ctx: ServiceContext; input: RevokeJoinTokens }): Promise<ManyOutcome> {
  authorize(ctx, 'agent.manage');
  const { ids } = parseInput(RevokeJoinTokens, input);
  return applyToEach(ids, (id) => revokeJoinToken({ ctx, input: { id } }));
}
