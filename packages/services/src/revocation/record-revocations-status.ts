import type { z } from 'zod';

import { RevocationsStatus } from '@gatehouse/protocol/revocations';

import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { requireAgent, type ServiceContext } from '../context.ts';
import { parseReport } from '../errors.ts';

export const RecordRevocationsStatus = RevocationsStatus.pick({ count: true, root: true });
export type RecordRevocationsStatus = z.input<typeof RecordRevocationsStatus>;

/** Keeps what the agent's revocation log holds, when that is something else than it was, and since when. */
export async function recordRevocationsStatus({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RecordRevocationsStatus;
}): Promise<void> {
  authorize(ctx, 'revocation.report');
  const { count, root } = parseReport(RecordRevocationsStatus, input);
  const { agentId } = requireAgent(ctx);
  const { tenantId, runtime } = ctx;
  const said = { revocationCount: Math.min(count, 2_147_483_647), revocationRoot: root };
  await mutate(
    ctx,
    async (m) => {
      const { count: changed } = await m.tx.agent.updateMany({
        where: { tenantId, id: agentId, OR: [{ revocationRoot: null }, { NOT: said }] },
        data: { ...said, revocationsAt: runtime.now() },
      });
      if (changed > 0) m.signal('agent', agentId);
    },
    { audited: false },
  );
}
