import type { SignedEnvelope } from '@gatehouse/protocol/envelope';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';

/** Signed orders that wait for the agent that asks, oldest first. */
export async function listPendingDiscoveries({
  ctx,
}: {
  ctx: ServiceContext;
}): Promise<{ discoveryId: string; envelope: SignedEnvelope }[]> {
  authorize(ctx, 'discovery.report');
  const rows = await read(ctx, (tx) =>
    tx.discovery.findMany({
      where: { tenantId: ctx.tenantId, agentId: getActorId(ctx.actor), status: 'waiting', expiresAt: { gt: ctx.runtime.now() } },
      orderBy: { createdAt: 'asc' },
    }),
  );
  return rows.map(({ id, payload, signature, keyId }) => ({
    discoveryId: id,
    envelope: {
      payloadType: 'application/vnd.gatehouse.discovery+json',
      payload: Buffer.from(payload).toString('base64'),
      keyId,
      signature: Buffer.from(signature).toString('base64'),
    },
  }));
}
