import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';

export const QuarantineAgent = z.strictObject({
  /** epoch_reused: a connection number came twice; replaced_alive: the older of two connections still answered */
  reason: z.enum(['epoch_reused', 'replaced_alive']),
});
export type QuarantineAgent = z.input<typeof QuarantineAgent>;

/**
 * Shuts the agent of `ctx` out because its key was copied: none of its connections is served again until it is revoked and enrolled anew.
 * The audit row names the control plane as the actor, not the agent.
 */
export async function quarantineAgent({ ctx, input }: { ctx: ServiceContext; input: QuarantineAgent }): Promise<void> {
  const system: ServiceContext = { ...ctx, actor: { kind: 'system', job: 'key-guard' } };
  authorize(system, 'agent.quarantine');
  const { reason } = parseInput(QuarantineAgent, input);
  const { tenantId, runtime } = ctx;
  const { agentId } = requireAgent(ctx);
  await mutate(system, async (m) => {
    const { count } = await m.tx.agent.updateMany({
      where: { tenantId, id: agentId, quarantinedAt: null, revokedAt: null },
      data: { quarantinedAt: runtime.now() },
    });
    if (count === 0) return m.reportUnchanged();
    await m.audit({ action: 'agent.quarantine', entityType: 'agent', entityId: agentId, after: { reason } });
    m.signal('agent', agentId);
  });
  runtime.log.warn({ tenantId, agentId, reason }, 'agent quarantined: its key was copied');
}
