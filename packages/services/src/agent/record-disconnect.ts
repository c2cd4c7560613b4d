import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseReport } from '../errors.ts';

export const RecordDisconnect = z.strictObject({
  /** of the connection that ended: when a newer one has taken over, nothing is recorded */
  epoch: z.int().positive(),
});
export type RecordDisconnect = z.input<typeof RecordDisconnect>;

/** Keeps when the agent's newest connection ended. */
export async function recordDisconnect({ ctx, input }: { ctx: ServiceContext; input: RecordDisconnect }): Promise<void> {
  authorize(ctx, 'agent.connect');
  const { epoch } = parseReport(RecordDisconnect, input);
  const { agentId } = requireAgent(ctx);
  await mutate(
    ctx,
    async (m) => {
      const { count } = await m.tx.agent.updateMany({
        where: { tenantId: ctx.tenantId, id: agentId, connectionEpoch: BigInt(epoch), disconnectedAt: null },
        data: { disconnectedAt: ctx.runtime.now() },
      });
      if (count > 0) m.signal('agent', agentId);
    },
    { audited: false },
  );
}
