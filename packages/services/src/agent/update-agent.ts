import { z } from 'zod';

import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import { AgentName } from '@gatehouse/policy/documents/definition';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { countEdit, SeenRevision } from '../edit-lock.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import { AgentLabels } from './labels.ts';

export const UpdateAgent = z.strictObject({
  agentId: z.uuid(),
  name: AgentName,
  /** all of them: what is left out is gone */
  labels: AgentLabels,
  revision: SeenRevision,
});
export type UpdateAgent = z.input<typeof UpdateAgent>;

/**
 * Changes what an agent is called and its labels. The agent hears of its name with its next connection and goes on as it is. Throws `not_found`,
 * `conflict` for a name that another agent of the site has, and EditConflictError when somebody else was first.
 */
export async function updateAgent({ ctx, input }: { ctx: ServiceContext; input: UpdateAgent }): Promise<{ revision: number }> {
  authorize(ctx, 'agent.manage');
  const { agentId, name, labels, revision: seen } = parseInput(UpdateAgent, input);
  const { tenantId } = ctx;
  const where = { tenantId_id: { tenantId, id: agentId } };
  return mutate(ctx, async (m) => {
    await m.tx.$executeRaw`select 1 from agent where tenant_id = ${tenantId}::uuid and id = ${agentId}::uuid for update`;
    const agent = await m.tx.agent.findUnique({ where });
    if (!agent) throw createNotFoundError('agent');
    const before = { name: agent.name, labels: AgentLabels.parse(agent.labels) };
    const after = { name, labels };
    if (toCanonicalJson(before) === toCanonicalJson(after)) {
      m.reportUnchanged();
      return { revision: agent.revision };
    }
    const revision = await countEdit(m.tx, ctx, {
      kind: 'agent',
      noun: 'agent',
      id: agentId,
      seen,
      actions: ['agent.update'],
      readPresent: () => before,
    });
    const other = { tenantId, siteId: agent.siteId, name, revokedAt: null, id: { not: agentId } };
    if (agent.revokedAt === null && (await m.tx.agent.count({ where: other })) > 0) {
      const message = `Another agent of this site is named ${name}. Choose another name.`;
      throw new ServiceError('conflict', message, { field: 'name' });
    }
    await m.tx.agent.update({ where, data: after });
    await m.audit({ action: 'agent.update', entityType: 'agent', entityId: agentId, before, after });
    m.signal('agent', agentId);
    return { revision };
  });
}
