import { z } from 'zod';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { applyToEach, ManyIds, type ManyOutcome } from '../list/apply-to-each.ts';
import { writeRevocations } from '../revocation/write-revocations.ts';

export const RevokeAgent = z.strictObject({ agentId: z.uuid() });
export type RevokeAgent = z.input<typeof RevokeAgent>;

/** Ends an agent's identity for good: its connection is closed at once and never accepted again. Doing it twice changes nothing. */
export async function revokeAgent({ ctx, input }: { ctx: ServiceContext; input: RevokeAgent }): Promise<void> {
  authorize(ctx, 'agent.manage');
  const { agentId } = parseInput(RevokeAgent, input);
  const { tenantId } = ctx;
  await mutate(ctx, async (m) => {
    const { count } = await m.tx.agent.updateMany({
      where: { tenantId, id: agentId, revokedAt: null },
      data: { revokedAt: ctx.runtime.now() },
    });
    const agent = await m.tx.agent.findUnique({
      where: { tenantId_id: { tenantId, id: agentId } },
      select: { name: true, siteId: true },
    });
    if (!agent) throw createNotFoundError('agent');
    if (count === 0) return m.reportUnchanged();
    const auditId = createActId();
    await m.audit({ id: auditId, action: 'agent.revoke', entityType: 'agent', entityId: agentId, after: agent });
    await writeRevocations(m, ctx, [{ act: 'end', subject: { kind: 'agent', id: agentId }, auditId }]);
    m.signal('agent', agentId);
  });
}

export const RevokeAgents = z.strictObject({ ids: ManyIds });
export type RevokeAgents = z.input<typeof RevokeAgents>;

/** Revokes each of several agents. */
export async function revokeAgents({ ctx, input }: { ctx: ServiceContext; input: RevokeAgents }): Promise<ManyOutcome> {
  authorize(ctx, 'agent.manage');
  const { ids } = parseInput(RevokeAgents, input);
  return applyToEach(ids, (id) => revokeAgent({ ctx, input: { agentId: id } }));
}
