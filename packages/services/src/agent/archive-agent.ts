import { z } from 'zod';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';

export const ArchiveAgent = z.strictObject({
  agentId: z.uuid(),
  /** receipts that had not arrived when it was last heard of are given up: they stay on its machine */
  withoutReceipts: z.boolean().default(false),
});
export type ArchiveAgent = z.input<typeof ArchiveAgent>;

export const RestoreAgent = z.strictObject({ agentId: z.uuid() });
export type RestoreAgent = z.input<typeof RestoreAgent>;

/**
 * Takes a revoked agent out of the lists; its receipts keep its name, and it can be brought back. Throws `not_found`, `precondition` for one that is
 * not revoked, or whose receipts had not all arrived as far as it said and nobody has given them up. Doing it twice changes nothing.
 */
export async function archiveAgent({ ctx, input }: { ctx: ServiceContext; input: ArchiveAgent }): Promise<void> {
  authorize(ctx, 'agent.manage');
  const { agentId, withoutReceipts } = parseInput(ArchiveAgent, input);
  await mutate(ctx, async (m) => {
    const { name, revokedAt, archivedAt, bufferedReceipts } = await lockAgent(m, ctx.tenantId, agentId);
    if (revokedAt === null)
      throw new ServiceError('precondition', `${name} is not revoked. Revoke it first: then it can be archived.`);
    if (archivedAt !== null) return m.reportUnchanged();
    if (bufferedReceipts > 0 && !withoutReceipts) {
      throw new ServiceError(
        'precondition',
        `${describeMissing(bufferedReceipts)} of ${name} had not arrived when it was last heard of. They stay on its machine, below former/ of its data directory. Keep them, then archive it without them.`,
      );
    }
    const lost = bufferedReceipts === 0 ? {} : { missingReceipts: bufferedReceipts };
    await setArchived(m, ctx, agentId, ctx.runtime.now());
    await m.audit({ action: 'agent.archive', entityType: 'agent', entityId: agentId, after: { name, ...lost } });
  });
}

/** Brings an archived agent back into the lists; it stays revoked. Throws `not_found`. Doing it twice changes nothing. */
export async function restoreAgent({ ctx, input }: { ctx: ServiceContext; input: RestoreAgent }): Promise<void> {
  authorize(ctx, 'agent.manage');
  const { agentId } = parseInput(RestoreAgent, input);
  await mutate(ctx, async (m) => {
    const { name, archivedAt } = await lockAgent(m, ctx.tenantId, agentId);
    if (archivedAt === null) return m.reportUnchanged();
    await setArchived(m, ctx, agentId, null);
    await m.audit({ action: 'agent.restore', entityType: 'agent', entityId: agentId, after: { name } });
  });
}

const describeMissing = (count: number): string => (count === 1 ? '1 receipt' : `${count} receipts`);

async function lockAgent({ tx }: Mutation, tenantId: string, id: string) {
  await tx.$executeRaw`select 1 from agent where tenant_id = ${tenantId}::uuid and id = ${id}::uuid for update`;
  const agent = await tx.agent.findUnique({ where: { tenantId_id: { tenantId, id } } });
  if (!agent) throw createNotFoundError('agent');
  return agent;
}

async function setArchived(m: Mutation, { tenantId }: ServiceContext, id: string, archivedAt: Date | null): Promise<void> {
  await m.tx.agent.update({ where: { tenantId_id: { tenantId, id } }, data: { archivedAt } });
  m.signal('agent', id);
}
